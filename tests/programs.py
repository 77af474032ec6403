"""A command of ours as a process of its own, killed while whoever it asks is silent."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.running import ROOT


async def begun(module: str, *arguments: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *map(str, arguments),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(module: str, *arguments: object) -> tuple[int | None, str, str]:
    """Status, what it said, what it complained of."""
    running = await begun(module, *arguments)
    out, err = await running.communicate()
    return running.returncode, out.decode(), err.decode()


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


@dataclass
class Oracle:
    """Answers by rule, always the same to the same words, until it is to fall silent."""

    rule: Callable[[dict[str, Any]], str]
    replied: Counter[str] = field(default_factory=Counter)
    """How often it answered the same request."""
    left: int | None = None
    """Answers before it falls silent; None: it never does."""
    waiting: int = 0
    """Requests that it leaves without an answer."""

    def __call__(self, request: dict[str, Any]) -> str | None:
        if self.left == 0:
            self.waiting += 1
            return None
        if self.left is not None:
            self.left -= 1
        self.replied[json.dumps(request, sort_keys=True)] += 1
        return self.rule(request)

    def speaks(self) -> None:
        self.left, self.waiting = None, 0


async def killed(oracle: Oracle, after: int, module: str, *arguments: object, slots: int) -> None:
    """By SIGKILL, when it has had so many answers and each of its `slots` waits for another."""
    oracle.left = after
    running = await begun(module, *arguments)
    said = asyncio.create_task(running.communicate())
    try:
        async with asyncio.timeout(60):
            while oracle.waiting < slots:
                assert not said.done(), said.result()[1].decode()
                await asyncio.sleep(0.05)
    finally:
        if not said.done():
            os.kill(running.pid, signal.SIGKILL)
        await said
    oracle.speaks()
