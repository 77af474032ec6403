"""Counted links: what leads where, and how often a day it was followed."""

from collections import OrderedDict
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, Executable, bindparam, select

from engine.advertising import SEOUL
from engine.store.database import Database, upserting
from engine.store.tables import ID_AT_MOST, ClickRow, LinkRow

REMEMBERED: Final = 10_000
"""Ids kept beside the store."""


class Links:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: OrderedDict[tuple[str, str], int] = OrderedDict()

    async def address_of(self, source: str, url: str) -> int:
        """The id of the link to `url` on `source` («product 12», «broadcast 3»).

        Raises ValueError unless `url` is http(s), StoreUnavailable where it cannot be kept.
        """
        if not _leads_out(url):
            raise ValueError("a counted link leads to http or https")
        known = self._ids.get((source, url))
        if known is None:
            known = await self._look_up(source, url)
            self._ids[source, url] = known
            if len(self._ids) > REMEMBERED:
                self._ids.popitem(last=False)
        return known

    async def follow(self, link: int, at: datetime) -> str | None:
        """The address, the click counted on its day of Seoul; None for no link."""
        if not 0 < link <= ID_AT_MOST:
            return None

        def followed(connection: Connection) -> str | None:
            url: str | None = connection.execute(_ADDRESS, {"link": link}).scalar_one_or_none()
            if url is None or not _leads_out(url):
                return None
            day = at.astimezone(SEOUL).date()
            counted = _counting(connection.dialect.name)
            connection.execute(counted, {"link_id": link, "day": day, "count": 1})
            return url

        return await self._database.transact(followed)

    async def address(self, link: int) -> str | None:
        """The address, nothing counted: of who only looks where it leads."""
        if not 0 < link <= ID_AT_MOST:
            return None
        url = await self._database.look(
            lambda connection: connection.execute(_ADDRESS, {"link": link}).scalar_one_or_none()
        )
        return url if url is not None and _leads_out(url) else None

    async def _look_up(self, source: str, url: str) -> int:
        named = {"its_source": source, "its_url": url}
        known: int | None = await self._database.look(
            lambda connection: connection.execute(_KNOWN, named).scalar_one_or_none()
        )
        return await self._keep(source, url) if known is None else known

    async def _keep(self, source: str, url: str) -> int:
        """Another process may have kept it meanwhile."""

        def kept(connection: Connection) -> int:
            row = {"source": source, "url": url}
            connection.execute(_keeping(connection.dialect.name), row)
            named = {"its_source": source, "its_url": url}
            return connection.execute(_KNOWN, named).scalar_one()

        return await self._database.transact(kept)


def _leads_out(url: str) -> bool:
    """http(s) with a host; nothing that a browser would take for a script or another header."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


_ADDRESS = select(LinkRow.url).where(LinkRow.id == bindparam("link"))
_KNOWN = select(LinkRow.id).where(
    LinkRow.source == bindparam("its_source"), LinkRow.url == bindparam("its_url")
)


@cache
def _keeping(dialect: str) -> Executable:
    return upserting(dialect, LinkRow).on_conflict_do_nothing()


@cache
def _counting(dialect: str) -> Executable:
    row = upserting(dialect, ClickRow)
    return row.on_conflict_do_update(
        index_elements=["link_id", "day"], set_={"count": ClickRow.count + row.excluded["count"]}
    )
