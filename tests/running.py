"""The real bot as a process of its own, and a page's socket without the page."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import aiohttp

ROOT = Path(__file__).parents[1]
NAMESPACE = UUID("5f0d6f0e-7f3c-4bb4-9a52-6d6f3b1f2c11")
STARTED = re.compile(r"뽀야미가 준비됐어요: (\S+)")


def database_url(artifacts: Path) -> str:
    return f"sqlite+aiosqlite:///{artifacts}/ppoyami.db"


def environment(artifacts: Path, **settings: str) -> dict[str, str]:
    """This process's environment with the project's settings put there, and no others."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PPOYAMI_")}
    return own | {
        "PPOYAMI_ARTIFACTS": str(artifacts),
        "PPOYAMI_DATABASE_URL": database_url(artifacts),
        **{f"PPOYAMI_{name}": value for name, value in settings.items()},
    }


@dataclass
class RunningBot:
    """`python -m bot`; killed for good by `kill`, asked to stop by `stop`."""

    artifacts: Path
    settings: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    address: str = ""
    output: list[str] = field(default_factory=list)
    _process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when the address is printed; raises with the output where the bot ends first."""
        settings = {"WEB__PORT": "0", **self.settings}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *self.arguments,
            cwd=ROOT,
            env=environment(self.artifacts, **settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(60):
            async for line in self._lines():
                if found := STARTED.search(line):
                    self.address = found[1]
                    break
            else:
                await self._process.wait()
                raise RuntimeError("".join(self.output))
        self._reading = asyncio.create_task(self._read_on())

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        assert self._reading is not None
        if self._process.returncode is None:
            self._process.send_signal(how)
        status = await self._process.wait()
        await self._reading
        return status

    async def _read_on(self) -> None:
        async for _ in self._lines():
            pass

    async def _lines(self) -> AsyncIterator[str]:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.output.append(line.decode())
            yield self.output[-1]


@asynccontextmanager
async def running_bot(artifacts: Path, **settings: str) -> AsyncIterator[RunningBot]:
    bot = RunningBot(artifacts, settings)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()


@dataclass
class WebPerson:
    """Someone at the page: a cookie that outlives the server, event ids made in order."""

    name: str
    cookie: str = ""
    screens: list[dict[str, Any]] = field(default_factory=list)
    """The bubbles and cards of the last event that was answered."""
    said: list[str] = field(default_factory=list)
    _count: int = 0

    @property
    def labels(self) -> list[str]:
        """The buttons on the screen."""
        rows = [row for screen in self.screens for row in screen["rows"]]
        return [button["label"] for row in rows for button in row]

    async def says(self, bot: RunningBot, text: str) -> list[dict[str, Any]]:
        return await self._answered(bot, self.saying(text))

    async def presses(self, bot: RunningBot, label: str) -> list[dict[str, Any]]:
        return await self._answered(bot, self.pressing(label))

    def saying(self, text: str) -> dict[str, Any]:
        return {"type": "say", "id": self._id(), "text": text}

    def pressing(self, label: str) -> dict[str, Any]:
        """The first button of that label on the screen."""
        for screen in self.screens:
            for button in (button for row in screen["rows"] for button in row):
                if button["label"].removeprefix("✅ ") == label:
                    return {
                        "type": "press",
                        "id": self._id(),
                        "action": button["action"],
                        "bubble": screen["id"] if screen["type"] == "bubble" else None,
                    }
        raise AssertionError(f"no button {label!r} on {self.screens}")

    async def sends(
        self, bot: RunningBot, event: dict[str, Any], *, again: bool = False
    ) -> list[dict[str, Any]]:
        """Send one event over a new line and return what was shown; `again` after a cut line."""
        async with self._line(bot) as socket:
            pending = [event["id"]] if again else []
            await socket.send_json({"type": "hello", "fresh": False, "pending": pending})
            await socket.send_json(event)
            shown = []
            while (frame := json.loads((await socket.receive(60)).data))["type"] != "ack":
                assert frame["type"] != "error", frame
                shown.append(frame)
        return shown

    async def drops(self, bot: RunningBot, event: dict[str, Any]) -> None:
        """Send one event and hang up without waiting for the answer."""
        async with self._line(bot) as socket:
            await socket.send_json({"type": "hello", "fresh": False, "pending": []})
            await socket.send_json(event)

    async def _answered(self, bot: RunningBot, event: dict[str, Any]) -> list[dict[str, Any]]:
        shown = await self.sends(bot, event)
        self.sees(shown)
        return shown

    def sees(self, shown: list[dict[str, Any]]) -> None:
        screens = [frame for frame in shown if frame["type"] in {"bubble", "card"}]
        self.screens = screens or self.screens

    @asynccontextmanager
    async def _line(self, bot: RunningBot) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with aiohttp.ClientSession() as session:
            if not self.cookie:
                async with session.get(bot.address) as response:
                    self.cookie = response.cookies["ppoyami"].value
            headers = {"Origin": bot.address, "Cookie": f"ppoyami={self.cookie}"}
            async with session.ws_connect(f"{bot.address}/ws", headers=headers) as socket:
                yield socket

    def _id(self) -> str:
        self._count += 1
        return str(uuid5(NAMESPACE, f"{self.name} {self._count}"))


def told(shown: list[dict[str, Any]]) -> list[str]:
    """What a person reads of it: texts and labels, without ids and progress."""
    lines = []
    for frame in shown:
        if frame["type"] == "bubble":
            lines.append(frame["text"])
        elif frame["type"] == "card":
            lines.append(f"{frame['brand']} {frame['name']} | {frame['facts']} | {frame['note']}")
        elif frame["type"] == "toast":
            lines.append(f"({frame['text']})")
        if rows := frame.get("rows"):
            lines.append(" / ".join(button["label"] for row in rows for button in row))
    return lines
