"""Processes of this computer that work on parts side by side."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Self

from ingest.engines.flow import Work
from ingest.engines.parts import Part, Worked
from ingest.errors import InputRefused


class Pool:
    """Processes that are started when a second part comes, and end with the block."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def each(self, work: Work, of: Iterable[Part]) -> Iterator[Worked]:
        """In order; as many parts are under way as there are workers, and one waits for each."""
        rest = iter(of)
        first = list(islice(rest, 2))
        if len(first) < 2 or self._workers == 1:
            yield from map(work, chain(first, rest))
            return
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._workers, get_context("spawn"), initializer=end_with_the_parent
            )
        try:
            yield from _ordered(self._executor, self._workers * 2, work, chain(first, rest))
        except BrokenProcessPool as error:
            raise InputRefused(
                "정리하던 프로세스가 갑자기 끝났어요. 메모리가 모자랐을 거예요: "
                "--workers 를 줄여 주세요."
            ) from error


def end_with_the_parent() -> None:
    """A process of the pool would wait for ever for work from one that was killed, and what it has
    under way would be written among the files of the next run."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(parent: int) -> None:
    wait([parent])
    os._exit(1)


def _ordered(
    executor: ProcessPoolExecutor, ahead: int, work: Work, of: Iterable[Part]
) -> Iterator[Worked]:
    running: deque[Future[Worked]] = deque()
    for part in of:
        running.append(executor.submit(work, part))
        if len(running) >= ahead:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()
