"""Language models behind one protocol; the server is anything that speaks OpenAI's chat API."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from engine.errors import ModelUnavailable
from engine.generation.prompts import Message
from engine.settings import LanguageModelSettings

TOKENS_AT_MOST = 400
LINE_AT_MOST = 256 * 1024
"""Bytes of one server-sent line."""
DONE = "[DONE]"


class LanguageModel(Protocol):
    def stream(self, prompt: Sequence[Message]) -> AsyncGenerator[str, None]:
        """Pieces of the answer as they come, none of them empty, at least one.

        To be closed by whoever leaves early, so that the server stops writing too.

        Raises ModelUnavailable, also after pieces have come.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. The first piece waits for queue and prompt, so it is given its own."""

    connect: float = 3.0
    first: float = 15.0
    total: float = 60.0


class _Refused(Exception):
    """The server broke before any piece came: worth one more try."""


class ServerModel:
    """vLLM, or any other `/chat/completions` that streams. Owns its HTTP session."""

    def __init__(self, settings: LanguageModelSettings, deadlines: Deadlines = Deadlines()) -> None:
        self._settings = settings
        self._deadlines = deadlines
        self._session: aiohttp.ClientSession | None = None

    async def stream(self, prompt: Sequence[Message]) -> AsyncGenerator[str, None]:
        """A refused connection or a 5xx is tried once more; a slow server is not asked twice."""
        end = asyncio.get_running_loop().time() + self._deadlines.total
        try:
            first_try = self._pieces(prompt, end)
            async with aclosing(first_try):
                async for piece in first_try:
                    yield piece
            return
        except _Refused:
            pass
        try:
            second_try = self._pieces(prompt, end)
            async with aclosing(second_try):
                async for piece in second_try:
                    yield piece
        except _Refused as error:
            raise ModelUnavailable(f"the language model's server refused twice: {error}") from error

    async def alive(self) -> bool:
        """Whether the server answers at all; for /health, so it waits no longer than to connect."""
        url = f"{self._settings.base_url.rstrip('/')}/models"
        timeout = aiohttp.ClientTimeout(total=self._deadlines.connect)
        try:
            async with self._opened().get(url, timeout=timeout, allow_redirects=False) as response:
                return response.status < 500
        except (aiohttp.ClientError, OSError):
            return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _pieces(self, prompt: Sequence[Message], end: float) -> AsyncGenerator[str, None]:
        """One try. Raises _Refused before the first piece, ModelUnavailable otherwise."""
        loop = asyncio.get_running_loop()
        first = min(loop.time() + self._deadlines.first, end)
        came = False
        try:
            async with asyncio.timeout_at(first):
                response = await self._post(prompt)
            async with response:
                lines = response.content
                while (line := await _line(lines, end if came else first)) != DONE:
                    if piece := _piece(line):
                        came = True
                        yield piece
        except TimeoutError as error:
            raise ModelUnavailable("the language model's server is too slow") from error
        except (aiohttp.ClientError, OSError) as error:
            if came:
                raise ModelUnavailable("the connection broke in the middle of an answer") from error
            raise _Refused(type(error).__name__) from error
        if not came:
            raise ModelUnavailable("the language model said nothing")

    async def _post(self, prompt: Sequence[Message]) -> aiohttp.ClientResponse:
        url = f"{self._settings.base_url.rstrip('/')}/chat/completions"
        # A redirect would carry the key to another host.
        response = await self._opened().post(url, json=self._body(prompt), allow_redirects=False)
        if response.status == 200:
            return response
        response.release()
        if response.status >= 500 or response.status == 429:
            raise _Refused(f"status {response.status}")
        raise ModelUnavailable(f"the language model's server answered {response.status}")

    def _body(self, prompt: Sequence[Message]) -> dict[str, Any]:
        return {
            "model": self._settings.adapter or self._settings.model,
            "messages": [{"role": one.role, "content": one.content} for one in prompt],
            "stream": True,
            "max_tokens": TOKENS_AT_MOST,
            "temperature": 0.3,
        }

    def _opened(self) -> aiohttp.ClientSession:
        """The session belongs to the loop that is running, so it is made at the first question."""
        if self._session is None or self._session.closed:
            key = self._settings.api_key
            self._session = aiohttp.ClientSession(
                # The server queues better than a pool of 100 here: it sees who waits.
                connector=aiohttp.TCPConnector(limit=0),
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._deadlines.connect),
                read_bufsize=LINE_AT_MOST,
            )
        return self._session


async def _line(lines: aiohttp.StreamReader, deadline: float) -> str:
    """The next event's data. Raises ModelUnavailable where the stream ends without [DONE]."""
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                raw = await lines.readline()
        except (ValueError, HttpProcessingError) as error:
            raise ModelUnavailable("the language model's server sent an endless line") from error
        if not raw:
            raise ModelUnavailable("the language model's answer was cut off")
        if raw.startswith(b"data:"):
            return raw.removeprefix(b"data:").strip().decode("utf-8", "replace")


def _piece(line: str) -> str:
    """The text of one chunk, empty where it holds none (role, usage). Raises ModelUnavailable."""
    try:
        chunk = json.loads(line)
        if "error" in chunk:
            raise ModelUnavailable("the language model's server broke off with an error")
        choices = chunk["choices"]
        return (choices[0]["delta"].get("content") or "") if choices else ""
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ModelUnavailable("the language model's server sent no chat completion") from error
