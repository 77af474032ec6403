"""A small OpenAI-compatible server on 127.0.0.1 that misbehaves as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Speaks:
    """Streams the pieces as chat completion chunks."""

    pieces: Sequence[str]
    cut_after: int | None = None
    """Close the connection after so many pieces."""
    before_first: float = 0.0
    """Seconds of silence after the headers."""
    finishes: bool = True
    """Send «[DONE]»."""


@dataclass(frozen=True)
class Fails:
    status: int


@dataclass(frozen=True)
class Sends:
    """These bytes as the event stream."""

    body: bytes


Behaviour = Speaks | Fails | Sends


@dataclass
class OpenAIServer:
    """Answers each request with the next behaviour, the last one for good."""

    behaviours: list[Behaviour]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client went away in the middle of an answer."""
    base_url: str = ""

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        place = min(len(self.requests), len(self.behaviours)) - 1
        match self.behaviours[place]:
            case Fails(status):
                return web.Response(status=status)
            case Sends(body):
                return web.Response(body=body, content_type="text/event-stream")
            case Speaks() as speech:
                return await self._speak(request, speech)

    async def _speak(self, request: web.Request, speech: Speaks) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await asyncio.sleep(speech.before_first)
            await response.write(_event({"choices": [{"delta": {"role": "assistant"}}]}))
            for number, piece in enumerate(speech.pieces):
                if number == speech.cut_after:
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                await response.write(_event({"choices": [{"delta": {"content": piece}}]}))
                await asyncio.sleep(0)
            if speech.finishes:
                await response.write(b": a comment\n\ndata: [DONE]\n\n")
        except (ConnectionError, asyncio.CancelledError):
            self.left.set()
            raise
        return response


@asynccontextmanager
async def openai_server(*behaviours: Behaviour) -> AsyncIterator[OpenAIServer]:
    server = OpenAIServer(list(behaviours))
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.complete)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base_url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def _event(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
