"""Links that are counted: `<public address>/go/<id>` in the place of where they lead."""

import logging

from engine.errors import StoreUnavailable
from engine.store.links import Links

logger = logging.getLogger(__name__)


class CountedLinks:
    """`counted(source, url)`: the address to show. What cannot be counted still leads there."""

    def __init__(self, links: Links, public_url: str) -> None:
        self._links = links
        self._base = public_url.rstrip("/")

    async def __call__(self, source: str, url: str) -> str:
        """`source`: what it stands on, «product 12» or «broadcast 3»."""
        try:
            return f"{self._base}/go/{await self._links.address_of(source, url)}"
        except StoreUnavailable as error:
            logger.warning("a link is not counted: %s", error)
        except ValueError:
            logger.warning("the link of %s is no web address and is not counted", source)
        return url
