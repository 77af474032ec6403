"""What the Telegram courier makes of everything a Bot API server may do."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.courier import (
    Arrived,
    Blocked,
    Busy,
    Faltered,
    Notice,
    Outcome,
    Refused,
    Unknown,
    Unreachable,
    Unsent,
)
from bot.dialogue.model import Button, DecideOn
from bot.telegram.courier import FileUnavailable, TelegramCourier
from engine.advertising import Advertisement, Link, Sender
from engine.domain import Purpose
from engine.store.broadcasts import Recipient
from tests.bot_api import TOKEN, BotApi, Dropped, bot_api
from tests.bot_api import Refused as Refusal

AD = Advertisement(Sender("달빛상점", "02-1"), "할인", Link("보기", "https://shop.example"))
SOMEONE = Recipient(1, "telegram", "77", "77")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@asynccontextmanager
async def courier_at(address: str, patience: float = 5) -> AsyncIterator[TelegramCourier]:
    courier = TelegramCourier(TOKEN, address, 20, patience=patience)
    try:
        yield courier
    finally:
        await courier.close()


@pytest.fixture
async def courier(api: BotApi) -> AsyncIterator[TelegramCourier]:
    async with courier_at(api.address) as courier:
        yield courier


async def delivered(courier: TelegramCourier, picture: bytes | None = None) -> Outcome:
    [outcome] = await courier.deliver([SOMEONE], AD, picture)
    return outcome


async def test_the_whole_advertisement_arrives_with_its_link_and_the_way_out(
    api: BotApi, courier: TelegramCourier
) -> None:
    assert await delivered(courier) == Arrived()
    [message] = api.chats[77]
    assert message.text == AD.text
    [[link], [out]] = message.buttons
    assert (link["text"], link["url"]) == ("보기", "https://shop.example")
    assert (out["text"], out["callback_data"]) == ("수신거부", "open:opt_out")


async def test_a_picture_is_uploaded_once_and_sent_again_by_its_id(
    api: BotApi, courier: TelegramCourier
) -> None:
    people = [Recipient(n, "telegram", str(n), str(n)) for n in range(70, 76)]
    outcomes = await asyncio.gather(*(courier.deliver([each], AD, PNG) for each in people))
    assert outcomes == [[Arrived()]] * 6
    assert api.uploads == 1
    assert all(api.chats[n][0].photo and api.chats[n][0].text == AD.text for n in range(70, 76))


async def test_a_picture_whose_first_upload_fails_is_uploaded_to_the_next(
    api: BotApi, courier: TelegramCourier
) -> None:
    api.blocked.add(77)
    assert await delivered(courier, PNG) == Blocked()
    other = Recipient(2, "telegram", "78", "78")
    assert await courier.deliver([other], AD, PNG) == [Arrived()]
    assert len(api.chats[78]) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Refusal("Too Many Requests: retry after 7", 429, retry_after=7), Busy(7)),
        (Refusal("Forbidden: bot was blocked by the user", 403), Blocked()),
        (Refusal("Forbidden: user is deactivated", 403), Blocked()),
        (Refusal("Bad Request: chat not found"), Refused("Chat not found")),
        (Refusal("Internal Server Error", 500), Faltered("status 500")),
        (Refusal("Bad Gateway", 502), Faltered("status 502")),
        (Refusal("Gateway Timeout", 504), Unknown("status 504")),
        (Refusal("Unauthorized", 401), Busy(60.0)),
        (Dropped(), Unknown("RemoteProtocolError")),
        (Dropped(done=True), Unknown("RemoteProtocolError")),
    ],
    ids=["429", "403", "gone", "400", "500", "502", "504", "401", "dropped", "dropped after"],
)
async def test_every_refusal_has_its_outcome(
    api: BotApi, courier: TelegramCourier, answer: Refusal | Dropped, outcome: Outcome
) -> None:
    api.refusals["sendMessage"] = [answer]
    came = await delivered(courier)
    if isinstance(outcome, Unknown) and isinstance(answer, Dropped):
        assert isinstance(came, Unknown)  # which error it is depends on when the line goes
    else:
        assert came == outcome
    assert len(api.calls) == 1  # the courier itself never calls twice


async def test_where_nothing_listens_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    async with courier_at(address) as courier:
        assert isinstance(await delivered(courier), Unsent)


async def test_an_answer_that_does_not_come_leaves_it_unknown(
    api: BotApi,
) -> None:
    api.delays["sendMessage"] = 0.6
    async with courier_at(api.address, patience=0.2) as courier:
        assert isinstance(await delivered(courier), Unknown)
        await asyncio.sleep(0.6)


async def test_an_answer_that_is_no_json_leaves_it_unknown() -> None:
    async def mumble(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    async with _server(mumble) as address, courier_at(address) as courier:
        assert isinstance(await delivered(courier), Unknown)


async def test_who_has_no_address_is_unreachable(courier: TelegramCourier) -> None:
    nobody = Recipient(1, "telegram", "77", None)
    assert await courier.deliver([nobody], AD, None) == [Unreachable()]


async def test_a_notice_has_its_own_buttons_and_no_mark(
    api: BotApi, courier: TelegramCourier
) -> None:
    keep = Button("계속 받기", DecideOn(Purpose.ADVERTISING, agreed=True))
    assert await courier.notify(SOMEONE, Notice("계속 받으시겠어요?", ((keep,),))) == Arrived()
    [message] = api.chats[77]
    assert message.text == "계속 받으시겠어요?" and message.labels == ["계속 받기"]


async def test_a_report_is_edited_in_place_and_sent_anew_where_it_is_gone(
    api: BotApi, courier: TelegramCourier
) -> None:
    rows = ((Button("일시정지", DecideOn(Purpose.NIGHT, agreed=True)),),)
    first = await courier.report("5", None, "1 / 30명", rows)
    assert await courier.report("5", first, "9 / 30명", rows) == first
    assert await courier.report("5", first, "9 / 30명", rows) == first  # not modified
    [message] = api.chats[5]
    assert (message.text, message.edits) == ("9 / 30명", 1)
    again = await courier.report("5", 4, "30 / 30명", ())
    assert again not in (None, 4) and api.chats[5][-1].text == "30 / 30명"


async def test_a_report_that_cannot_be_shown_stops_nothing(
    api: BotApi, courier: TelegramCourier
) -> None:
    api.refusals["editMessageText"] = [Refusal("Too Many Requests", 429, retry_after=5)]
    assert await courier.report("5", 4, "글", ()) == 4
    api.blocked.add(5)
    assert await courier.report("5", None, "글", ()) is None


async def test_a_photo_somebody_sent_is_fetched() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/getFile"):
            told = {"file_id": "f", "file_unique_id": "u", "file_path": "photos/1.png"}
            return web.json_response({"ok": True, "result": told})
        assert request.path == f"/file/bot{TOKEN}/photos/1.png"
        return web.Response(body=PNG)

    async with _server(answer) as address, courier_at(address) as courier:
        assert await courier.fetch("f") == PNG


async def test_a_photo_that_is_gone_is_an_error_of_ours(
    api: BotApi, courier: TelegramCourier
) -> None:
    api.refusals["getFile"] = [Refusal("Bad Request: file is too big")]
    with pytest.raises(FileUnavailable) as refused:
        await courier.fetch("f")
    assert TOKEN not in str(refused.value)


async def test_neither_the_token_nor_the_person_is_in_what_is_kept_of_a_failure() -> None:
    async def mumble(_: web.Request) -> web.Response:
        body = {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
        return web.Response(status=400, text=json.dumps(body))

    async with _server(mumble) as address, courier_at(address) as courier:
        outcome = str(await delivered(courier))
    assert TOKEN not in outcome and "77" not in outcome


@asynccontextmanager
async def _server(answer) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
