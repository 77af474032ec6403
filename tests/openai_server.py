"""A small OpenAI-compatible server on 127.0.0.1 that misbehaves as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
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
    until: asyncio.Event | None = None
    """Say nothing before this is set."""


@dataclass(frozen=True)
class Fails:
    status: int


@dataclass(frozen=True)
class Sends:
    """These bytes as the event stream."""

    body: bytes


@dataclass(frozen=True)
class Chooses:
    """One whole message, not streamed."""

    content: str | None


@dataclass(frozen=True)
class Replies:
    """By what it is asked: streamed where that is asked for, and nothing for ever to None."""

    by: Callable[[dict[str, Any]], str | None]


Behaviour = Speaks | Fails | Sends | Chooses | Replies


@dataclass
class OpenAIServer:
    """Answers each request with the next behaviour, the last one for good."""

    behaviours: list[Behaviour]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client went away in the middle of an answer."""
    base_url: str = ""
    adapters: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    """What was loaded at run time."""
    loads: bool = True
    """Adapters can be loaded at run time; else the server has no such route."""

    async def models(self, _: web.Request) -> web.Response:
        base = {"id": "base", "parent": None}
        loaded = [{"id": name, "parent": "base"} for name in self.adapters]
        return web.json_response({"object": "list", "data": [base, *loaded]})

    async def load(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not self.loads:
            return web.json_response({"detail": "Not Found"}, status=404)
        if body["lora_name"] in self.adapters:
            return _refused("has already been loaded", 400)
        self.adapters.append(body["lora_name"])
        self.folders.append(body["lora_path"])
        return web.Response(text="Success: LoRA adapter added successfully.")

    async def unload(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not self.loads:
            return web.json_response({"detail": "Not Found"}, status=404)
        if body["lora_name"] not in self.adapters:
            return _refused("cannot be found", 404)
        self.adapters.remove(body["lora_name"])
        return web.Response(text="Success: LoRA adapter removed successfully.")

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        place = min(len(self.requests), len(self.behaviours)) - 1
        match self.behaviours[place]:
            case Fails(status):
                return web.Response(status=status)
            case Sends(body):
                return web.Response(body=body, content_type="text/event-stream")
            case Chooses(content):
                message = {"role": "assistant", "content": content}
                return web.json_response({"choices": [{"message": message}]})
            case Speaks() as speech:
                return await self._speak(request, speech)
            case Replies(by):
                return await self._reply(request, by(self.requests[-1]))

    async def _reply(self, request: web.Request, text: str | None) -> web.StreamResponse:
        if text is None:
            return await self._speak(request, Speaks((), until=asyncio.Event()))
        if self.requests[-1].get("stream"):
            return await self._speak(request, Speaks((text,)))
        message = {"role": "assistant", "content": text}
        return web.json_response({"choices": [{"message": message}]})

    async def _speak(self, request: web.Request, speech: Speaks) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            await asyncio.sleep(speech.before_first)
            if speech.until is not None:
                await speech.until.wait()
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
    app.router.add_get("/v1/models", server.models)
    app.router.add_post("/v1/load_lora_adapter", server.load)
    app.router.add_post("/v1/unload_lora_adapter", server.unload)
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


def _refused(message: str, code: int) -> web.Response:
    """As vLLM says it."""
    error = {"message": message, "type": "InvalidUserInput", "param": None, "code": code}
    return web.json_response({"error": error}, status=code)


def _event(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
