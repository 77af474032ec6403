"""Photos that people send: fetched by their channel's own way, read, and forgotten."""

from collections.abc import Awaitable, Callable, Mapping

Fetch = Callable[[str], Awaitable[bytes]]
"""The photo that its channel calls so. Raises PhotoGone."""
Photos = Mapping[str, Fetch]
"""By the channel."""


class PhotoGone(Exception):
    """The channel does not bring the photo (any more), or it is too large."""
