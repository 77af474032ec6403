import pandas as pd

# Where pyarrow is installed pandas would keep text in Arrow's buffers, and otherwise as Python's
# own strings: other errors (a lone surrogate fails at the first touch), other memory and other
# speed, by an optional package. Here and nowhere else, so that every frame is the same everywhere.
pd.set_option("mode.string_storage", "python")
