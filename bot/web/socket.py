"""The page's socket: events in, frames out, one event at a time and in order.

Only the wait for a request does not hold the next event up: the conversation decides what comes
of an answer that is still on its way.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol, assert_never
from uuid import UUID

from aiohttp import WSMsgType, web

from bot.conversation import Shown, Waiting
from bot.dialogue import texts
from bot.dialogue.model import Message
from bot.web import render
from bot.web.read import Doing, Frame, Hello, Ping, Press, Say, Send, Unreadable, event, read
from engine.domain import Person

EVENTS = 30
SPAN = 5.0
"""At most EVENTS frames in SPAN seconds from one connection."""
QUEUE = 11
"""Ten events that wait for their turn, and the page's own hello."""
TOO_FAST = "조금만 천천히 보내 주세요. 방금 것은 전해지지 않았어요."
UNREADABLE = "이 메시지는 읽을 수 없어요. 페이지를 새로 고친 뒤 다시 보내 주세요."
UNAVAILABLE = "지금은 답을 드리지 못했어요. 보낸 내용은 그대로 있으니 잠시 뒤 다시 보내 주세요."

logger = logging.getLogger(__name__)


class Talk(Protocol):
    """What the page asks of `bot.conversation.Conversation`."""

    def converse(self, person: Person, event: Message) -> AsyncIterator[Shown]: ...

    def resume(self, person: Person) -> AsyncIterator[Shown]: ...

    async def unshown(self, person: Person) -> bool: ...


class Pace:
    """Lets through at most `events` in any `span` seconds."""

    def __init__(self, events: int = EVENTS, span: float = SPAN) -> None:
        self._span = span
        self._last: deque[float] = deque(maxlen=events)

    def allows(self, now: float) -> bool:
        if len(self._last) == self._last.maxlen and now - self._last[0] < self._span:
            return False
        self._last.append(now)
        return True


class Line:
    """One open page. Reads on while an answer is being sent, so that a closed page is noticed."""

    def __init__(
        self,
        talk: Talk,
        person: Person,
        socket: web.WebSocketResponse,
        picture: render.PicturePath,
    ) -> None:
        self._talk = talk
        self._picture = picture
        self._person = person
        self._socket = socket
        self._pace = Pace()
        self._queue: asyncio.Queue[Hello | Doing] = asyncio.Queue(QUEUE)
        self._pending: set[UUID] = set()
        self._meeting: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Until the page goes. What was not shown to its end by then is owed."""
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(self._answer(tasks))
            try:
                async for message in self._socket:
                    await self._hear(message.type, message.data)
            except ConnectionError:
                logger.debug("the page went while it was being answered")
            finally:
                for task in (answering, *self._meeting):
                    task.cancel()

    async def _hear(self, kind: WSMsgType, data: object) -> None:
        if kind is WSMsgType.ERROR:
            return  # Too large, or not a websocket's bytes: the socket is closing by itself.
        if not isinstance(data, str) or kind is not WSMsgType.TEXT:
            await self._send(render.error(UNREADABLE))
            return
        try:
            frame = read(data)
        except Unreadable as unreadable:
            logger.info("unreadable frame: %s", unreadable)
            await self._send(render.error(UNREADABLE, unreadable.id))
            return
        await self._line_up(frame)

    async def _line_up(self, frame: Frame) -> None:
        if isinstance(frame, Ping):
            await self._send(render.pong())
            return
        id = None if isinstance(frame, Hello) else str(frame.id)
        if not self._pace.allows(asyncio.get_running_loop().time()):
            await self._send(render.error(TOO_FAST, id))
        elif self._queue.full():
            await self._send(render.error(texts.ONE_MOMENT, id))
        else:
            self._queue.put_nowait(frame)

    async def _answer(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            frame = await self._queue.get()
            on_its_way = asyncio.Event()
            task = tasks.create_task(self._safely_meet(frame, on_its_way))
            self._meeting.add(task)
            task.add_done_callback(self._meeting.discard)
            await on_its_way.wait()

    async def _safely_meet(self, frame: Hello | Doing, on_its_way: asyncio.Event) -> None:
        """`on_its_way` is set when the next event may be met: this one waits, or is over."""
        try:
            await self._meet(frame, on_its_way)
        except ConnectionError:
            logger.debug("the page went while it was being answered")
        except Exception:
            # The rim: whatever broke, the page keeps the event and may send it again.
            logger.exception("an event of the page was not answered")
            await self._tell_off(None if isinstance(frame, Hello) else str(frame.id))
        finally:
            on_its_way.set()

    async def _tell_off(self, id: str | None) -> None:
        try:
            await self._send(render.error(UNAVAILABLE, id, again=True))
        except ConnectionError:
            logger.debug("the page went before it could be told")

    async def _meet(self, frame: Hello | Doing, on_its_way: asyncio.Event) -> None:
        match frame:
            case Hello(fresh=fresh, pending=pending):
                await self._greet(fresh, pending, on_its_way)
            case Say() | Press() | Send():
                await self._turn(frame, on_its_way)
            case _:
                assert_never(frame)

    async def _greet(
        self, fresh: bool, pending: tuple[UUID, ...], on_its_way: asyncio.Event
    ) -> None:
        """A new page gets the present scene. One that was only cut off gets what it is owed,
        except that what it is about to send again brings its own answer."""
        if fresh:
            await self._show(self._talk.resume(self._person), self._exchange(), on_its_way)
        elif pending:
            self._pending = set(pending)
        elif await self._talk.unshown(self._person):
            await self._show(self._talk.resume(self._person), self._exchange(), on_its_way)

    async def _turn(self, frame: Doing, on_its_way: asyncio.Event) -> None:
        id = str(frame.id)
        pressed = frame.bubble if isinstance(frame, Press) else None
        exchange = self._exchange(id, pressed)
        happened = event(frame, datetime.now(UTC))
        drawn = await self._show(self._talk.converse(self._person, happened), exchange, on_its_way)
        if not drawn and frame.id in self._pending:
            # It was applied and shown, but into a line that was already cut: the page saw
            # nothing of it, or it would not have sent it again.
            await self._show(self._talk.resume(self._person), exchange, on_its_way)
        self._pending.discard(frame.id)
        await self._send(render.ack(id))

    async def _show(
        self,
        replies: AsyncIterator[Shown],
        exchange: render.Exchange,
        on_its_way: asyncio.Event,
    ) -> bool:
        drawn = False
        async with _closing(replies):
            async for shown in replies:
                await self._send(exchange.frame(shown))
                drawn = True
                if isinstance(shown, Waiting):
                    on_its_way.set()
        return drawn

    def _exchange(self, id: str | None = None, pressed: str | None = None) -> render.Exchange:
        return render.Exchange(self._picture, id, pressed)

    async def _send(self, frame: render.Frame) -> None:
        await self._socket.send_str(json.dumps(frame, ensure_ascii=False))


@asynccontextmanager
async def _closing(replies: AsyncIterator[Shown]) -> AsyncIterator[None]:
    """End a conversation that is left half way now, not when it is garbage."""
    try:
        yield
    finally:
        if isinstance(replies, AsyncGenerator):
            await replies.aclose()
