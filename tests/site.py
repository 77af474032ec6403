"""A small web site on 127.0.0.1 that answers as it is told, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web


@dataclass(frozen=True)
class Answer:
    body: bytes | str = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
    """The line goes dead instead."""

    @classmethod
    def json(cls, told: Any, status: int = 200) -> "Answer":
        return cls(json.dumps(told, ensure_ascii=False), status, "application/json; charset=utf-8")

    @classmethod
    def to(cls, location: str, status: int = 302) -> "Answer":
        return cls(status=status, headers={"Location": location})


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw_query: str

    @property
    def what(self) -> str:
        """The whole address without its host."""
        return f"{self.path}?{self.raw_query}" if self.raw_query else self.path


@dataclass
class Site:
    address: str = ""
    port: int = 0
    asked: list[Request] = field(default_factory=list)
    pages: dict[str, Answer | Callable[[Request], Answer]] = field(default_factory=dict)
    """Path → its answer; 404 where there is none."""
    troubles: dict[str, list[Answer]] = field(default_factory=dict)
    """Path → what its next requests are answered with first."""
    stuck_at: int | None = None
    """The request of this number, from 0, hangs until the client is gone, and `stuck` is set."""
    stuck: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        asked = Request(
            request.path,
            dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)),
            dict(request.headers),
            request.rel_url.raw_query_string,
        )
        self.asked.append(asked)
        if self.stuck_at is not None and len(self.asked) == self.stuck_at + 1:
            self.stuck.set()
            await asyncio.sleep(60)
        waiting = self.troubles.get(asked.path)
        found = waiting.pop(0) if waiting else self.pages.get(asked.path, Answer(status=404))
        answer = found(asked) if callable(found) else found
        if answer.dropped:
            assert request.transport is not None
            request.transport.abort()
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = {"Content-Type": answer.kind} | answer.headers
        return web.Response(body=body, status=answer.status, headers=headers)


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    own = Site()
    app = web.Application()
    app.router.add_route("GET", "/{rest:.*}", own.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    try:
        own.port = runner.addresses[0][1]
        own.address = f"http://127.0.0.1:{own.port}"
        yield own
    finally:
        await runner.cleanup()
