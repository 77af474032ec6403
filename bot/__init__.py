"""The messenger."""

import os

# Read once, when numpy is first imported. A request is a small thing in one of several threads:
# BLAS threads of its own would only spin for the same cores, at twice the processor time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
