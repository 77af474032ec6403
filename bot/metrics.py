"""What /metrics tells Prometheus: counts and times, never who or what was said."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.conversation import Conversation, Fulfil, Memory, Shown, Waiting
from bot.dialogue.model import Message
from engine.domain import Person
from engine.generation.model import ServerModel

LOOK_EVERY = 0.05
"""Seconds between two looks at the event loop's lag."""
LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.events = Counter(
            "ppoyami_events", "Events from people", ("channel", "kind"), registry=registry
        )
        self.requests = Counter(
            "ppoyami_requests", "Requests to the engine", ("kind",), registry=registry
        )
        self.first_sign = Histogram(
            "ppoyami_first_sign_seconds",
            "From an event to the first reply or sign of work",
            ("channel",),
            registry=registry,
        )
        self.loop_lag = Histogram(
            "ppoyami_loop_lag_seconds",
            "How much later than asked for the event loop woke a sleeper",
            buckets=LAGS,
            registry=registry,
        )

    def watch_model(self, model: ServerModel) -> None:
        """What its line holds, whenever it is asked for."""
        gauges: Mapping[str, tuple[str, Callable[[], float]]] = {
            "writing": ("Questions at the model's server", lambda: model.load[0]),
            "waiting": ("Questions that wait for the model", lambda: model.load[1]),
            "resting": ("1 while the model's server is not asked", lambda: float(model.resting)),
        }
        for name, (told, value) in gauges.items():
            Gauge(f"ppoyami_llm_{name}", told, registry=self._registry).set_function(value)

    async def watch_loop(self) -> None:
        """Measure the event loop's lag for ever: what everybody waits beside their own work."""
        while True:
            asked = time.perf_counter() + LOOK_EVERY
            await asyncio.sleep(LOOK_EVERY)
            self.loop_lag.observe(max(0.0, time.perf_counter() - asked))

    def exposition(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)


class MeteredConversation(Conversation):
    """A conversation that counts what happens in it."""

    def __init__(self, memory: Memory, fulfil: Fulfil, metrics: Metrics) -> None:
        super().__init__(memory, fulfil)
        self._metrics = metrics

    async def converse(self, person: Person, event: Message) -> AsyncGenerator[Shown, None]:
        self._metrics.events.labels(person.channel, type(event).__name__).inc()
        started: float | None = time.perf_counter()
        async with aclosing(super().converse(person, event)) as conversed:
            async for shown in conversed:
                if started is not None:
                    taken = time.perf_counter() - started
                    self._metrics.first_sign.labels(person.channel).observe(taken)
                    started = None
                if isinstance(shown, Waiting):
                    self._metrics.requests.labels(type(shown.request).__name__).inc()
                yield shown
