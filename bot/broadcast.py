"""The broadcaster: sends what stands in the store, as long as this process holds the lease.

A lane for each channel: takes recipients (committed as `sending`), calls the channel's courier, and
writes down what came of it. Whoever enqueues, this process or another, only writes to the store.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, assert_never
from uuid import uuid4

from bot.courier import (
    Arrived,
    Blocked,
    Busy,
    Courier,
    Faltered,
    Notice,
    Outcome,
    Refused,
    Reporter,
    Unknown,
    Unreachable,
    Unsent,
)
from bot.dialogue import admin
from bot.dialogue import admin_texts as words
from engine.advertising import (
    Advertisement,
    Delivery,
    Fault,
    Going,
    Link,
    Sender,
    Unlawful,
    quiet,
)
from engine.domain import Person
from engine.errors import EngineError
from engine.store.broadcasts import ADDRESSED, Broadcast, Broadcasts, Recipient, Settled

REPORTED_AT_MOST: Final = 20
"""Broadcasts whose progress is still shown."""
CALLS_AT_ONCE: Final = 24
"""Of one channel."""
GATHERS: Final = 0.2
"""Seconds of calls that are taken together."""
TRIES: Final = 4
"""Calls to one recipient that the platform may fail at."""
BACK_OFF: Final = (1, 2, 4, 8, 15, 30)
SETTLING_TRIES: Final = 5
OVER: Final = (Going.DONE, Going.CANCELLED)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds."""

    lease: float = 6.0
    leads: float = 2.0
    """Between two renewals of the lease."""
    looks: float = 2.0
    """Between two looks for new work."""
    reports: float = 3.0
    parting: float = 8.0
    """So long a stop waits for calls that are out; containers are killed after ten."""


Counted = Callable[[str, str], Awaitable[str]]
"""(what it stands on, address) → the address of a counted link to it."""


class Pace:
    """A token bucket of calls; `pause` stops it for everybody."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._room = max(1.0, rate * GATHERS)
        self._tokens = self._room
        self._filled = 0.0
        self._open_at = 0.0

    async def some(self, most: int) -> int:
        """Wait until calls may be made; how many, at least one."""
        wanted = min(self._room, most)
        while (wait := self._missing(wanted)) > 0:  # noqa: ASYNC110 - only time is waited for
            await asyncio.sleep(wait)
        calls = min(most, int(self._tokens))
        self._tokens -= calls
        return calls

    def pause(self, seconds: float) -> None:
        self._open_at = max(self._open_at, _monotonic() + seconds)

    def left(self) -> float:
        """Seconds of the present pause."""
        return max(0.0, self._open_at - _monotonic())

    def _missing(self, wanted: float) -> float:
        """Seconds to wait."""
        if (left := self.left()) > 0:
            return left
        now = _monotonic()
        self._tokens = min(self._room, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        return max(0.0, (int(wanted) - self._tokens) / self._rate)


class _Lane:
    """One channel's calls: how fast, how many at once, and since when there is no connection."""

    def __init__(self, channel: str, courier: Courier) -> None:
        self.channel = channel
        self.courier = courier
        self.pace = Pace(courier.rate)
        self.flying = 0
        self.landed = asyncio.Event()
        self._failures = 0

    async def room(self) -> int:
        """Wait until a call may go out; how many may."""
        while self.flying >= CALLS_AT_ONCE:
            self.landed.clear()
            await self.landed.wait()
        return CALLS_AT_ONCE - self.flying

    def connected(self) -> None:
        self._failures = 0

    def disconnected(self) -> float:
        """Seconds that the lane stands still now; calls that fail together count once."""
        if (left := self.pace.left()) > 0:
            return left
        seconds = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)]
        self._failures += 1
        self.pace.pause(seconds)
        return seconds


class Broadcaster:
    """`close` before the tasks end: then nothing that was sent is left uncertain."""

    def __init__(
        self,
        broadcasts: Broadcasts,
        couriers: Mapping[str, Courier],
        sender: Sender | None,
        *,
        reporter: Reporter | None = None,
        counted: Counted | None = None,
        blocking: Callable[[Person, bool], Awaitable[None]] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        rhythm: Rhythm | None = None,
    ) -> None:
        self._broadcasts = broadcasts
        self._lanes = tuple(_Lane(channel, courier) for channel, courier in couriers.items())
        self._couriers = couriers
        self._sender = sender
        self._reporter = reporter
        self._counted = counted
        self._blocking = blocking
        self._clock = clock
        self._rhythm = rhythm or Rhythm()
        self._owner = uuid4().hex
        self._leads = False
        self._looked = False
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._prepared: dict[int, tuple[Advertisement, bytes | None]] = {}
        self._told: dict[int, str] = {}

    async def run(self) -> None:
        """For ever, until `close`."""
        self._ended.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._repeat(self._lead, self._rhythm.leads))
                if self._reporter is not None:
                    reporting = partial(self._report, self._reporter)
                    tasks.create_task(self._repeat(reporting, self._rhythm.reports))
                for lane in self._lanes:
                    sending = partial(self._send_all, lane, tasks)
                    tasks.create_task(self._repeat(sending, self._rhythm.looks))
        finally:
            self._ended.set()

    async def close(self) -> None:
        """Take nobody any more, wait for the calls that are out, and let the lease go."""
        self._closing.set()
        try:
            async with asyncio.timeout(self._rhythm.parting):
                await self._ended.wait()
        except TimeoutError:
            logger.warning("calls of a broadcast are still out at the stop: they are uncertain")
            return
        if self._leads:
            await self._broadcasts.let_go(self._owner)

    async def notify(self, person: Person, notice: Notice) -> bool:
        """Whether it arrived. Not at night, not where the channel cannot: to be tried again."""
        courier = self._couriers.get(person.channel)
        address = person.address if person.channel in ADDRESSED else person.id
        if courier is None or address is None or quiet(self._clock()):
            return False
        outcome = await courier.notify(Recipient(0, person.channel, person.id, address), notice)
        if isinstance(outcome, Blocked) and self._blocking is not None:
            await self._blocking(person, True)
        return isinstance(outcome, Arrived)

    async def _repeat(self, work: Callable[[], Awaitable[None]], every: float) -> None:
        """A store that fails is asked again."""
        while not self._closing.is_set():
            try:
                await work()
            except EngineError as error:
                logger.warning("the broadcasts pause: %s", error)
            except Exception:
                logger.exception("the broadcasts pause")
            try:
                async with asyncio.timeout(every):
                    await self._closing.wait()
            except TimeoutError:
                continue

    # --- leading -----------------------------------------------------------------------------

    async def _lead(self) -> None:
        """Keep the lease; give those whom no lane reaches their end, and what is done its."""
        try:
            self._leads = await self._takes_the_lead()
        except EngineError:
            self._leads = False
            raise
        if not self._leads:
            return
        for broadcast in await self._broadcasts.running():
            channels = tuple(self._couriers)
            await self._broadcasts.strand(broadcast.id, channels, self._clock())
            await self._finish(broadcast)

    async def _takes_the_lead(self) -> bool:
        """With nothing to send nobody leads; at the start once, for what a crash left."""
        at, new = self._clock(), not self._looked
        lasts = timedelta(seconds=self._rhythm.lease)
        self._looked = True
        if not new and not await self._broadcasts.pending(at):
            return False
        return await self._broadcasts.hold(self._owner, at, lasts)

    async def _finish(self, broadcast: Broadcast) -> None:
        if not await self._broadcasts.finish(broadcast.id, self._clock()):
            return
        self._prepared.pop(broadcast.id, None)
        tally = await self._broadcasts.tally(broadcast.id)
        counts = ", ".join(f"{state.value} {n}" for state, n in tally.states.items())
        logger.info("broadcast %s is done: %s of %s", broadcast.id, counts, tally.total)

    # --- sending -----------------------------------------------------------------------------

    async def _send_all(self, lane: _Lane, tasks: asyncio.TaskGroup) -> None:
        """As long as there is somebody to send to; several broadcasts take turns."""
        busy = self._leads
        while busy and self._leads and not self._closing.is_set():
            busy = False
            for broadcast in await self._broadcasts.running():
                busy = await self._send_some(lane, broadcast, tasks) or busy

    async def _send_some(self, lane: _Lane, broadcast: Broadcast, tasks: asyncio.TaskGroup) -> bool:
        """Whether anybody was there whose turn it was."""
        prepared = await self._prepare(broadcast)
        if prepared is None:
            return False
        calls = await lane.pace.some(await lane.room())
        if self._closing.is_set():
            return False
        n = calls * lane.courier.at_once
        now = self._clock()
        taken = await self._broadcasts.take(broadcast.id, lane.channel, n, now, self._owner)
        for start in range(0, len(taken.recipients), lane.courier.at_once):
            part = taken.recipients[start : start + lane.courier.at_once]
            lane.flying += 1
            tasks.create_task(self._deliver(lane, broadcast, prepared, part))
        return bool(taken)

    async def _prepare(self, broadcast: Broadcast) -> tuple[Advertisement, bytes | None] | None:
        """Made anew from what the operator says of the shop today; paused where that is unlawful
        now."""
        if broadcast.id in self._prepared:
            return self._prepared[broadcast.id]
        try:
            if self._sender is None:
                raise Unlawful(Fault.NAMELESS)
            link = await self._link(broadcast)
            ad = Advertisement(self._sender, broadcast.body, link, broadcast.pictured)
        except Unlawful as error:
            logger.error("broadcast %s is paused, it is unlawful now: %s", broadcast.id, error)
            await self._broadcasts.steer(broadcast.id, Going.PAUSED, self._clock())
            return None
        picture = await self._broadcasts.picture(broadcast.id)
        self._prepared[broadcast.id] = ad, picture
        return ad, picture

    async def _link(self, broadcast: Broadcast) -> Link | None:
        link = broadcast.link
        if link is None or self._counted is None:
            return link
        return Link(link.label, await self._counted(f"broadcast {broadcast.id}", link.url))

    async def _deliver(
        self,
        lane: _Lane,
        broadcast: Broadcast,
        prepared: tuple[Advertisement, bytes | None],
        part: Sequence[Recipient],
    ) -> None:
        try:
            outcomes = await lane.courier.deliver(part, *prepared)
        except Exception as error:
            # Whatever it was, it may have come after the call went out.
            logger.exception("a call of broadcast %s failed", broadcast.id)
            outcomes = [Unknown(type(error).__name__)] * len(part)
        finally:
            lane.flying -= 1
            lane.landed.set()
        ends = [self._end(lane, each, came) for each, came in zip(part, outcomes, strict=True)]
        await self._settle(broadcast, ends)

    def _end(self, lane: _Lane, recipient: Recipient, outcome: Outcome) -> Settled:
        now = self._clock()
        end = partial(Settled, recipient.id)
        match outcome:
            case Arrived():
                lane.connected()
                return end(Delivery.DELIVERED, now)
            case Blocked():
                return end(Delivery.BLOCKED, now)
            case Refused(reason):
                return end(Delivery.FAILED, now, reason)
            case Unreachable():
                return end(Delivery.UNREACHABLE, now)
            case Unknown(reason):
                return end(Delivery.UNCERTAIN, now, reason)
            case Busy(seconds):
                lane.pace.pause(seconds)
                return end(Delivery.WAITING, now + timedelta(seconds=seconds), "429")
            case Unsent(reason):
                pause = timedelta(seconds=lane.disconnected())
                return end(Delivery.WAITING, now + pause, reason)
            case Faltered(reason) if recipient.tries + 1 >= TRIES:
                return end(Delivery.FAILED, now, reason, tried=True)
            case Faltered(reason):
                pause = timedelta(seconds=2**recipient.tries)
                return end(Delivery.WAITING, now + pause, reason, tried=True)
            case _:
                assert_never(outcome)

    async def _settle(self, broadcast: Broadcast, ends: Sequence[Settled]) -> None:
        """A store that fails for long leaves them `sending`, and so uncertain in the end."""
        for tries in range(1, SETTLING_TRIES + 1):
            try:
                return await self._broadcasts.settle(broadcast.id, ends)
            except EngineError as error:
                logger.warning("what came of %s calls is not kept yet: %s", len(ends), error)
                await asyncio.sleep(tries)
        return None

    # --- telling the author ------------------------------------------------------------------

    async def _report(self, reporter: Reporter) -> None:
        """Who does not lead begins no report; the last word of one may be anybody's."""
        for broadcast in await self._broadcasts.latest(REPORTED_AT_MOST):
            told, begun = broadcast.report.get("told"), "message" in broadcast.report
            wanted = "chat" in broadcast.report and told not in OVER
            if wanted and (self._leads or (begun and broadcast.going in OVER)):
                await self._tell(reporter, broadcast)

    async def _tell(self, reporter: Reporter, broadcast: Broadcast) -> None:
        tally = await self._broadcasts.tally(broadcast.id)
        rate = sum(lane.courier.rate * lane.courier.at_once for lane in self._lanes)
        text = words.progress(broadcast.id, broadcast.going, tally, rate, quiet(self._clock()))
        if broadcast.going in OVER and tally[Delivery.SENDING]:
            return  # the last calls are still out
        report = dict(broadcast.report)
        if self._told.get(broadcast.id) != text:
            rows = admin.steering(broadcast.id, broadcast.going)
            message = await reporter.report(report["chat"], report.get("message"), text, rows)
            self._told[broadcast.id] = text
            report["message"] = message
        report["told"] = broadcast.going.value
        if report != broadcast.report:
            await self._broadcasts.reported(broadcast.id, report)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
