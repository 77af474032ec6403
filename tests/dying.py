"""A command of ours that kills itself, at a moment that is always the same.

    python -m tests.dying MOMENT MODULE [ARGUMENT…]

MOMENT is «event pattern number»: the event of that number, from 1, among those of that name in
whose words the pattern is found. Each comes just before it happens: «read» and «open» of a file (to
write it), the file system's own of `sys.addaudithook` (os.rename, os.rmdir …), «sql» of any
database with the statement, «commit» with the last one. The end is SIGKILL: nothing is cleaned up.

With «log FILE» as MOMENT nothing dies, and the file gets a line for each event.
"""

import asyncio
import os
import re
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from tests.running import ROOT

EVENTS: Final = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"})
_WRITES: Final = os.O_WRONLY | os.O_RDWR

Seen = Callable[[str, str], None]
"""Called with an event's name and its words."""


def watch(seen: Seen) -> None:
    def audited(name: str, arguments: tuple[Any, ...]) -> None:
        if name in EVENTS:
            words = " ".join(str(one) for one in arguments if isinstance(one, str | Path))
            reads = name == "open" and not int(arguments[2]) & _WRITES
            seen("read" if reads else name, words)

    last = [""]

    def asked(connection: Connection, cursor: object, statement: str, *more: object) -> None:
        last[0] = statement
        seen("sql", statement)

    def committed(connection: Connection) -> None:
        seen("commit", last[0])

    event.listen(Engine, "before_cursor_execute", asked)
    event.listen(Engine, "commit", committed)
    sys.addaudithook(audited)


def dies(name: str, pattern: str, number: int) -> Seen:
    left = [number]

    def seen(event: str, words: str) -> None:
        if event == name and re.search(pattern, words):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    return seen


def logs(path: str) -> Seen:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def seen(event: str, words: str) -> None:
        os.write(file, f"{event} {words[:300]!r}\n".encode())

    return seen


async def died(moment: str, env: dict[str, str], module: str, *arguments: object) -> str:
    """What it said until then; it must have come to that moment."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.dying", moment, module, *map(str, arguments),
        cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await running.communicate()
    assert running.returncode == -signal.SIGKILL, said.decode()
    return said.decode()


if __name__ == "__main__":
    _, moment, module, *words = sys.argv
    kind, _, rest = moment.partition(" ")
    pattern, _, number = rest.rpartition(" ")
    watch(logs(rest) if kind == "log" else dies(kind, pattern, int(number)))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
