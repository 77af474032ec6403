"""What stops an ingest."""


class InputRefused(Exception):
    """The operator's input cannot be used: which file, which line, what was expected."""
