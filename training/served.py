"""A model server for as long as a command needs one; what a killed command left is ended first.

Standard library only.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from training.serving import STARTS_WITHIN, Serving, start, stop, tail, wait

LEFT = "serving.json"
"""In the home: the server of the command that runs, or of one that was killed."""
LOG = "serving.log"
PORT = "serving.port"


class NoServer(Exception):
    """It did not start; says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the model lies, and what runs it."""

    home: Path
    python: Path = Path(sys.executable)
    """Of the environment that has vLLM."""
    within: float = STARTS_WITHIN

    @property
    def base(self) -> Path:
        return self.home / "base"


@contextmanager
def served(place: Place, adapters: Sequence[Path]) -> Iterator[Serving]:
    """The base and these adapters, on this home's port. Raises NoServer."""
    end_left_over(place)
    log = place.home / LOG
    serving = Serving(place.base, tuple(adapters), port(place.home), more=0)
    server = start(serving, log, place.python)
    (place.home / LEFT).write_text(json.dumps({"pid": server.pid}))
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        if not wait(serving, server, place.within):
            raise NoServer(f"모델 서버가 켜지지 않았어요. 이유는 {log}에 있어요.\n{tail(log)}")
        yield serving
    finally:
        stop(server)
        signal.signal(signal.SIGTERM, before)
        (place.home / LEFT).unlink(missing_ok=True)


def interrupt(number: int, frame: FrameType | None) -> None:
    """A command that is asked to end stops what it started first."""
    raise KeyboardInterrupt


def end_left_over(place: Place) -> bool:
    """Whether there was one. A process that only has its number by chance is left alone."""
    left = place.home / LEFT
    try:
        pid = int(json.loads(left.read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    ours = str(place.base).encode() in _command(pid).split(b"\0")
    if ours:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    left.unlink(missing_ok=True)
    return ours


def port(home: Path) -> int:
    """A free one, the same each time where it is still free: an evaluation that goes on after a
    kill asks anew what it had asked at another address."""
    kept = home / PORT
    with suppress(OSError, ValueError), socket.socket() as wanted:
        wanted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        wanted.bind(("127.0.0.1", int(kept.read_text())))
        return int(wanted.getsockname()[1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = int(free.getsockname()[1])
    kept.write_text(str(found))
    return found


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
