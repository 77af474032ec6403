"""The composition root: settings → store → engine → conversation → channels.

python -m bot
"""

import asyncio
import gc
import hmac
import logging
import os
import secrets
import signal
import sys
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from aiohttp import web

from bot.conversation import Conversation
from bot.fulfil import Fulfilment, Shop
from bot.memory import StoredMemory
from bot.metrics import MeteredConversation, Metrics
from bot.operations import add_operations
from bot.settings import Settings, ShopSettings, TelegramSettings, WrongSettings, read_settings
from bot.tasks import Nursery
from bot.telegram.app import TelegramChannel, TelegramRefused
from bot.web.app import add_routes
from engine.engine import Engine
from engine.errors import EngineError, StoreUnavailable
from engine.store.database import Database
from engine.store.people import People

USAGE = "사용법: python -m bot"
EVENTS_KEPT_DAYS = 8

logger = logging.getLogger(__name__)


class CannotStart(Exception):
    """One sentence for the operator."""


def main(arguments: list[str]) -> int:
    """0 after a stop, 1 where the bot cannot run, 2 for wrong usage or settings."""
    if arguments:
        print(USAGE, file=sys.stderr)  # noqa: T201
        return 2
    _log()
    try:
        asyncio.run(serve(read_settings()))
    except WrongSettings as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except (CannotStart, EngineError, TelegramRefused) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def serve(settings: Settings) -> None:
    """Run every channel until SIGINT or SIGTERM."""
    async with AsyncExitStack() as stack:
        secret = _secret(settings)
        database = await Database.open(settings.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        engine = await Engine.open(settings.engine(), database)
        stack.push_async_callback(engine.close)
        _check(settings, engine)
        nursery = Nursery()
        stack.push_async_callback(nursery.close)

        people = People(database, secret)
        memory = StoredMemory(people, settings.shop.retention_days)
        metrics = Metrics()
        fulfil = Fulfilment(engine, people, _shop(settings.shop))
        conversation = MeteredConversation(memory, fulfil, metrics)
        app = web.Application()
        channels = {"web": "on", "telegram": "off", "kakao": "off"}
        add_routes(
            app,
            conversation,
            secret=secret,
            public_url=settings.web.public_url,
            picture=engine.picture,
            embed_origins=settings.web.embed_origins,
        )
        add_operations(app, engine.health, channels, metrics)
        if settings.telegram:
            telegram = _telegram(settings.telegram, conversation, engine, nursery, people)
            hook = _hook_secret(settings.telegram, secret)
            app.router.add_post("/telegram", telegram.webhook(hook))
            channels["telegram"] = "webhook" if settings.telegram.webhook_url else "polling"
        await _listen(app, settings, stack)
        if settings.telegram:
            await telegram.open(await memory.unfinished("telegram"))
            stack.push_async_callback(telegram.close)
            if settings.telegram.webhook_url:
                await telegram.listen(settings.telegram.webhook_url, hook)
            else:
                nursery.start(telegram.poll(), "telegram polling")
        nursery.start(engine.watch(), "watching for a new load")
        nursery.start(metrics.watch_loop(), "watching the event loop")
        nursery.start(_forget(people, settings.shop.retention_days), "forgetting")
        _settle()
        await _until_stopped()


def _log() -> None:
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for talkative in ("httpx", "aiohttp.access", "chromadb", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)  # httpx prints the bot's token


def _secret(settings: Settings) -> bytes:
    """The setting, else the one of an earlier start, else a new one that only the owner reads."""
    if settings.secret:
        return settings.secret.get_secret_value().encode()
    path = settings.artifacts / "secret"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), os.fdopen(_created(path), "w") as file:
            file.write(secrets.token_hex(32))
        return path.read_bytes()
    except OSError as error:
        raise CannotStart(f"{path}에 쓸 수 없어요: {error.strerror}.") from None


def _created(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _check(settings: Settings, engine: Engine) -> None:
    if settings.kakao:
        raise CannotStart("카카오톡 채널은 아직 없어요. PPOYAMI_KAKAO__ 설정을 지워 주세요.")
    if engine.load is None:
        raise CannotStart(
            "아직 카탈로그가 비어 있어요. "
            "python -m ingest load --products 파일 --reviews 파일 --ingredients 파일로 "
            "먼저 넣어 주세요."
        )


def _shop(settings: ShopSettings) -> Shop:
    name, contact, file = settings.name, settings.contact, settings.privacy_file
    try:
        notice = file.read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        raise CannotStart(
            f"PPOYAMI_SHOP__PRIVACY_FILE({file})을 UTF-8 글로 읽을 수 없어요."
        ) from None
    return Shop(name or "", contact or "", notice, settings.product_url)


def _telegram(
    settings: TelegramSettings,
    conversation: Conversation,
    engine: Engine,
    nursery: Nursery,
    people: People,
) -> TelegramChannel:
    return TelegramChannel(
        settings.token.get_secret_value(),
        settings.base_url,
        conversation,
        engine.picture,
        nursery,
        blocking=people.mark_blocked,
    )


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
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise CannotStart(
            f"{host}:{port}를 열 수 없어요({error.strerror}). "
            "PPOYAMI_WEB__PORT로 다른 포트를 골라 주세요."
        ) from None
    bound = runner.addresses[0][1]
    print(f"뽀야미가 준비됐어요: {settings.web.public_url or f'http://{host}:{bound}'}", flush=True)  # noqa: T201


async def _forget(people: People, retention_days: int) -> None:
    """Once a day: ids of old events, since platforms repeat an update within hours, not weeks;
    and whoever did nothing for the retention time. A store that fails is asked again tomorrow."""
    while True:
        now = datetime.now(UTC)
        try:
            await people.forget_old_events(now - timedelta(days=EVENTS_KEPT_DAYS))
            gone = await people.forget_idle(now - timedelta(days=retention_days))
            logger.info("%s people were idle for %s days and are erased", gone, retention_days)
        except StoreUnavailable as error:
            logger.warning("nothing was forgotten today: %s", error)
        await asyncio.sleep(timedelta(days=1).total_seconds())


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
