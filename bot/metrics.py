"""What /metrics tells Prometheus: counts and times, never who or what was said."""

import time
from collections.abc import AsyncIterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from bot.conversation import Conversation, Fulfil, Memory, Shown, Waiting
from bot.dialogue.model import Message
from engine.domain import Person


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

    def exposition(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)


class MeteredConversation(Conversation):
    """A conversation that counts what happens in it."""

    def __init__(self, memory: Memory, fulfil: Fulfil, metrics: Metrics) -> None:
        super().__init__(memory, fulfil)
        self._metrics = metrics

    async def converse(self, person: Person, event: Message) -> AsyncIterator[Shown]:
        self._metrics.events.labels(person.channel, type(event).__name__).inc()
        started: float | None = time.perf_counter()
        async for shown in super().converse(person, event):
            if started is not None:
                taken = time.perf_counter() - started
                self._metrics.first_sign.labels(person.channel).observe(taken)
                started = None
            if isinstance(shown, Waiting):
                self._metrics.requests.labels(type(shown.request).__name__).inc()
            yield shown
