"""Kakao's callback: the one POST of an answer that took longer than the skill may.

The address comes with a request, so it is not trusted: only hosts that the operator listed are
posted to, over TLS, without redirects, and never at a private address.

An entry of the list is a host, with its port where that is not 443 («bot-api.kakao.com»), or a
whole origin («http://127.0.0.1:9000»). Only an origin that is written out may be without TLS or at
a private address: that is for a server of one's own.
"""

import json
import logging
import re
from collections.abc import Iterable
from http import HTTPStatus
from ipaddress import ip_address
from socket import AF_INET, AddressFamily

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

POST_SECONDS = 5.0
"""An answer that Kakao has not taken by then counts as not handed over."""
REPLY_BYTES = 4096
JSON = {"Content-Type": "application/json; charset=utf-8"}
_ADDRESS = re.compile(r"https?://[!-~]{1,2040}")
"""Printable ASCII only: nothing that could break a request's first line."""

logger = logging.getLogger(__name__)


class Callbacks:
    def __init__(self, allowed: Iterable[str] = ()) -> None:
        entries = tuple(entry.lower().rstrip("/") for entry in allowed)
        self._origins = frozenset(entry for entry in entries if "://" in entry)
        self._hosts = frozenset(entry.removesuffix(":443") for entry in entries) - self._origins
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        exempt = frozenset(URL(origin).host or "" for origin in self._origins)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_PublicOnly(exempt), limit=0),
            timeout=aiohttp.ClientTimeout(total=POST_SECONDS),
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def allowed(self, address: str | None) -> URL | None:
        """The address where it is one that may be posted to."""
        if not address or not _ADDRESS.fullmatch(address):
            return None
        try:
            url = URL(address, encoded=True)
            origin = f"{url.scheme}://{(url.raw_authority or '').lower()}"
            named = url.user is not None or url.password is not None
        except ValueError:
            return None
        if named or "\\" in address:
            return None
        host = origin.removeprefix("https://").removesuffix(":443")
        return url if origin in self._origins or host in self._hosts else None

    async def post(self, url: URL, body: bytes) -> bool:
        """Whether Kakao took it. One attempt: the address is good for one use, and after a
        time-out nobody knows whether it was used."""
        if self._session is None:
            raise RuntimeError("open() comes first")
        try:
            async with self._session.post(
                url, data=body, headers=JSON, allow_redirects=False
            ) as response:
                told = await response.content.read(REPLY_BYTES)
                taken = response.status == HTTPStatus.OK and _taken(told)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # Neither the address nor the error's text: both hold the callback's token.
            logger.warning("a callback failed: %s", type(error).__name__)
            return False
        if not taken:
            logger.warning("a callback was refused with status %s", response.status)
        return taken


def _taken(told: bytes) -> bool:
    """What does not read as a refusal is none: {taskId, status: SUCCESS | FAIL | ERROR, …}."""
    try:
        answer = json.loads(told)
    except (ValueError, RecursionError):
        return True
    return not isinstance(answer, dict) or answer.get("status") not in ("FAIL", "ERROR")


class _PublicOnly(AbstractResolver):
    """Names that lead to a private address do not resolve."""

    def __init__(self, exempt: frozenset[str]) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._exempt = exempt

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host not in self._exempt and not all(_public(each["host"]) for each in found):
            raise OSError("the callback's host stands at a private address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _public(address: str) -> bool:
    return ip_address(address.partition("%")[0]).is_global
