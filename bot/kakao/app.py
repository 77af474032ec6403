"""The KakaoTalk channel: a skill server of the open builder, never later than five seconds.

What a request leads to is followed in a task of its own (answering.py), and the request waits for
it until 3.5 s after it came, or a little less where many wait. What is there then goes out. If it
is not over:

- Where the request brought a callback address that may be posted to, the response is
  `useCallback`, and what came of it is posted there, once, at the latest 50 s after the request.
  Where the question waits for the model, this response tells how many are before it; KakaoTalk
  takes no word in between.
- Otherwise the response says that it is being looked for, with «결과 보기», and the place in the
  model's line. Pressed, that button waits for the same answer, again for 3.5 s at most, and tells
  the place as it is then, and so on.

An answer that was ready but not taken (no callback was approved, the POST failed, the connection
broke) is handed over with «결과 보기», or before whatever the person asks for next. It is held in
this process's memory. The store, meanwhile, knows it as not shown; after a restart «결과 보기»
draws the scene again from there and takes up what was asked for.

«더 보기» serves the page that was drawn; where it is no longer held, the scene is drawn again and
that page of it is served, or its first where the dialogue has gone on since.
"""

import asyncio
import hmac
import json
import logging
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from aiohttp import web
from yarl import URL

from bot.conversation import Conversation, Remembered
from bot.dialogue import actions, texts
from bot.dialogue.model import Bubble, Button, Dialogue, Message, Reply, Resume, Rows
from bot.kakao.answering import Answering, HandedOver, Handing, Owed
from bot.kakao.callback import Callbacks
from bot.kakao.pulse import Pulse
from bot.kakao.read import Incoming, TurnPage, addressed, read
from bot.kakao.render import Look, pages
from bot.kakao.schema import (
    CallbackPromised,
    NotASkillRequest,
    SimpleText,
    SkillRequest,
    SkillResponse,
    read_request,
)
from bot.tasks import Nursery
from engine.domain import Person
from engine.errors import EngineError

KEY_HEADER = "x-skill-key"
ID_HEADER = "X-Request-Id"
BODY_BYTES = 256 * 1024
SCREENS_AT_MOST = 1_000
WAITING_AT_MOST = 10
"""Events of one person that are being answered; the next is told to come again."""
FETCHING: Rows = ((Button(texts.RESULT, Resume()),),)
LOOKING = Bubble(texts.LOOKING, FETCHING)
LOOKING_BODY = pages((LOOKING,))[0].body()
"""Made once: where a crowd waits, a crowd is told at once."""
SPREAD = 0.001
"""Seconds that each request which waits already takes off the next one's time, so that a crowd
that came in one moment does not leave in one moment."""
SPREAD_AT_MOST = 1.0
BEHIND_AT_MOST = 2.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Skill:
    """Who may talk to this server, and what keys the hash of people's ids."""

    key: str
    bot: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds since the request came; Kakao waits for 5, and keeps a callback for 60."""

    body: float = 2.0
    answer: float = 3.5
    callback: float = 50.0
    grace: float = 3.0
    """At the process's end: so long what a callback waits for may take."""


class Pace:
    """At most `most` requests of one person in `seconds`."""

    def __init__(self, most: int = 20, seconds: float = 10.0) -> None:
        self._most = most
        self._seconds = seconds
        self._came: OrderedDict[Person, deque[float]] = OrderedDict()

    def allows(self, person: Person, now: float) -> bool:
        while self._came and next(iter(self._came.values()))[-1] < now - self._seconds:
            self._came.popitem(last=False)
        came = self._came.setdefault(person, deque(maxlen=self._most))
        self._came.move_to_end(person)
        crowded = len(came) == self._most and came[0] > now - self._seconds
        if not crowded:
            came.append(now)
        return not crowded

    def __len__(self) -> int:
        """People who came a short while ago."""
        return len(self._came)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A response's body, and what is handed over with it."""

    body: bytes
    handing: Handing | None = None


@dataclass(frozen=True, slots=True)
class _Screen:
    """The last response to a person, all its pages."""

    event: str | None
    version: int
    pages: tuple[SkillResponse, ...]
    standing: Rows
    """Its buttons: KakaoTalk takes quick replies away with the next message, so a reply without
    buttons («고마워요!») brings those of the screen that it leaves standing."""


class SkillServer:
    def __init__(
        self,
        conversation: Conversation,
        memory: HandedOver,
        nursery: Nursery,
        *,
        callbacks: Callbacks,
        skill: Skill,
        look: Look,
        times: Times = Times(),
        pace: Pace | None = None,
    ) -> None:
        self._conversation = conversation
        self._memory = memory
        self._nursery = nursery
        self._callbacks = callbacks
        self._skill = skill
        self._look = look
        self._times = times
        self._pace = Pace() if pace is None else pace
        self._owed = Owed()
        self._screens: OrderedDict[Person, _Screen] = OrderedDict()
        self._calls: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._pulse = Pulse()

    async def open(self) -> None:
        """Be ready for callbacks, and begin to watch how busy this process is."""
        await self._callbacks.open()
        self._nursery.start(self._pulse.watch(), "the pulse of KakaoTalk's skill")

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler: 200 with a response, 400, 401 or 403 with a reason; never a 500."""
        began = _clock()
        if not self._knows_key(request.headers.get(KEY_HEADER, "")):
            return _refusal(401, "the skill's key is missing or wrong")
        try:
            async with asyncio.timeout_at(began + self._times.body):
                asked = read_request(await _body(request))
        except (NotASkillRequest, TimeoutError) as error:
            return _refusal(400, str(error) or "the body did not come in time")
        if not addressed(asked, self._skill.bot):
            return _refusal(403, "the request is for another bot")
        incoming = self._incoming(asked, request.headers.get(ID_HEADER, ""))
        outgoing = await self._respond(incoming, began)
        return await self._send(request, outgoing)

    async def answer(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The same path without HTTP, its key and callbacks, for the preview. Raises
        NotASkillRequest."""
        asked = read_request(payload)
        incoming = self._incoming(asked, "")
        outgoing = await self._respond(Incoming(incoming.person, incoming.doing), _clock())
        await self._handed(outgoing.handing)
        body: dict[str, Any] = json.loads(outgoing.body)
        return body

    async def close(self) -> None:
        """What a callback waits for may end shortly; then «결과 보기» is sent in its place."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=self._times.grace)
        self._owed.release()
        if self._calls:
            await asyncio.wait(self._calls)
        await self._callbacks.close()

    # --- at the door ---

    def _knows_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._skill.key.encode())

    def _incoming(self, asked: SkillRequest, id: str) -> Incoming:
        return read(asked, self._skill.secret, datetime.now(UTC), id)

    async def _send(self, request: web.Request, outgoing: Outgoing) -> web.StreamResponse:
        """What could not be written is owed still."""
        response = web.Response(body=outgoing.body, content_type="application/json")
        try:
            await response.prepare(request)
            await response.write_eof()
        except OSError:
            logger.info("KakaoTalk hung up before its response")
            self._not_handed(outgoing.handing)
        else:
            if request.transport is None:
                self._not_handed(outgoing.handing)
            else:
                # Not here: the next request on this connection would wait for the store.
                self._nursery.start(self._handed(outgoing.handing), "what KakaoTalk has")
        return response

    # --- the answer ---

    async def _respond(self, incoming: Incoming, began: float) -> Outgoing:
        """Whatever happens, something that KakaoTalk can show."""
        person = incoming.person
        if not self._pace.allows(person, began) or self._crowded(person):
            return _said(texts.ONE_MOMENT)
        try:
            if isinstance(incoming.doing, TurnPage):
                return await self._turn_page(person, incoming.doing, began + self._times.answer)
            return await self._answer(incoming, incoming.doing, began)
        except Exception:
            logger.exception("a skill request could not be answered")
            return _said(texts.TROUBLE)

    def _crowded(self, person: Person) -> bool:
        going = [each for each in self._owed.to(person) if not each.over.is_set()]
        return len(going) >= WAITING_AT_MOST

    async def _answer(self, incoming: Incoming, event: Message, began: float) -> Outgoing:
        person, deadline = incoming.person, self._deadline(began)
        if (screen := self._screens.get(person)) and event.id and screen.event == event.id:
            return Outgoing(screen.pages[0].body())  # the same request, sent again
        callback = self._callbacks.allowed(incoming.callback)
        handing = Handing(person)
        for own in self._ways(incoming, event):
            self._waiting += 1
            try:
                ended = await own.within(deadline)
            finally:
                self._waiting -= 1
            if callback is not None and not ended:
                return self._promise(own, callback, began)
            handing = self._owed.take(own)
            if handing.replies or not ended:
                break
            if own.called_off and not incoming.wants_result:
                return _said(texts.CALLED_OFF)
        return await self._drawn(handing, event.id, deadline)

    def _deadline(self, began: float) -> float:
        """The busier the process, the earlier: it was late to look, and will be late to send."""
        crowd = min(self._waiting * SPREAD, SPREAD_AT_MOST)
        behind = min(2 * self._pulse.behind, BEHIND_AT_MOST)
        return began + self._times.answer - crowd - behind

    def _ways(self, incoming: Incoming, event: Message) -> Iterator[Answering]:
        """What may lead to something to show; the next is begun where nothing came of the last."""
        person = incoming.person
        going = self._owed.to(person)
        if not incoming.wants_result:
            going = tuple(each for each in going if event.id and each.event == event.id)
        if going:
            going[-1].callback = None  # fetched by hand now, or called back at the newer address
            yield going[-1]
        yield self._begin(person, event)
        yield self._begin(person, None)

    def _begin(self, person: Person, event: Message | None) -> Answering:
        """None: the present scene is drawn again."""
        talk = self._conversation
        shown = talk.resume(person) if event is None else talk.converse(person, event)
        answering = Answering(person, event.id if event else None, shown, self._memory)
        self._owed.add(answering)
        self._nursery.start(answering.follow(), "an event from KakaoTalk")
        return answering

    async def _drawn(
        self, handing: Handing, event: str | None, deadline: float, page: int = 0
    ) -> Outgoing:
        """The response that hands these over; «결과 보기» with it where more is to come."""
        replies, person = handing.replies, handing.person
        if not replies and self._owed.waits(person):
            ahead = self._owed.ahead(person)
            return Outgoing(_looking_body(ahead) if ahead else LOOKING_BODY, handing)
        remembered = await self._remembered(person, deadline)
        version = handing.version or remembered.version
        standing = _buttons(replies) or self._standing(person, remembered)
        if self._owed.waits(person):
            replies = (*replies, _looking(self._owed.ahead(person)))
        drawn = pages(replies, replace(self._look, version=version, standing=standing))
        drawn = drawn or (SkillResponse((SimpleText(texts.TROUBLE),)),)
        self._hold(person, _Screen(event, version, drawn, standing))
        return Outgoing(drawn[min(page, len(drawn) - 1)].body(), handing)

    async def _remembered(self, person: Person, deadline: float) -> Remembered:
        """As good as nothing where the store does not say in time."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._memory.recall(person, fresh=False)
        except (TimeoutError, EngineError):
            return Remembered(Dialogue())

    def _standing(self, person: Person, remembered: Remembered) -> Rows:
        """The last screen's buttons, as far as they are known here, else as the dialogue has
        them."""
        if screen := self._screens.get(person):
            return screen.standing
        offers = [one for one in remembered.dialogue.offers if not one.about]
        known = [
            Button(one.label, action) for one in offers if (action := actions.read(one.action))
        ]
        return (tuple(known),) if known else self._look.standing

    async def _turn_page(self, person: Person, wanted: TurnPage, deadline: float) -> Outgoing:
        screen = self._screens.get(person)
        if screen and screen.version == wanted.version and wanted.page < len(screen.pages):
            return Outgoing(screen.pages[wanted.page].body())
        present = (await self._remembered(person, deadline)).version
        page = wanted.page if present == wanted.version else 0
        own = self._begin(person, None)
        await own.within(deadline)
        return await self._drawn(self._owed.take(own), None, deadline, page)

    def _hold(self, person: Person, screen: _Screen) -> None:
        self._screens[person] = screen
        self._screens.move_to_end(person)
        if len(self._screens) > SCREENS_AT_MOST:
            self._screens.popitem(last=False)

    # --- the callback ---

    def _promise(self, own: Answering, callback: URL, began: float) -> Outgoing:
        own.callback = callback
        calling = self._call_back(own, callback, began + self._times.callback)
        task = self._nursery.start(calling, "a callback to KakaoTalk")
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        # The one response before the callback: what is told of the line now is all that can be.
        promise = texts.looking_on_in_line(own.ahead) if own.ahead else texts.LOOKING_ON
        return Outgoing(CallbackPromised(promise).body())

    async def _call_back(self, own: Answering, callback: URL, deadline: float) -> None:
        await own.ends(deadline)
        if own.callback is not callback:
            return
        handing = self._owed.take(own)
        own.callback = None
        if own.over.is_set() and not handing.replies:
            return  # called off: what the person wanted instead was answered for itself
        outgoing = await self._drawn(handing, own.event, deadline)
        if await self._callbacks.post(callback, outgoing.body):
            await self._handed(handing)
        else:
            self._not_handed(handing)

    # --- afterwards ---

    async def _handed(self, handing: Handing | None) -> None:
        if handing is None or handing.version is None:
            return
        try:
            await self._memory.handed(handing.person, handing.version)
        except EngineError as error:  # it is shown, and may be once more
            logger.warning("what was shown is not noted: %s", type(error).__name__)

    def _not_handed(self, handing: Handing | None) -> None:
        if handing is not None:
            self._owed.give_back(handing)
            self._screens.pop(handing.person, None)


async def _body(request: web.Request) -> bytes:
    """Raises NotASkillRequest where it is over the limit or cannot be received."""
    body = bytearray()
    try:
        async for part in request.content.iter_any():
            body += part
            if len(body) > BODY_BYTES:
                raise NotASkillRequest(f"the body is over {BODY_BYTES} bytes")
    except (web.RequestPayloadError, OSError):
        raise NotASkillRequest("the body could not be received") from None
    return bytes(body)


def _buttons(replies: Sequence[Reply]) -> Rows:
    """Those that belong to the screen, not to one of several things on it."""
    rows = (row for reply in replies if isinstance(reply, Bubble) for row in reply.rows)
    found = tuple(each for row in rows for each in row if each.action and not each.about)
    return (found,) if found else ()


def _looking(ahead: int | None) -> Bubble:
    return Bubble(texts.looking_in_line(ahead), FETCHING) if ahead else LOOKING


@lru_cache(maxsize=256)
def _looking_body(ahead: int) -> bytes:
    """Made once for each place, as LOOKING_BODY is."""
    return pages((_looking(ahead),))[0].body()


def _refusal(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)


def _said(text: str) -> Outgoing:
    return Outgoing(SkillResponse((SimpleText(text),)).body())


def _clock() -> float:
    return asyncio.get_running_loop().time()
