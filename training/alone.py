"""One command at a time trains in a home: two would write the same runs and fill the memory.

Standard library only.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "training.lock"


class Busy(Exception):
    """Another one is at it; says what to do."""


@contextmanager
def alone(home: Path) -> Iterator[int]:
    """The lock's file descriptor. Programs that inherit it hold the lock too: a trainer that
    outlives its killed parent is waited for, not started twice. Raises Busy."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(
                f"{home}에서 다른 학습이 돌고 있어요. 전에 멈춘 명령이 시작한 학습일 수도 있어요. "
                "끝난 뒤에 같은 명령을 다시 해 주세요."
            ) from error
        yield lock.fileno()
