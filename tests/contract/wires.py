"""One person at three wires: the core itself, the page's socket, and the Bot API.

Every wire meets a real `Conversation` over a real store; behind it stands the shop in memory of
`tests.chat`. A wire returns what is read off it for each event, as the lines of `lines`.
"""

import asyncio
import collections
import json
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from bot.conversation import Broken, Conversation, Progress, Shown
from bot.dialogue import actions, model, texts
from bot.dialogue.model import (
    Answered,
    Bubble,
    Button,
    Card,
    Consult,
    Document,
    Failure,
    IngredientMissed,
    Request,
    Result,
    Rows,
    Toast,
)
from bot.kakao.app import Pace, Times
from bot.kakao.render import Look
from bot.memory import StoredMemory
from bot.tasks import Nursery
from bot.telegram.app import TelegramChannel
from bot.web.app import add_routes
from engine.domain import Person, Product
from engine.errors import UnknownIngredient
from engine.store.database import Database
from engine.store.inbox import Inbox
from engine.store.people import People
from tests.bot_api import TOKEN, BotApi, bot_api
from tests.bot_api import Message as Posted
from tests.chat import PRODUCTS, Shop
from tests.contract.transcripts import Again, Doing, Press, PressRaw, Say, Send
from tests.kakao import KakaoUser, Response, Tap, skill_server

SECRET = b"a secret of the transcripts"
HOOK_SECRET = "a-webhook-secret"
ME = 77
PNG = b"\x89PNG\r\n\x1a\n"
NO_PICTURE = 2
"""The one product without a picture. Telegram shows its card as a text, so an answer to its
buttons may take its place, which no other card's does."""
KAKAO_TIMES = Times(answer=0.5)
"""A test does not wait as long as KakaoTalk does."""
KAKAO_WAYS = (texts.RESULT, texts.MORE, texts.LESS)
"""Buttons that only KakaoTalk needs."""
KAKAO_SAYS = {
    texts.MORE_BELOW,
    texts.LIST_CHOICES,
    texts.LIST_PRODUCTS,
    texts.LIST_INGREDIENTS,
    texts.CONSENT_BELOW,
    texts.LINKS_BELOW,
}
DOCUMENT = {"(file ppoyami.json)": "profile: -"}
Words = collections.Counter[str]
SECONDS = 20
"""No transcript's event takes so long; one that does is a failure."""


# --- what is read ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A bubble, a card or a toast, read off a wire."""

    text: str
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    """(label, address of a link or empty) of each button."""
    picture: bool = False
    file: str = ""
    """The name of a file to keep."""


def lines(seen: Seen) -> list[str]:
    """What a person reads, the same on every wire.

    The one place where what differs by channel and may differ is made equal:
    - Paragraphs become lines: a channel splits a long text at them into several messages.
    - A card is its brand, name, facts and note as text: the page has a frame with fields,
      Telegram a photo with a caption (or a text where the product has no picture).
    - A toast is a line of text: on Telegram the answer to the callback, or, where nothing was
      pressed, a message.
    - A screen drawn again in its own place, and the same, is not read again (`Wire._sees`).
    - How an answer grows (typing, progress, drafts) is not here at all: each channel has its
      own way; what it has grown to is.
    """
    read = ["(picture)"] if seen.picture else []
    read += [f"(file {seen.file})"] if seen.file else []
    read += [line.strip() for line in seen.text.splitlines() if line.strip()]
    for row in seen.rows:
        read.append(" ".join(f"[{label}]" + (f" {url}" if url else "") for label, url in row))
    return read


# --- behind every wire ----------------------------------------------------------------------------


class Counter:
    """The shop as a fulfilment. An answer grows in pieces; one to «천천히 …» never ends."""

    def __init__(self) -> None:
        pictured = (each if each.id == NO_PICTURE else _pictured(each) for each in PRODUCTS)
        self.shop = Shop(tuple(pictured))
        self.left = 0
        """Answers that were left before their end."""

    def fails(self, failure: Failure | None) -> None:
        self.shop = replace(self.shop, failing=failure)

    async def ask(self, request: Request) -> Result:
        """The side door, as `Fulfilment.ask`."""
        result = self.shop.fulfil(request, datetime.now(UTC))
        if isinstance(result, IngredientMissed):
            raise UnknownIngredient(result.name, result.near)
        return result

    async def __call__(
        self, person: Person, request: Request
    ) -> AsyncGenerator[Progress | Result, None]:
        result = self.shop.fulfil(request, datetime.now(UTC))
        if isinstance(result, Answered) and isinstance(request, Consult):
            ended = False
            try:
                yield Progress("찾아보니")
                if "천천히" in request.question.text:
                    await asyncio.Event().wait()
                yield Progress(result.answer.text)
                ended = True
            finally:
                self.left += not ended
        yield result


def _pictured(product: Product) -> Product:
    return replace(product, picture="pictures/p001.png")  # the house's one file


@dataclass
class House:
    """The store, and what is opened over it anew by every start of the process."""

    file: Path
    counter: Counter
    picture_file: Path

    async def picture(self, product: int) -> Path | None:
        return None if product == NO_PICTURE else self.picture_file


@dataclass(frozen=True)
class Handle:
    """A button that was shown, as its wire carries it."""

    label: str
    about: str
    carries: str
    place: Any = None
    """The message or bubble that holds it."""


class Wire(ABC):
    """A person at one channel. `entries` is what stands in the chat, by place."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stack = AsyncExitStack()
        self._handles: list[Handle] = []
        self._lines: list[str] = []
        self.drawn: list[str] = []
        """The lines read, and those of screens that were drawn again and stand unchanged."""
        self._again: Callable[[], Any] | None = None
        self.entries: dict[Any, Seen] = {}

    async def start(self) -> None:
        self._stack = AsyncExitStack()
        database = await Database.open(f"sqlite+aiosqlite:///{self._house.file}", migrate=False)
        self._stack.push_async_callback(database.close)
        self.database = database
        self.people = People(database, SECRET)
        self.memory = StoredMemory(self.people)
        self.conversation = Conversation(self.memory, self._house.counter)
        await self._open(self._stack)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def restart(self) -> list[str]:
        await self.stop()
        self._lines, self.drawn = [], []
        await self.start()
        await self._settle()
        return self._lines

    async def does(self, doing: Doing, *, waits: bool = True) -> list[str]:
        """What is read until all is answered; of an older event that was not waited for, too."""
        self._lines, self.drawn = [], []
        async with asyncio.timeout(SECONDS):
            await self._does(doing, waits)
        return self._lines

    def fails(self, failure: Failure | None) -> None:
        self._house.counter.fails(failure)

    @property
    def left(self) -> int:
        """Answers that were left before their end."""
        return self._house.counter.left

    async def does_at_once(self, doings: list[Doing]) -> list[str]:
        """All of it before any of it is answered."""
        self._lines, self.drawn = [], []
        async with asyncio.timeout(SECONDS):
            await self._does_at_once(doings)
        return self._lines

    async def kept(self) -> dict[str, Any]:
        """What the store holds of the person."""
        return await self.people.export(self.person)

    @property
    def standing(self) -> list[list[str]]:
        """What has buttons in the chat as it stands now, edits done."""
        return [lines(seen) for seen in self.entries.values() if seen.rows]

    @property
    @abstractmethod
    def person(self) -> Person: ...

    @abstractmethod
    async def _open(self, stack: AsyncExitStack) -> None: ...

    @abstractmethod
    async def _does(self, doing: Doing, waits: bool) -> None: ...

    @abstractmethod
    async def _does_at_once(self, doings: list[Doing]) -> None: ...

    @abstractmethod
    async def _settle(self) -> None:
        """Until nothing is going on."""

    def _handle(self, press: Press) -> Handle:
        for handle in reversed(self._handles):
            if handle.label == press.label and press.about in ("", handle.about):
                return handle
        raise AssertionError(f"no button {press} was ever shown; newest: {self._handles[-12:]}")

    @property
    def _newest(self) -> Any:
        """Where a button stands that was never there."""
        return self._handles[-1].place if self._handles else None

    def _sees(self, seen: Seen, place: Any = None, *, kept: bool = True) -> None:
        """What takes its own place once more and says the same is not seen to: Telegram does
        not even take such an edit."""
        if place is None or self.entries.get(place) != seen:
            self._lines += lines(seen)
        self.drawn += lines(seen)
        if kept:
            self.entries[place] = seen


# --- the core -------------------------------------------------------------------------------------


class Core(Wire):
    """No wire at all: replies as the conversation yields them."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._tasks: list[asyncio.Task[None]] = []
        self._places = 0

    @property
    def person(self) -> Person:
        return Person("core", "1")

    async def _open(self, stack: AsyncExitStack) -> None:
        if await self.conversation.unshown(self.person):
            self._begin(self.conversation.resume(self.person), None)
        stack.push_async_callback(self._end)

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _does(self, doing: Doing, waits: bool) -> None:
        event, pressed = self._event(doing)
        grows = self._begin(self.conversation.converse(self.person, event), pressed)
        if waits:
            await self._settle()
        else:
            await grows.wait()

    async def _does_at_once(self, doings: list[Doing]) -> None:
        for event, pressed in [self._event(doing) for doing in doings]:
            self._begin(self.conversation.converse(self.person, event), pressed)
        await self._settle()

    async def _settle(self) -> None:
        await asyncio.gather(*self._tasks)
        self._tasks.clear()

    def _event(self, doing: Doing) -> tuple[model.Message, Any]:
        if isinstance(doing, Again):
            assert self._again is not None
            again: tuple[model.Message, Any] = self._again()
            return again
        id, at = str(uuid4()), datetime.now(UTC)
        event: model.Message
        pressed: Any = None
        match doing:
            case Say(text):
                event = model.Said(id, at, text)
            case Send(media):
                event = model.Sent(id, at, media)
            case PressRaw(written):
                event, pressed = self._press(id, at, written), self._newest
            case Press():
                handle = self._handle(doing)
                event, pressed = self._press(id, at, handle.carries), handle.place
        self._again = lambda: (event, pressed)
        return event, pressed

    @staticmethod
    def _press(id: str, at: datetime, written: str) -> model.Message:
        action = actions.read(written)
        return model.PressedUnknown(id, at) if action is None else model.Pressed(id, at, action)

    def _begin(self, shown: AsyncGenerator[Shown, None], pressed: Any) -> asyncio.Event:
        grows = asyncio.Event()
        self._tasks.append(asyncio.create_task(self._follow(shown, pressed, grows)))
        return grows

    async def _follow(
        self, shown: AsyncGenerator[Shown, None], pressed: Any, grows: asyncio.Event
    ) -> None:
        async with aclosing(shown) as pieces:
            async for piece in pieces:
                match piece:
                    case Bubble(text, rows, replaces):
                        place = pressed if replaces else None
                        pressed = None if replaces else pressed
                        self._put(Seen(text, _rows(rows)), rows, "", place)
                    case Card(product, facts, note, rows):
                        text = f"{product.brand}\n{product.name}\n{facts}\n\n{note}"
                        seen = Seen(text, _rows(rows), product.picture is not None)
                        self._put(seen, rows, product.title, None, bubble=False)
                    case Document(name, _, caption):
                        self._put(Seen(caption, file=name), (), "", None)
                    case Toast(text):
                        self._sees(Seen(text), kept=False)
                    case Progress():
                        grows.set()
                    case Broken(text):
                        self._put(Seen(text), (), "", None)

    def _put(self, seen: Seen, rows: Rows, about: str, place: Any, *, bubble: bool = True) -> None:
        if place is None:
            self._places += 1
            place = self._places
        self._sees(seen, place)
        for button in (button for row in rows for button in row if button.action is not None):
            carries = actions.written(_action(button))
            self._handles.append(
                Handle(button.label, about or button.about, carries, place if bubble else None)
            )


def _rows(rows: Rows) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(tuple((button.label, button.url or "") for button in row) for row in rows)


def _action(button: Button) -> model.Action:
    assert button.action is not None
    return button.action


# --- the page -------------------------------------------------------------------------------------


class Web(Wire):
    """The page's socket, read as the page reads it."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._cookie = ""
        self._unanswered: set[str] = set()

    @property
    def person(self) -> Person:
        request = _Brought({"ppoyami": self._cookie})
        found = self._door.person(request)  # type: ignore[arg-type]
        assert found is not None
        return found

    async def _open(self, stack: AsyncExitStack) -> None:
        from bot.web.session import Door

        self._door = Door(SECRET)
        app = web.Application()
        add_routes(
            app,
            self.conversation,
            secret=SECRET,
            public_url=None,
            picture=self._house.picture,
        )
        self._address = await _served(app, stack)
        self._session = await stack.enter_async_context(aiohttp.ClientSession())
        await self._enter(stack)

    async def _enter(self, stack: AsyncExitStack) -> None:
        if not self._cookie:
            async with self._session.get(self._address) as response:
                self._cookie = response.cookies["ppoyami"].value
        headers = {"Origin": self._address, "Cookie": f"ppoyami={self._cookie}"}
        self._socket = await self._session.ws_connect(f"{self._address}/ws", headers=headers)
        stack.push_async_callback(self._socket.close)
        await self._socket.send_json({"type": "hello", "fresh": False, "pending": []})

    async def _does(self, doing: Doing, waits: bool) -> None:
        frame = self._frame(doing)
        self._unanswered.add(frame["id"])
        await self._socket.send_json(frame)
        while self._unanswered:
            grows = await self._hears()
            if grows and not waits:
                return

    async def _does_at_once(self, doings: list[Doing]) -> None:
        for frame in [self._frame(doing) for doing in doings]:
            self._unanswered.add(frame["id"])
            await self._socket.send_json(frame)
        while self._unanswered:
            await self._hears()

    async def _settle(self) -> None:
        """A line that comes back has said what it owes before it answers a repeated event."""
        if self._again is not None:
            await self._does(Again(), waits=True)

    def _frame(self, doing: Doing) -> dict[str, Any]:
        if isinstance(doing, Again):
            assert self._again is not None
            return dict(self._again())
        frame: dict[str, Any] = {"id": str(uuid4())}
        match doing:
            case Say(text):
                frame |= {"type": "say", "text": text}
            case Send(media):
                frame |= {"type": "send", "media": media.value}
            case PressRaw(written):
                frame |= {"type": "press", "action": written, "bubble": self._newest}
            case Press():
                handle = self._handle(doing)
                frame |= {"type": "press", "action": handle.carries, "bubble": handle.place}
        self._again = lambda: frame
        return frame

    async def _hears(self) -> bool:
        """One frame; whether it shows that an answer grows."""
        frame = json.loads((await self._socket.receive()).data)
        match frame["type"]:
            case "ack":
                self._unanswered.discard(frame["id"])
            case "bubble":
                self._put(frame, Seen(frame["text"], _web_rows(frame)), "")
            case "card":
                await self._sees_card(frame)
            case "document":
                self._sees(Seen(frame["text"], file=frame["name"]), frame["id"])
            case "toast":
                self._sees(Seen(frame["text"]), kept=False)
            case "progress":
                self._hold(frame, "")
                return True
            case "typing":
                pass
            case _:
                raise AssertionError(frame)
        return False

    async def _sees_card(self, frame: dict[str, Any]) -> None:
        if frame["picture"]:
            async with self._session.get(self._address + frame["picture"]) as response:
                assert response.status == 200
        text = f"{frame['brand']}\n{frame['name']}\n{frame['facts']}\n\n{frame['note']}"
        seen = Seen(text, _web_rows(frame), bool(frame["picture"]))
        self._put(frame, seen, f"{frame['brand']} {frame['name']}")

    def _put(self, frame: dict[str, Any], seen: Seen, about: str) -> None:
        self._sees(seen, frame["id"])
        self._hold(frame, about)

    def _hold(self, frame: dict[str, Any], about: str) -> None:
        place = None if frame["type"] == "card" else frame["id"]
        for button in (b for row in frame["rows"] for b in row if "action" in b):
            self._handles.append(
                Handle(button["label"], about or button["about"], button["action"], place)
            )


@dataclass
class _Brought:
    cookies: dict[str, str]


def _web_rows(frame: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(
        tuple((button["label"], button.get("url", "")) for button in row) for row in frame["rows"]
    )


# --- Telegram -------------------------------------------------------------------------------------


class CountedNursery(Nursery):
    """Tells when everything it started has ended."""

    def __init__(self) -> None:
        super().__init__()
        self._started: list[asyncio.Task[None]] = []

    def start(self, work: Any, name: str) -> asyncio.Task[None]:
        task = super().start(work, name)
        self._started.append(task)
        return task

    async def rest(self) -> None:
        while running := [task for task in self._started if not task.done()]:
            await asyncio.wait(running)


class Telegram(Wire):
    """The Bot API server: what the bot posted, edited and answered there.

    `before` is told of the server before the bot meets it.
    """

    admins: tuple[int, ...] = ()

    def __init__(self, house: House, before: Callable[[BotApi], None] = lambda api: None) -> None:
        super().__init__(house)
        self.api: BotApi | None = None
        self._before = before

    @property
    def person(self) -> Person:
        return Person("telegram", str(ME))

    async def _open(self, stack: AsyncExitStack) -> None:
        # The server is Telegram's: it lives on over restarts of the bot.
        if self.api is None:
            self._telegram = AsyncExitStack()
            self.api = await self._telegram.enter_async_context(bot_api())
            self.api.watch(ME, self._happened)
            self._before(self.api)
        self._nursery = CountedNursery()
        self._channel = TelegramChannel(
            TOKEN,
            self.api.address,
            self.conversation,
            self._house.picture,
            self._nursery,
            inbox=Inbox(self.database),
            blocking=self.people.mark_blocked,
            ask=self._house.counter.ask,
            admins=self.admins,
        )
        app = web.Application()
        app.router.add_post("/telegram", self._channel.webhook(HOOK_SECRET))
        stack.push_async_callback(self._channel.close)
        stack.push_async_callback(self._nursery.close)
        address = await _served(app, stack)
        await self._channel.open(await self.memory.unfinished("telegram"))
        await self._channel.listen(f"{address}/telegram", HOOK_SECRET)

    async def at_rest(self) -> None:
        """Until nothing is going on."""
        await self._nursery.rest()

    async def leave(self) -> None:
        if self.api is not None:
            await self._telegram.aclose()

    async def _does(self, doing: Doing, waits: bool) -> None:
        assert self.api is not None
        update = self._update(self.api, doing)
        drafts = len(self.api.drafts)
        assert await self.api.deliver(update) == 200
        if waits:
            await self._settle()
        while not waits and len(self.api.drafts) == drafts:
            await asyncio.sleep(0.01)

    async def _does_at_once(self, doings: list[Doing]) -> None:
        assert self.api is not None
        updates = [self._update(self.api, doing) for doing in doings]
        statuses = await asyncio.gather(*map(self.api.deliver, updates))
        assert set(statuses) == {200}
        await self._settle()

    async def _settle(self) -> None:
        await self._nursery.rest()

    def _update(self, api: BotApi, doing: Doing) -> dict[str, Any]:
        if isinstance(doing, Again):
            assert self._again is not None
            return dict(self._again())
        match doing:
            case Say(text):
                update = api.says(ME, text)
            case Send(media):
                update = api.sends(ME, media)
            case PressRaw(written):
                update = api.presses_data(ME, written, self._newest)
            case Press():
                handle = self._handle(doing)
                update = api.presses_data(ME, handle.carries, handle.place)
        self._again = lambda: update
        return update

    def _happened(self, shown: Posted | str) -> None:
        """A message as it was posted or edited, or the text of a toast."""
        if isinstance(shown, str):
            self._sees(Seen(shown), kept=False)
            return
        rows = tuple(tuple((b["text"], b.get("url", "")) for b in row) for row in shown.buttons)
        about = " ".join(shown.text.split("\n")[:2])
        self._sees(Seen(shown.text, rows, shown.photo, shown.file), shown.id)
        for button in (b for row in shown.buttons for b in row if "callback_data" in b):
            self._handles.append(Handle(button["text"], about, button["callback_data"], shown.id))


# --- KakaoTalk ------------------------------------------------------------------------------------


class Kakao(Wire):
    """Skill requests over HTTP, every response within the limits of `tests.kakao_limits`.

    What takes longer than a request may is fetched with «결과 보기» here, and what does not fit
    with «더 보기», as a person would; neither is part of what is read.
    """

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._last: Response | None = None

    @property
    def person(self) -> Person:
        return self._me.person

    async def _open(self, stack: AsyncExitStack) -> None:
        address, _ = await stack.enter_async_context(
            skill_server(
                self.memory,
                self._house.counter,
                times=KAKAO_TIMES,
                pace=Pace(1_000, 1.0),
                look=Look(picture=_at_the_shop),
            )
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        self._me = KakaoUser(address, session)

    async def _does(self, doing: Doing, waits: bool) -> None:
        if isinstance(doing, Press) and not self._carries(doing):
            doing = await self._ask_which(doing)
        await self._send(*self._request(doing), waits=waits, again=isinstance(doing, Again))

    async def _does_at_once(self, doings: list[Doing]) -> None:
        requests = [self._request(doing) for doing in doings]
        await asyncio.gather(*(self._send(*request) for request in requests))

    async def _settle(self) -> None:
        """After a start nothing comes by itself: who waits for something fetches it."""
        if self._last is not None and texts.RESULT in self._last.labels:
            await self._send(self._me.saying(texts.RESULT), str(uuid4()))

    def _carries(self, press: Press) -> bool:
        """Whether the button has a meaning of its own."""
        theirs = [one for one in self._handles if one.label == press.label]
        if press.about:
            return any(one.about == press.about for one in theirs)
        return not theirs or bool(theirs[-1].carries)

    async def _ask_which(self, press: Press) -> Press:
        """A label of several cards carries no meaning: pressed, it is said, and asked about. Its
        quick reply stands only under the cards. Returns the press that answers."""
        if self._last is None or press.label not in self._last.labels:
            await self._send(self._me.saying(texts.RESULT), str(uuid4()))
            self._lines.clear()
            self.drawn.clear()
        response = await self._me.sends(*self._request(Press(press.label)))
        while texts.RESULT in response.labels:  # a busy machine takes its time
            response = await self._me.sends(self._me.saying(texts.RESULT), str(uuid4()))
        assert texts.WHICH_ONE in response.said, f"{press}: {response.said}"
        self._hold(response)
        *_, newest = (tap.label for tap in response.taps if tap.label != texts.HOME)
        return Press(press.about or newest)

    def _request(self, doing: Doing) -> tuple[Any, str]:
        if isinstance(doing, Again):
            assert self._again is not None
            again: tuple[Any, str] = self._again()
            return again
        match doing:
            case Say(text):
                payload = self._me.saying(text)
            case Send():
                payload = self._me.sending_a_picture()
            case PressRaw(written):
                payload = self._me.tapping(Tap("", "", "CARD_BUTTON_MESSAGE", _carrying(written)))
            case Press():
                payload = self._me.tapping(self._handle(doing).place)
        request = payload, str(uuid4())
        self._again = lambda: request
        return request

    async def _send(
        self, payload: Any, id: str, *, waits: bool = True, again: bool = False
    ) -> None:
        response = await self._me.sends(payload, id)
        if again and self._last is not None:
            assert (response.texts, response.labels) == (self._last.texts, self._last.labels)
            return  # the screen that stands, since a request wants some response
        while texts.RESULT in response.labels and waits:
            self._reads(response)
            response = await self._me.sends(self._me.saying(texts.RESULT), str(uuid4()))
        self._last = response
        self._reads(response)
        while texts.MORE in response.labels:
            more = self._me.tapping(response.tap(texts.MORE))
            response = await self._me.sends(more, str(uuid4()))
            self._reads(response)

    def _reads(self, response: Response) -> None:
        self._hold(response)
        read = [line for text in response.texts for line in text.splitlines()]
        for name in {tap.about for tap in response.taps}:
            read = _named_once(read, name, elsewhere=name in response.labels)
        text = "\n".join(line for line in read if line != texts.LOOKING)
        row = tuple((tap.label, tap.link) for tap in response.taps if tap.label not in KAKAO_WAYS)
        picture = any("thumbnail" in str(content) for _, content in response.outputs)
        self._sees(Seen(text, (row,) if row else (), picture))

    def _hold(self, response: Response) -> None:
        for tap in response.taps:
            if not tap.link and tap.label not in KAKAO_WAYS:
                self._handles.append(Handle(tap.label, tap.about, tap.action, tap))


_BUTTON = re.compile(r"\[([^\]]+)\](?: (https?://\S+))?(?= \[|$)")
_NUMBER = re.compile(r"^\d+\. ?")


def at_kakao(drawn: list[str], growing: str = "찾아보니 …") -> tuple[Words, set[str], set[str]]:
    """(words, labels, links) of what is drawn: the one place where what KakaoTalk does otherwise,
    and may, is made equal.

    - It edits nothing. A screen that is drawn again in its place, unchanged too, is a new bubble
      (`drawn` holds those), and what an answer had grown to when it was broken off is not seen.
    - It has places of its own for everything: titles, descriptions, lists, names with values, cards
      beside each other, quick replies under all. So words are compared, whatever their order and
      their lines, and labels likewise; what does not fit on a card stands before it, numbered.
    - It takes no files: a document's content is read instead.
    - It says some words of its own: over a list, over buttons that stay in the chat.
    """
    words: Words = Words()
    labels, links = set[str](), set[str]()
    for line in drawn:
        if line in (growing, "(picture)"):
            continue
        if line.startswith("["):
            for label, link in _BUTTON.findall(line):
                (links if link else labels).add(link or label.removeprefix(texts.CHOSEN))
        elif line.strip() not in KAKAO_SAYS:
            words.update(one.strip("():") for one in DOCUMENT.get(line, line).split())
    for own in [word for word in words if _NUMBER.fullmatch(word) or word == "INCI"]:
        del words[own]
    return words, labels, links


def _named_once(read: list[str], name: str, *, elsewhere: bool) -> list[str]:
    """A card's title also stands over what does not fit on the card («2. 달빛 진정 토너»), and a
    card of buttons bears the name of what is told above or is a button: that is not read again."""
    told = [line for line in read if line != name and _NUMBER.sub("", line).startswith(name)]
    once = 0 if told or elsewhere else 1
    kept = [place for place, line in enumerate(read) if line == name][:once]
    return [line for place, line in enumerate(read) if line != name or place in kept]


def _carrying(written: str) -> dict[str, Any]:
    return {"action": "message", "messageText": "단추", "extra": {"action": written}}


def _at_the_shop(product: Product) -> str | None:
    return product.picture and f"https://shop.example/{product.picture}"


async def _served(app: web.Application, stack: AsyncExitStack) -> str:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


WIRES: dict[str, type[Wire]] = {
    "core": Core,
    "web": Web,
    "telegram": Telegram,
    "kakao": Kakao,
}
