"""The addresses a sitemap lists (sitemaps.org): XML or a line each, packed or not, and the index
files above it. Only addresses of the sitemap's own host count, as the protocol has it."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from ingest.errors import InputRefused
from ingest.sources.fetching import Fetched, Fetcher

UNPACKED_AT_MOST: Final = 64 * 1024 * 1024
"""Bytes; the protocol allows 50 MB."""
FILES_AT_MOST: Final = 1000
"""Sitemaps below one index."""
DEEPEST: Final = 3


@dataclass(frozen=True, slots=True)
class Listing:
    addresses: tuple[str, ...]
    """Each once, in order."""
    foreign: int
    """Addresses of other hosts, left out."""


async def listed(fetcher: Fetcher, url: str) -> Listing:
    """Every address of the sitemap and those below it. Raises InputRefused (NotFetched too)."""
    host, waiting, seen = urlsplit(url).netloc, [(url, 0)], {url}
    addresses: dict[str, None] = {}
    foreign = 0
    while waiting:
        place, depth = waiting.pop(0)
        is_index, found = parsed(await fetcher.get(place, check=_sound))
        own = [address for address in found if urlsplit(address).netloc == host]
        foreign += len(found) - len(own)
        if not is_index:
            addresses |= dict.fromkeys(own)
            continue
        below = [address for address in own if address not in seen]
        if depth >= DEEPEST or len(seen) + len(below) > FILES_AT_MOST:
            raise InputRefused(f"{place}: 사이트맵이 너무 깊거나 {FILES_AT_MOST:,}개보다 많아요.")
        seen.update(below)
        waiting += [(address, depth + 1) for address in below]
    return Listing(tuple(addresses), foreign)


def _sound(answer: Fetched) -> None:
    """What is no sitemap is not kept: it may be one tomorrow."""
    if answer.status == 200:
        parsed(answer)


def parsed(fetched: Fetched) -> tuple[bool, list[str]]:
    """Whether it is an index, and its addresses. Raises InputRefused."""
    body = _unpacked(fetched).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not body.startswith(b"<"):
        return False, _web(body.decode("utf-8", "replace").split())
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise InputRefused(f"{fetched.url}: 사이트맵(XML)으로 읽을 수 없어요.") from error
    kind = root.tag.rpartition("}")[2]
    if kind not in ("urlset", "sitemapindex"):
        raise InputRefused(
            f"{fetched.url}: 사이트맵은 <urlset>이나 <sitemapindex>여야 하는데 <{kind}>이에요."
        )
    places = (place.text or "" for entry in root for place in entry if _is_place(place.tag))
    return kind == "sitemapindex", _web(places)


def _is_place(tag: object) -> bool:
    return isinstance(tag, str) and tag.rpartition("}")[2] == "loc"


def _web(places: Iterator[str] | list[str]) -> list[str]:
    found = (place.strip() for place in places)
    return [place for place in found if urlsplit(place).scheme in ("http", "https")]


def _unpacked(fetched: Fetched) -> bytes:
    if not fetched.body.startswith(b"\x1f\x8b"):
        return fetched.body
    try:
        with gzip.open(io.BytesIO(fetched.body)) as file:
            body = file.read(UNPACKED_AT_MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputRefused(f"{fetched.url}: 사이트맵의 압축(gzip)을 풀 수 없어요.") from error
    if len(body) > UNPACKED_AT_MOST:
        most = UNPACKED_AT_MOST // 1024**2
        raise InputRefused(f"{fetched.url}: 사이트맵이 너무 커요(최대 {most}MB).")
    return body
