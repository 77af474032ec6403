"""The real vLLM on the CPU with the real small base and two adapters: make test-llm."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.generation.model import Deadlines, Queued, ServerModel
from engine.generation.prompts import Message
from engine.retrieval.embedding import embedder
from engine.settings import EngineSettings, LanguageModelSettings
from engine.store.database import Database
from tests.running import ROOT
from training.serving import BASE_NAME, Serving, adapters, start, stop, tail, wait

ROWS = ROOT / "tests" / "llm" / "rows"
PATIENT = Deadlines(connect=10, first=240, total=480, choice=120, loading=120)
"""Nothing here asks how quick two cores are."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "llm" in config.getoption("-m"):
        return
    for item in items:
        if item.get_closest_marker("llm"):
            item.add_marker(pytest.mark.skip(reason="on demand: make test-llm"))


class Heard(ServerModel):
    """The bot's own client; what the model wrote is kept, for a person sees what the guards let."""

    def __init__(self, told: LanguageModelSettings) -> None:
        super().__init__(told, PATIENT)
        self.wrote = ""
        self.began = asyncio.Event()

    async def stream(
        self,
        prompt: Sequence[Message],
        *,
        temperature: float | None = None,
        patience: float | None = None,
    ) -> AsyncGenerator[str | Queued, None]:
        written = super().stream(prompt, temperature=temperature, patience=patience)
        async with aclosing(written) as pieces:
            async for piece in pieces:
                if isinstance(piece, str):
                    self.wrote += piece
                    self.began.set()
                yield piece


@dataclass
class Laptop:
    """`.llm` of this machine: its server is started when it is first asked for, or after a kill."""

    home: Path
    python: Path
    port: int
    _server: subprocess.Popen[bytes] | None = None
    _opened: list[Heard] = field(default_factory=list)

    @property
    def shelf(self) -> Path:
        return self.home / "test-adapters"

    @property
    def serving(self) -> Serving:
        return Serving(self.home / "base", adapters(self.shelf), self.port)

    def ready(self) -> None:
        if self._server is not None and self._server.poll() is None:
            return
        log = self.home / "test-serving.log"
        self._server = start(self.serving, log, self.python)
        assert wait(self.serving, self._server), tail(log, 30)

    def kill(self) -> None:
        """Server and engine at once, as a machine would take them."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()

    def speaks(self, name: str = BASE_NAME, *, at_once: int = 8, queue: int = 32) -> Heard:
        """Asked one after the other, the same question has the same answer: temperature 0."""
        told = LanguageModelSettings(
            f"{self.serving.url}/v1", BASE_NAME, name, at_once=at_once, queue=queue, temperature=0.0
        )
        self._opened.append(Heard(told))
        return self._opened[-1]

    def stop(self) -> None:
        if self._server is not None:
            stop(self._server)

    async def close(self) -> None:
        for model in self._opened:
            await model.close()
        self._opened.clear()


def train(python: Path, home: Path, name: str) -> None:
    """Kept for the next run."""
    out = home / "test-adapters" / name
    rows = ROWS / f"{name}.jsonl"
    made = out / "adapter_config.json"
    if made.exists() and made.stat().st_mtime > rows.stat().st_mtime:
        return
    command = f"{python} -m training.tiny --base {home / 'base'} --rows {rows} --out {out}"
    subprocess.run(command.split(), cwd=ROOT, check=True, env=os.environ | {"HF_HUB_OFFLINE": "1"})


@pytest.fixture(scope="session")
def started() -> Iterator[Laptop]:
    home = ROOT / os.environ.get("LLM_HOME", ".llm")
    python = ROOT / os.environ.get("LLM_PYTHON", ".llm/venv/bin/python")
    if not (home / "base").exists() or not python.exists():
        pytest.fail("make test-llm prepares the model first")
    for name in ("calm", "inventor"):
        train(python, home, name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    laptop = Laptop(home, python, port)
    yield laptop
    laptop.stop()


@pytest.fixture
async def laptop(started: Laptop) -> AsyncIterator[Laptop]:
    await asyncio.to_thread(started.ready)
    yield started
    await started.close()


@dataclass
class House:
    """The engine over the seed's index, with whatever model a test hands it."""

    artifacts: Path
    database: Database
    _engines: list[Engine] = field(default_factory=list)

    async def engine(self, model: ServerModel) -> Engine:
        told = EngineSettings(self.artifacts)
        self._engines.append(Engine(told, self.database, embedder(told.embedding), model))
        await self._engines[-1].refresh()
        return self._engines[-1]

    async def close(self) -> None:
        for engine in self._engines:
            await engine.close()


@pytest.fixture
async def house(artifacts: Path) -> AsyncIterator[House]:
    database = await Database.open(f"sqlite+aiosqlite:///{artifacts / 'ppoyami.db'}")
    opened = House(artifacts, database)
    yield opened
    await opened.close()
    await database.close()
