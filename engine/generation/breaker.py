"""A server that fails again and again is left in peace for a while, so that nobody waits for it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.errors import ModelUnavailable

FAILURES = 5
"""One after another; a good answer between them begins the count again."""
REST = 30.0
"""Seconds of the first rest; each that a failed trial begins is twice as long."""
REST_AT_MOST = 300.0

logger = logging.getLogger(__name__)


class ServerFailing(ModelUnavailable):
    """The server's own failure: it refused the connection, broke off, or was too slow."""


class Breaker:
    """Closed, everybody may ask; open, nobody; after the rest one may try for all."""

    def __init__(
        self,
        failures: int = FAILURES,
        rest: float = REST,
        at_most: float = REST_AT_MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._rest = rest
        self._at_most = at_most
        self._clock = clock
        self._failed_so_far = 0
        self._resting: float | None = None
        """Seconds of the last rest, until a good answer comes; None: closed."""
        self._until = 0.0
        self._trying = False

    @property
    def resting(self) -> bool:
        """Nobody may ask now: the rest is not over, or one tries for all."""
        return self._resting is not None and (self._trying or self._clock() < self._until)

    def check(self) -> None:
        """Raises ModelUnavailable where nobody may ask now."""
        if self.resting:
            raise ModelUnavailable("the language model's server failed too often: it rests")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Around one question. ServerFailing counts against the server, an end for it, and
        anything else (the listener left, a request was refused) says nothing about it.

        Raises ModelUnavailable where nobody may ask now."""
        self.check()
        trial = self._resting is not None
        self._trying = self._trying or trial
        try:
            yield
        except ServerFailing:
            self._failed(trial=trial)
            raise
        else:
            self._succeeded()
        finally:
            if trial:
                self._trying = False

    def _failed(self, *, trial: bool) -> None:
        """One that was asked before the rest began does not make it longer."""
        if self._resting is not None:
            if trial:
                self._begin(min(2 * self._resting, self._at_most))
            return
        self._failed_so_far += 1
        if self._failed_so_far >= self._failures:
            self._begin(self._rest)

    def _begin(self, rest: float) -> None:
        self._resting, self._until = rest, self._clock() + rest
        logger.warning("the language model's server rests for %.0f s", rest)

    def _succeeded(self) -> None:
        if self._resting is not None:
            logger.info("the language model's server answers again")
        self._resting, self._failed_so_far = None, 0
