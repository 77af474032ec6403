"""Rows that are kept one by one as they come, so that a command that was killed goes on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Row = dict[str, Any]


class Ledger:
    """A JSONL file that only grows. One process writes it; a line cut off by a kill is dropped."""

    def __init__(self, path: Path, key: Callable[[Row], str]) -> None:
        """`key`: what a row is looked up by; of several, the last one counts. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._key = key
        self._rows: dict[str, Row] = {}
        whole = 0
        if path.exists():
            for line in path.read_bytes().splitlines(keepends=True):
                row = _row(line)
                if row is None:
                    break
                self._rows[key(row)] = row
                whole += len(line)
        self._out = path.open("ab")
        self._out.truncate(whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._out.close()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def find(self, key: str) -> Row | None:
        return self._rows.get(key)

    def add(self, row: Row) -> None:
        """It stands in the file when this returns, whatever happens to the process then."""
        self._out.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())
        self._out.flush()
        self._rows[self._key(row)] = row


def _row(line: bytes) -> Row | None:
    """None where it is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
