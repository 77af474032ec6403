"""Language models behind one protocol; the server is anything that speaks OpenAI's chat API."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from engine.errors import AdapterRefused, LoadingOff, ModelBusy, ModelUnavailable, SaidNothing
from engine.generation.breaker import Breaker, ServerFailing
from engine.generation.line import Line, Place
from engine.generation.prompts import Message
from engine.settings import LanguageModelSettings

TOKENS_AT_MOST = 400
CHOICE_AT_MOST = 64
"""Tokens of a choice."""
LINE_AT_MOST = 256 * 1024
"""Bytes of one server-sent line."""
DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Queued:
    """The question waits for its turn."""

    ahead: int
    """So many have to be done before its turn comes; at least one."""


class LanguageModel(Protocol):
    @property
    def name(self) -> str:
        """The model's or adapter's, as its server knows it."""
        ...

    def stream(
        self,
        prompt: Sequence[Message],
        *,
        temperature: float | None = None,
        patience: float | None = None,
    ) -> AsyncGenerator[str | Queued, None]:
        """Pieces of the answer as they come, none of them empty, at least one; before them the
        place in the queue, again whenever it changes.

        `temperature`: None is the setting's. `patience`: seconds in all, the queue's included.

        To be closed by whoever leaves early, so that the server stops writing too.

        Raises ModelUnavailable, also after pieces have come; ModelBusy before any.
        """
        ...

    async def choose(self, prompt: Sequence[Message], choices: Sequence[str]) -> str:
        """One of the choices. Raises ModelUnavailable; ModelBusy at once where it would wait."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. The first piece waits for the prompt to be read, so it is given its own."""

    connect: float = 3.0
    first: float = 15.0
    total: float = 60.0
    choice: float = 5.0
    loading: float = 30.0
    """An adapter."""


class _Refused(Exception):
    """The server broke before any piece came: worth one more try."""


class ServerModel:
    """vLLM, or any other `/chat/completions` that streams. Owns its HTTP session."""

    def __init__(
        self,
        settings: LanguageModelSettings,
        deadlines: Deadlines = Deadlines(),
        breaker: Breaker | None = None,
    ) -> None:
        self._settings = settings
        self._deadlines = deadlines
        self._speaker = settings.adapter or settings.model
        self.missed: str | None = None
        """The model or adapter that the server did not know when it was last asked for it."""
        self._line = Line(settings.at_once, settings.queue)
        self._breaker = breaker or Breaker()
        self._session: aiohttp.ClientSession | None = None

    @property
    def name(self) -> str:
        return self._speaker

    @property
    def load(self) -> tuple[int, int]:
        """Questions (at the server, waiting)."""
        return self._line.inside, self._line.waiting

    @property
    def resting(self) -> bool:
        """It failed so often that it is left in peace."""
        return self._breaker.resting

    def speak_as(self, name: str) -> None:
        """From the next question on, the base model or an adapter of this name answers."""
        self._speaker = name

    async def stream(
        self,
        prompt: Sequence[Message],
        *,
        temperature: float | None = None,
        patience: float | None = None,
    ) -> AsyncGenerator[str | Queued, None]:
        """A refused connection or a 5xx is tried once more; a slow server is not asked twice."""
        self._breaker.check()
        end = _now() + (self._deadlines.total if patience is None else patience)
        with self._line.enter() as place:
            while ahead := place.ahead:
                yield Queued(ahead)
                await _turn(place, end - self._deadlines.first)
            body = self._body(prompt, temperature) | {"stream": True}
            with self._breaker.attempt():
                async with aclosing(self._answer(body, end)) as pieces:
                    async for piece in pieces:
                        yield piece

    async def choose(self, prompt: Sequence[Message], choices: Sequence[str]) -> str:
        """By vLLM's structured outputs (since 0.11; older ones take no notice of the field)."""
        self._breaker.check()
        body = self._body(prompt, 0.0) | {
            "max_tokens": CHOICE_AT_MOST,
            "structured_outputs": {"choice": list(choices)},
        }
        with self._line.hurry(), self._breaker.attempt():
            said = (await self._whole(body)).strip()
        if said not in choices:
            raise ModelUnavailable("the language model chose what was not to be chosen")
        return said

    async def adapters(self) -> tuple[str, ...]:
        """Those that the server has, in its order. Raises ModelUnavailable."""
        answer = await self._administer("GET", "models")
        try:
            return tuple(str(one["id"]) for one in answer["data"] if one.get("parent"))
        except (KeyError, TypeError, AttributeError) as error:
            raise ModelUnavailable("the language model's server lists no models") from error

    async def load_adapter(self, name: str, folder: Path) -> None:
        """`folder` as the server sees it. Raises AdapterRefused, ModelUnavailable."""
        asked = {"lora_name": name, "lora_path": str(folder)}
        await self._administer("POST", "load_lora_adapter", asked)

    async def unload_adapter(self, name: str) -> None:
        """Raises AdapterRefused, ModelUnavailable."""
        await self._administer("POST", "unload_lora_adapter", {"lora_name": name})

    async def health(self) -> str:
        """«ok», «down», or «resting»: it failed so often that it is not asked for a while."""
        if self.resting:
            return "resting"
        return "ok" if await self.alive() else "down"

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

    async def _answer(self, body: dict[str, Any], end: float) -> AsyncGenerator[str, None]:
        for last in (False, True):
            try:
                async with aclosing(self._pieces(body, end)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except _Refused as error:
                if last:
                    raise ServerFailing(
                        f"the language model's server refused twice: {error}"
                    ) from error

    async def _pieces(self, body: dict[str, Any], end: float) -> AsyncGenerator[str, None]:
        """One try. Raises _Refused before the first piece, ModelUnavailable otherwise."""
        first = min(_now() + self._deadlines.first, end)
        came = False
        try:
            async with asyncio.timeout_at(first):
                response = await self._post(body)
            async with response:
                lines = response.content
                while (line := await _line(lines, end if came else first)) != DONE:
                    if piece := _piece(line):
                        came = True
                        yield piece
        except TimeoutError as error:
            raise ServerFailing("the language model's server is too slow") from error
        except (aiohttp.ClientError, OSError) as error:
            if came:
                raise ServerFailing("the connection broke in the middle of an answer") from error
            raise _Refused(type(error).__name__) from error
        if not came:
            raise SaidNothing("the language model said nothing")

    async def _whole(self, body: dict[str, Any]) -> str:
        """A short answer, not streamed."""
        try:
            async with asyncio.timeout(self._deadlines.choice):
                async with await self._post(body) as response:
                    answer = json.loads(await response.content.read(LINE_AT_MOST))
            said = answer["choices"][0]["message"]["content"]
        except (TimeoutError, aiohttp.ClientError, OSError, _Refused) as error:
            raise ServerFailing("the language model's server chose nothing") from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ServerFailing("the language model's server sent no chat completion") from error
        return said if isinstance(said, str) else ""

    async def _administer(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        """JSON, or the text where it is none. Raises AdapterRefused, ModelUnavailable."""
        url = f"{self._settings.base_url.rstrip('/')}/{path}"
        timeout = aiohttp.ClientTimeout(total=self._deadlines.loading)
        try:
            async with self._opened().request(
                method, url, json=body, timeout=timeout, allow_redirects=False
            ) as response:
                told = _json(await response.content.read(LINE_AT_MOST))
        except (aiohttp.ClientError, OSError) as error:
            raise ModelUnavailable("the language model's server is not there") from error
        if response.status == 200:
            return told
        if body is None:
            raise ModelUnavailable(f"the language model's server answered {response.status}")
        if response.status in (404, 405) and not (isinstance(told, dict) and "error" in told):
            raise LoadingOff
        raise AdapterRefused(f"{path} was answered with {response.status}")

    async def _post(self, body: dict[str, Any]) -> aiohttp.ClientResponse:
        url = f"{self._settings.base_url.rstrip('/')}/chat/completions"
        # A redirect would carry the key to another host.
        response = await self._opened().post(url, json=body, allow_redirects=False)
        if response.status == 200:
            return response
        response.release()
        if response.status >= 500:
            raise _Refused(f"status {response.status}")
        if response.status == 429:
            raise ModelBusy("the language model's server has too many questions")
        if response.status == 404:
            self.missed = body["model"]
        raise ModelUnavailable(f"the language model's server answered {response.status}")

    def _body(self, prompt: Sequence[Message], temperature: float | None) -> dict[str, Any]:
        given = self._settings.temperature if temperature is None else temperature
        return {
            "model": self._speaker,
            "messages": [{"role": one.role, "content": one.content} for one in prompt],
            "max_tokens": TOKENS_AT_MOST,
            "temperature": given,
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


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _turn(place: Place, end: float) -> None:
    """Wait for a better place. Raises ModelBusy where too little time would be left to answer."""
    try:
        async with asyncio.timeout_at(end):
            await place.moved()
    except TimeoutError as error:
        raise ModelBusy(f"it waited too long with {place.ahead} ahead") from error


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


async def _line(lines: aiohttp.StreamReader, deadline: float) -> str:
    """The next event's data. Raises ServerFailing where the stream ends without [DONE]."""
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                raw = await lines.readline()
        except (ValueError, HttpProcessingError) as error:
            raise ServerFailing("the language model's server sent an endless line") from error
        if not raw:
            raise ServerFailing("the language model's answer was cut off")
        if raw.startswith(b"data:"):
            return raw.removeprefix(b"data:").strip().decode("utf-8", "replace")


def _piece(line: str) -> str:
    """The text of one chunk, empty where it holds none (role, usage). Raises ServerFailing."""
    try:
        chunk = json.loads(line)
        if "error" in chunk:
            raise ServerFailing("the language model's server broke off with an error")
        choices = chunk["choices"]
        return (choices[0]["delta"].get("content") or "") if choices else ""
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ServerFailing("the language model's server sent no chat completion") from error
