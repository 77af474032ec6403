"""A small Bot API server: one bot, any number of private chats, Telegram's limits and errors."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from bot.dialogue.model import Media

TOKEN = "12345:test-token"
UPLOADED = "(uploaded files)"
UNTIL = {"until_date": 0}
BOT = {"id": 12345, "is_bot": True, "first_name": "뽀야미", "username": "ppoyami_bot"}


class Refused(Exception):
    """Answered as Telegram answers a bad request."""

    def __init__(self, description: str, code: int = 400, **parameters: int) -> None:
        super().__init__(description)
        self.status = code
        self.content: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.content["parameters"] = parameters


class Dropped(Exception):
    """The line goes dead instead of an answer; with `done` the call was carried out before."""

    def __init__(self, done: bool = False) -> None:
        super().__init__("the line goes dead")
        self.done = done


@dataclass
class Message:
    id: int
    text: str
    buttons: list[list[dict[str, str]]]
    photo: bool = False
    edits: int = 0
    file: str = ""
    """The name of the file it carries."""

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.buttons for button in row]


Watcher = Callable[[Message | str], None]
"""Is told of a chat's messages as they are posted and edited, and of toasts' texts."""


@dataclass
class BotApi:
    """What a bot did, and what people did to it."""

    address: str = ""
    chats: dict[int, list[Message]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    polls: list[dict[str, Any]] = field(default_factory=list)
    """Calls of getUpdates, which are not among the others."""
    toasts: list[str] = field(default_factory=list)
    refusals: dict[str, list[Refused | Dropped]] = field(default_factory=dict)
    """Method → what its next calls are answered with."""
    delays: dict[str, float] = field(default_factory=dict)
    """Method → seconds before its calls are looked at."""
    webhook: dict[str, Any] = field(default_factory=dict)
    offset: int = 0
    drafts: list[tuple[int, int, str]] = field(default_factory=list)
    """(chat, draft, text) of each preview."""
    profile: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is set about the bot: «method scope chat language» → its arguments."""
    trouble: dict[str, Any] = field(default_factory=dict)
    """`last_error_date` and `last_error_message` of the webhook."""
    blocked: set[int] = field(default_factory=set)
    """Chats whose person blocked the bot."""
    strangers: set[int] = field(default_factory=set)
    """Who never wrote to the bot: there is no chat with them."""
    file_ids: set[str] = field(default_factory=set)
    """Pictures that may be sent again by their id."""
    uploads: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    """What people sent, by file id."""
    inline: list[dict[str, Any]] = field(default_factory=list)
    """Answers to inline queries."""
    _asking: set[str] = field(default_factory=set)
    on_call: Callable[[str, dict[str, Any]], None] | None = None
    """Is told of each call as it comes."""
    _watching: dict[int, Watcher] = field(default_factory=dict)
    _callbacks: dict[str, int] = field(default_factory=dict)
    _updates: list[dict[str, Any]] = field(default_factory=list)
    _last: int = 1000
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=20 << 20)
        app.router.add_post(f"/bot{TOKEN}/{{method}}", self._call)
        app.router.add_get(f"/file/bot{TOKEN}/{{file}}", self._file)
        return app

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["file"].removesuffix(".jpg"))
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content)

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        data = await _arguments(request)
        if method != "getUpdates":
            self.calls.append((method, data))
            if self.on_call is not None:
                self.on_call(method, data)
        else:
            self.polls.append(data)
        await asyncio.sleep(self.delays.get(method, 0))
        try:
            if self.refusals.get(method):
                raise self.refusals[method].pop(0)
            if int(data.get("chat_id", 0)) in self.blocked:
                raise Refused("Forbidden: bot was blocked by the user", 403)
            if int(data.get("chat_id", 0)) in self.strangers:
                raise Refused("Bad Request: chat not found")
            result = await getattr(self, f"on_{method}")(data)
        except Refused as refused:
            return web.json_response(refused.content, status=refused.status)
        except Dropped as dropped:
            if dropped.done:
                await getattr(self, f"on_{method}")(data)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        self._news.set()
        return web.json_response({"ok": True, "result": result})

    async def on_getFile(self, data: dict[str, Any]) -> Any:  # noqa: N802
        content = self.files.get(data["file_id"])
        if content is None:
            raise Refused("Bad Request: invalid file_id")
        if len(content) > 20 << 20:
            raise Refused("Bad Request: file is too big")
        told = {"file_id": data["file_id"], "file_unique_id": "u", "file_size": len(content)}
        return told | {"file_path": f"{data['file_id']}.jpg"}

    async def on_answerInlineQuery(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if data["inline_query_id"] not in self._asking:
            raise Refused(
                "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        self._asking.discard(data["inline_query_id"])
        results, button = json.loads(data["results"]), json.loads(data.get("button", "{}"))
        ids = [result["id"] for result in results]
        if len(results) > 50:
            raise Refused("Bad Request: RESULTS_TOO_MUCH")
        if len(set(ids)) < len(ids) or not all(1 <= len(id.encode()) <= 64 for id in ids):
            raise Refused("Bad Request: RESULT_ID_INVALID")
        if len(data.get("next_offset", "").encode()) > 64:
            raise Refused("Bad Request: NEXT_OFFSET_INVALID")
        start = button.get("start_parameter", "c_none")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start):
            raise Refused("Bad Request: START_PARAM_INVALID")
        for result in results:
            _check_text(result["input_message_content"]["message_text"], 4096)
            _buttons({"reply_markup": json.dumps(result["reply_markup"])})
        self.inline.append(data | {"results": results, "button": button})
        return True

    async def on_getMe(self, _: dict[str, Any]) -> Any:  # noqa: N802 - the API's own names
        return BOT

    async def on_setMyCommands(self, data: dict[str, Any]) -> Any:  # noqa: N802
        commands = json.loads(data["commands"])
        if len(commands) > 100:
            raise Refused("Bad Request: BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refused("Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refused("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return self._set("setMyCommands", data | {"commands": commands})

    async def on_setMyDescription(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if len(data.get("description", "")) > 512:
            raise Refused("Bad Request: BOT_DESCRIPTION_INVALID")
        return self._set("setMyDescription", data)

    async def on_setMyShortDescription(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if len(data.get("short_description", "")) > 120:
            raise Refused("Bad Request: BOT_ABOUT_INVALID")
        return self._set("setMyShortDescription", data)

    async def on_setChatMenuButton(self, data: dict[str, Any]) -> Any:  # noqa: N802
        return self._set("setChatMenuButton", data)

    def _set(self, method: str, data: dict[str, Any]) -> Any:
        scope = json.loads(data.get("scope", "{}"))
        if scope.get("type") == "chat" and scope["chat_id"] in self.strangers:
            raise Refused("Bad Request: chat not found")
        where = f"{scope.get('type', '')} {scope.get('chat_id', '')}".strip()
        self.profile[" ".join(f"{method} {where} {data.get('language_code', '')}".split())] = data
        return True

    async def on_deleteWebhook(self, data: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = {}
        if data.get("drop_pending_updates") == "true":
            self._updates.clear()
        return True

    async def on_getWebhookInfo(self, _: dict[str, Any]) -> Any:  # noqa: N802
        told = {"url": self.webhook.get("url", ""), "has_custom_certificate": False}
        return told | {"pending_update_count": len(self.pending), **self.trouble}

    @property
    def last_update(self) -> dict[str, Any]:
        return self._updates[-1]

    @property
    def pending(self) -> list[dict[str, Any]]:
        """What polling has not confirmed."""
        return [update for update in self._updates if update["update_id"] >= self.offset]

    async def on_setWebhook(self, data: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = data
        return True

    async def on_getUpdates(self, data: dict[str, Any]) -> Any:  # noqa: N802
        self.offset = max(self.offset, int(data.get("offset", 0)))
        for _ in range(20):
            if waiting := self.pending:
                return waiting
            await asyncio.sleep(0.02)
        return []

    async def on_sendChatAction(self, _: dict[str, Any]) -> Any:  # noqa: N802
        return True

    async def on_answerCallbackQuery(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if len(data.get("text", "")) > 200:
            raise Refused("MESSAGE_TOO_LONG")
        if data.get("text"):
            self.toasts.append(data["text"])
            chat = self._callbacks.get(data["callback_query_id"])
            if chat in self._watching:
                self._watching[chat](data["text"])
        return True

    async def on_sendMessageDraft(self, data: dict[str, Any]) -> Any:  # noqa: N802
        if not int(data["draft_id"]):
            raise Refused("Bad Request: DRAFT_ID_INVALID")
        if len(data.get("text", "")) > 4096:
            raise Refused("Bad Request: message is too long")
        self.drafts.append((int(data["chat_id"]), int(data["draft_id"]), data.get("text", "")))
        return True

    async def on_sendMessage(self, data: dict[str, Any]) -> Any:  # noqa: N802
        _check_text(data["text"], 4096)
        return self._posted(data, data["text"], photo=False)

    async def on_sendPhoto(self, data: dict[str, Any]) -> Any:  # noqa: N802
        _check_text(data.get("caption", " "), 1024)
        if UPLOADED not in data and data["photo"] not in self.file_ids:
            raise Refused("Bad Request: wrong file identifier/HTTP URL specified")
        self.uploads += UPLOADED in data
        return self._posted(data, data.get("caption", ""), photo=True)

    async def on_sendDocument(self, data: dict[str, Any]) -> Any:  # noqa: N802
        _check_text(data.get("caption", " "), 1024)
        [(name, _)] = data[UPLOADED].items()
        return self._posted(data, data.get("caption", ""), photo=False, file=name)

    async def on_editMessageText(self, data: dict[str, Any]) -> Any:  # noqa: N802
        _check_text(data["text"], 4096)
        message = self._message(int(data["chat_id"]), int(data["message_id"]))
        buttons = _buttons(data)
        if message is None:
            raise Refused("Bad Request: message to edit not found")
        if message.photo or message.file:
            raise Refused("Bad Request: there is no text in the message to edit")
        if (message.text, message.buttons) == (data["text"], buttons):
            raise Refused("Bad Request: message is not modified: …")
        message.text, message.buttons, message.edits = data["text"], buttons, message.edits + 1
        self._shown(int(data["chat_id"]), message)
        return self._told(int(data["chat_id"]), message)

    def _posted(self, data: dict[str, Any], text: str, *, photo: bool, file: str = "") -> Any:
        chat = int(data["chat_id"])
        self._last += 1
        message = Message(self._last, text, _buttons(data), photo, file=file)
        self.chats.setdefault(chat, []).append(message)
        if photo:
            self.file_ids.add(f"f{message.id}")
        self._shown(chat, message)
        return self._told(chat, message)

    def watch(self, chat: int, watcher: Watcher) -> None:
        self._watching[chat] = watcher

    def _shown(self, chat: int, message: Message) -> None:
        if chat in self._watching:
            self._watching[chat](replace(message))

    def _told(self, chat: int, message: Message) -> dict[str, Any]:
        told: dict[str, Any] = {
            "message_id": message.id,
            "date": _now(),
            "chat": {"id": chat, "type": "private"},
            "reply_markup": {"inline_keyboard": message.buttons},
        }
        if message.photo:
            size = {"file_id": f"f{message.id}", "file_unique_id": "u", "width": 400, "height": 400}
            return told | {"caption": message.text, "photo": [size]}
        if message.file:
            document = {"file_id": f"d{message.id}", "file_unique_id": "d"}
            return told | {"caption": message.text, "document": document}
        return told | {"text": message.text}

    def _message(self, chat: int, number: int) -> Message | None:
        return next((m for m in self.chats.get(chat, []) if m.id == number), None)

    # --- what people do ------------------------------------------------------------------------

    def says(self, chat: int, text: str) -> dict[str, Any]:
        return self._happened(message=self._from(chat) | {"text": text})

    def says_in_group(
        self, group: int, text: str, sender: int, *, kind: str = "supergroup", topic: int = 0
    ) -> dict[str, Any]:
        """Someone writes in a group that the bot is in."""
        where = {"chat": {"id": group, "type": kind, "title": "모임"}}
        thread = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
        return self._happened(message=self._from(sender) | where | thread | {"text": text})

    def sends_sticker(self, chat: int) -> dict[str, Any]:
        return self.sends(chat, Media.STICKER)

    def sends(self, chat: int, media: Media) -> dict[str, Any]:
        return self._happened(message=self._from(chat) | _content(media))

    def sends_file(self, chat: int, content: bytes, kind: str | None = None) -> dict[str, Any]:
        """A photo with a caption, or, with its kind, as a file; the bot may fetch it."""
        self.files[name := f"photo{len(self.files)}"] = content
        file: dict[str, Any] = {"file_id": name, "file_unique_id": name}
        if kind is not None:
            document = {"document": file | {"mime_type": kind}}
            return self._happened(message=self._from(chat) | document)
        sizes = [{"width": 90, "height": 60}, {"width": 1280, "height": 800}]
        photo = [file | {"file_id": "small"} | sizes[0], file | sizes[1]]
        captioned = {"photo": photo, "caption": "이거 어때요?"}
        return self._happened(message=self._from(chat) | captioned)

    def asks_inline(self, chat: int, text: str, offset: str = "") -> dict[str, Any]:
        """«@bot text» in some chat of this person."""
        self._last += 1
        self._asking.add(id := f"i{self._last}")
        person = {"id": chat, "is_bot": False, "first_name": "사람"}
        query = {"id": id, "from": person, "query": text, "offset": offset, "chat_type": "group"}
        return self._happened(inline_query=query)

    def chooses(self, chat: int, result: dict[str, Any]) -> dict[str, Any]:
        """An inline result, sent to the bot itself."""
        content = {
            "text": result["input_message_content"]["message_text"],
            "reply_markup": result["reply_markup"],
            "via_bot": BOT,
        }
        return self._happened(message=self._from(chat) | content)

    def presses_data(self, chat: int, data: str, message: int | None = None) -> dict[str, Any]:
        """A button of this message (None: the newest), also one it has no longer."""
        newest = self.chats[chat][-1]
        held = newest if message is None else self._message(chat, message)
        assert held is not None, f"no message {message} in the chat"
        return self._pressed(chat, held, data)

    def blocks(self, chat: int, blocked: bool = True) -> dict[str, Any]:
        """The person blocks the bot, or comes back."""
        (self.blocked.add if blocked else self.blocked.discard)(chat)
        person = {"id": chat, "is_bot": False, "first_name": "사람"}
        states = [{"status": "member", "user": BOT}, {"status": "kicked", "user": BOT} | UNTIL]
        old, new = states if blocked else states[::-1]
        return self._happened(
            my_chat_member={
                "chat": {"id": chat, "type": "private"}, "from": person, "date": _now(),
                "old_chat_member": old, "new_chat_member": new,
            }
        )  # fmt: skip

    def presses(self, chat: int, label: str) -> dict[str, Any]:
        """The newest button of that label."""
        for message in reversed(self.chats.get(chat, [])):
            for row in message.buttons:
                for button in row:
                    if button["text"] == label:
                        return self._pressed(chat, message, button["callback_data"])
        raise AssertionError(f"no button {label!r} in {[m.labels for m in self.chats[chat]]}")

    def _pressed(self, chat: int, message: Message, data: str) -> dict[str, Any]:
        self._callbacks[f"q{self._last}"] = chat
        return self._happened(
            callback_query={
                "id": f"q{self._last}", "chat_instance": "c", "data": data,
                "from": {"id": chat, "is_bot": False, "first_name": "사람"},
                "message": self._told(chat, message),
            }
        )  # fmt: skip

    def _from(self, chat: int) -> dict[str, Any]:
        self._last += 1
        return {
            "message_id": self._last, "date": _now(),
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "사람"},
        }  # fmt: skip

    def _happened(self, **content: Any) -> dict[str, Any]:
        self._last += 1
        update = {"update_id": self._last, **content}
        self._updates.append(update)
        return update

    async def deliver(self, update: dict[str, Any]) -> int:
        """Call the webhook as Telegram does; its status."""
        async with aiohttp.ClientSession() as session:
            headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
            async with session.post(self.webhook["url"], json=update, headers=headers) as response:
                return response.status

    async def until_webhook(self, seconds: float = 15) -> None:
        """Wait until the bot has set one."""
        async with asyncio.timeout(seconds):
            while not self.webhook:
                await asyncio.sleep(0.02)

    async def until_asked(self, seconds: float = 15) -> None:
        """Wait until the bot polls."""
        async with asyncio.timeout(seconds):
            while not self.polls:
                await asyncio.sleep(0.02)

    async def until(self, chat: int, *wanted: str, seconds: float = 15) -> Message:
        """Wait for a newest message that holds the text or the label."""
        async with asyncio.timeout(seconds):
            while True:
                for message in self.chats.get(chat, [])[-1:]:
                    if all(w in message.text or w in message.labels for w in wanted):
                        return message
                self._news.clear()
                try:
                    await asyncio.wait_for(self._news.wait(), 0.2)
                except TimeoutError:
                    continue


async def _arguments(request: web.Request) -> dict[str, Any]:
    given = dict(await request.post())
    files = {
        value.filename: value.file.read()
        for value in given.values()
        if isinstance(value, web.FileField)
    }
    told = {name: value for name, value in given.items() if isinstance(value, str)}
    return {**request.query, **told, **({UPLOADED: files} if files else {})}


def _content(media: Media) -> dict[str, Any]:
    file = {"file_id": "s", "file_unique_id": "s"}
    size = {"width": 512, "height": 512}
    match media:
        case Media.STICKER:
            kind = {"type": "regular", "is_animated": False, "is_video": False}
            return {"sticker": file | size | kind}
        case Media.PHOTO:
            return {"photo": [file | size]}
        case Media.VOICE:
            return {"voice": file | {"duration": 3}}
        case Media.OTHER:
            return {"location": {"latitude": 37.5, "longitude": 127.0}}


def _now() -> int:
    """Seconds, as Telegram dates things."""
    return int(datetime.now(UTC).timestamp())


def _buttons(data: dict[str, Any]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = json.loads(data.get("reply_markup", "{}")).get(
        "inline_keyboard", []
    )
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise Refused("Bad Request: REPLY_MARKUP_TOO_LONG")
    for button in (button for row in rows for button in row):
        if not 1 <= len(button.get("callback_data", "x").encode()) <= 64 or not button["text"]:
            raise Refused("Bad Request: BUTTON_DATA_INVALID")
    return rows


def _check_text(text: str, limit: int) -> None:
    if not text:
        raise Refused("Bad Request: message text is empty")
    if len(text) > limit:
        raise Refused("Bad Request: message is too long")


@asynccontextmanager
async def bot_api() -> AsyncIterator[BotApi]:
    api = BotApi()
    runner = web.AppRunner(api.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield api
    finally:
        await runner.cleanup()
