"""The composition root: settings → house → channels.

python -m bot
"""

import asyncio
import gc
import hmac
import logging
import signal
import sys
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from bot.broadcast_file import WrongFile, enqueue
from bot.dialogue import texts
from bot.house import CannotStart, House
from bot.housekeeping import keep_house
from bot.kakao.answering import HandedOver
from bot.kakao.app import Skill, SkillServer
from bot.kakao.callback import Callbacks
from bot.kakao.preview import add_preview
from bot.kakao.render import Look
from bot.metrics import MeteredConversation
from bot.operations import add_operations
from bot.settings import KakaoSettings, Settings, TelegramSettings, WrongSettings, read_settings
from bot.telegram import read as telegram_read
from bot.telegram.app import TelegramChannel, TelegramRefused
from bot.telegram.inline import InlineSearch
from bot.web.admin import add_admin
from bot.web.app import add_routes
from bot.web.links import add_links
from bot.web.notice import add_privacy
from engine.errors import EngineError
from engine.store.inbox import Inbox

DROP_PENDING = "--drop-pending-updates"
DROPPING = "텔레그램에 쌓여 있던 메시지를 답하지 않고 모두 버리고 시작해요."
USAGE = f"""사용법: python -m bot [{DROP_PENDING}]

  {DROP_PENDING}  텔레그램에 쌓여 있는 메시지를 답하지 않고 모두 버린 뒤에 시작해요.
                          오래 멈춰 있던 봇에 손으로 한 번만 쓰세요.

  python -m bot broadcast 파일  광고를 보낼 목록에 올려요. (docs/broadcast.md)"""
BACKLOG = 4096
"""Connections that wait to be accepted. One too many is tried again a second later, or three, or
seven: more than KakaoTalk waits."""

logger = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """0 after a stop, 1 where the bot cannot run, 2 for wrong usage or settings."""
    match arguments:
        case ["broadcast", file]:
            return _broadcast(Path(file))
    dropping = arguments == [DROP_PENDING]
    if arguments and not dropping:
        print(USAGE, file=sys.stderr)  # noqa: T201
        return 2
    _log()
    try:
        asyncio.run(serve(read_settings(), drop_pending_updates=dropping))
    except WrongSettings as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except (CannotStart, EngineError, TelegramRefused) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _broadcast(file: Path) -> int:
    """0 where it was enqueued, 1 where it cannot be, 2 for wrong settings."""
    _log()
    try:
        print(asyncio.run(enqueue(read_settings(), file)))  # noqa: T201
    except WrongSettings as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except (WrongFile, EngineError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def serve(settings: Settings, *, drop_pending_updates: bool = False) -> None:
    """Run every channel until SIGINT or SIGTERM."""
    if drop_pending_updates and settings.telegram is None:
        raise CannotStart(f"{DROP_PENDING}는 PPOYAMI_TELEGRAM__TOKEN이 있을 때만 쓸 수 있어요.")
    async with AsyncExitStack() as stack:
        house = await House.open(settings, stack)
        app = web.Application()
        channels = {"web": "on", "telegram": "off", "kakao": "off"}
        _add_web(house, app)
        telegram = _telegram(house, settings.telegram) if settings.telegram else None
        if telegram and settings.telegram:
            hook = _hook_secret(settings.telegram, house.secret)
            app.router.add_post("/telegram", telegram.webhook(hook))
            channels["telegram"] = "webhook" if settings.telegram.webhook_url else "polling"
        if settings.kakao:
            await _open_kakao(house, settings.kakao, app, stack)
            channels["kakao"] = "on"
        delivery = telegram.delivery if telegram else None
        add_operations(app, house.engine.health, channels, house.metrics, delivery)
        await _listen(app, settings, stack)
        if telegram and settings.telegram:
            stack.push_async_callback(telegram.close)
            if drop_pending_updates:
                print(DROPPING, flush=True)  # noqa: T201
            owed = await house.memory.unfinished(telegram_read.CHANNEL)
            await telegram.open(owed, drop_pending=drop_pending_updates)
            await _receive(house, telegram, settings.telegram)
        stack.push_async_callback(house.mailing.close)
        _begin_work(house)
        _settle()
        await _until_stopped()


def _add_web(house: House, app: web.Application) -> None:
    settings, public_url = house.settings, house.settings.web.public_url
    add_routes(
        app,
        MeteredConversation(house.memory, house.fulfil, house.metrics),
        secret=house.secret,
        public_url=public_url,
        picture=house.engine.picture,
        embed_origins=settings.web.embed_origins,
    )
    shop = house.shop
    add_privacy(
        app, texts.privacy(settings.shop.retention_days, shop.name, shop.contact, shop.notice)
    )
    add_links(app, house.links)
    if key := settings.web.admin_key:
        add_admin(
            app,
            house.reports,
            house.audit,
            house.broadcasts,
            key=key.get_secret_value(),
            secret=house.secret,
            public_url=public_url,
        )


def _telegram(house: House, settings: TelegramSettings) -> TelegramChannel:
    telegram = TelegramChannel(
        settings.token.get_secret_value(),
        settings.base_url,
        MeteredConversation(house.memory, house.fulfil, house.metrics),
        house.engine.picture,
        house.nursery,
        inbox=Inbox(house.database),
        blocking=house.people.mark_blocked,
        ask=house.fulfil.ask,
        admins=settings.admins,
        inline=InlineSearch(house.fulfil.ask, house.pictures.address),
    )
    house.photos[telegram_read.CHANNEL] = telegram.download
    return telegram


async def _receive(house: House, telegram: TelegramChannel, settings: TelegramSettings) -> None:
    """From now on, updates come."""
    house.nursery.start(telegram.delivery.watch(), "watching Telegram's deliveries")
    if settings.webhook_url:
        await telegram.listen(settings.webhook_url, _hook_secret(settings, house.secret))
    else:
        house.nursery.start(telegram.poll(), "telegram polling")


async def _open_kakao(
    house: House, settings: KakaoSettings, app: web.Application, stack: AsyncExitStack
) -> None:
    memory = HandedOver(house.memory)
    skill = SkillServer(
        MeteredConversation(memory, house.fulfil, house.metrics),
        memory,
        house.nursery,
        callbacks=Callbacks(settings.callback_hosts),
        skill=Skill(settings.skill_key.get_secret_value(), settings.bot_id, house.secret),
        look=_look(house, settings),
    )
    await skill.open()
    stack.push_async_callback(skill.close)
    app.router.add_post("/kakao", skill.receive)
    if house.settings.web.preview:
        add_preview(app, skill.answer, settings.bot_id)


def _look(house: House, settings: KakaoSettings) -> Look:
    url = house.settings.web.public_url
    return Look(
        picture=house.pictures.address,
        public_url=url,
        privacy_url=f"{url}/privacy" if url else None,
        operator=settings.operator,
    )


def _begin_work(house: House) -> None:
    """What goes on beside the channels."""
    shop, mailing, start = house.settings.shop, house.mailing, house.nursery.start
    if mailing.broadcaster is not None:
        start(mailing.broadcaster.run(), "broadcasts")
    start(house.engine.watch(), "watching for a new load")
    start(house.metrics.watch_loop(), "watching the event loop")
    housekeeping = keep_house(
        house.people, shop.retention_days, shop=shop.name or "", notify=mailing.notify
    )
    start(housekeeping, "keeping house")


def _log() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for talkative in ("httpx", "aiohttp.access", "chromadb", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)  # httpx prints the bot's token


def _hook_secret(settings: TelegramSettings, secret: bytes) -> str:
    """What Telegram sends along with every update; made from the house's secret where not set."""
    if settings.secret:
        return settings.secret.get_secret_value()
    return hmac.new(secret, b"telegram webhook", sha256).hexdigest()


async def _listen(app: web.Application, settings: Settings, stack: AsyncExitStack) -> None:
    """Open the port and print the address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    host, port = settings.web.host, settings.web.port
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except OSError as error:
        raise CannotStart(
            f"{host}:{port}를 열 수 없어요({error.strerror}). "
            "PPOYAMI_WEB__PORT로 다른 포트를 골라 주세요."
        ) from None
    bound = runner.addresses[0][1]
    print(f"뽀야미가 준비됐어요: {settings.web.public_url or f'http://{host}:{bound}'}", flush=True)  # noqa: T201


def _settle() -> None:
    """What the start made stays to the end. A full collection that looks through it again and
    again stops everything for a quarter of a second or more, and finds nothing."""
    gc.collect()
    gc.freeze()


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
