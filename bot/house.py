"""What every channel stands on, put together from the settings."""

import logging
import os
import secrets
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.fulfil import Fulfilment, Shop
from bot.links import CountedLinks
from bot.mailing import Mailing, open_mailing
from bot.memory import StoredMemory
from bot.metrics import Metrics
from bot.models import Models
from bot.photos import Fetch
from bot.pictures import Pictures
from bot.reports import Reports
from bot.settings import Settings, ShopSettings, TelegramSettings
from bot.tasks import Nursery
from engine.domain import Person
from engine.engine import Engine
from engine.labels import LabelsOff, TesseractReader
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts
from engine.store.database import Database
from engine.store.links import Links
from engine.store.people import People
from engine.store.statistics import Statistics

logger = logging.getLogger(__name__)


class CannotStart(Exception):
    """One sentence for the operator."""


@dataclass(frozen=True, slots=True, eq=False)
class House:
    settings: Settings
    secret: bytes
    database: Database
    engine: Engine
    nursery: Nursery
    people: People
    memory: StoredMemory
    metrics: Metrics
    audit: Audit
    broadcasts: Broadcasts
    links: Links
    reports: Reports
    mailing: Mailing
    shop: Shop
    photos: dict[str, Fetch]
    """Channel → how it brings a photo; a channel adds itself."""
    fulfil: Fulfilment

    @classmethod
    async def open(cls, settings: Settings, stack: AsyncExitStack) -> Self:
        """`stack` closes it. Raises CannotStart, EngineError."""
        secret = _secret(settings)
        database = await Database.open(settings.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        engine = await Engine.open(settings.engine(), database)
        stack.push_async_callback(engine.close)
        _check(settings, engine)
        nursery = Nursery()
        stack.push_async_callback(nursery.close)

        people, audit = People(database, secret), Audit(database)
        broadcasts, links = Broadcasts(database, secret), Links(database)
        reports = Reports(Statistics(database), audit)
        public_url, shop = settings.web.public_url, _shop(settings.shop)
        counted = CountedLinks(links, public_url) if public_url else None
        mailing = open_mailing(
            settings, broadcasts, people, audit, draw=reports.public_chart, counted=counted
        )
        photos: dict[str, Fetch] = {}
        metrics = Metrics()
        if engine.model is not None:
            metrics.watch_model(engine.model)
        return cls(
            settings=settings,
            secret=secret,
            database=database,
            engine=engine,
            nursery=nursery,
            people=people,
            memory=_memory(settings, people),
            metrics=metrics,
            audit=audit,
            broadcasts=broadcasts,
            links=links,
            reports=reports,
            mailing=mailing,
            shop=shop,
            photos=photos,
            fulfil=Fulfilment(
                engine,
                people,
                shop,
                mailing.desk,
                reports=reports,
                models=Models(engine.adapters, audit),
                counted=counted,
                labels=_labels(),
                photos=photos,
            ),
        )

    @property
    def pictures(self) -> Pictures:
        return Pictures(self.secret, self.settings.web.public_url)


def _memory(settings: Settings, people: People) -> StoredMemory:
    return StoredMemory(
        people,
        settings.shop.retention_days,
        _admins(settings.telegram),
        shop=settings.shop.name or "",
        contact=settings.shop.contact or "",
        abroad=settings.llm is not None and settings.llm.abroad,
        daily_answers=settings.llm.daily if settings.llm else 0,
    )


def _labels() -> TesseractReader | None:
    try:
        return TesseractReader()
    except LabelsOff as error:
        logger.info("photos of labels are not read: %s", error)
        return None


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
    if settings.kakao and not settings.web.public_url:
        logger.warning(
            "카카오톡에서는 제품 사진이 보이지 않아요. "
            "이 서버의 https 주소를 PPOYAMI_WEB__PUBLIC_URL에 적어 주세요."
        )
    if engine.load is None:
        raise CannotStart(
            "아직 카탈로그가 비어 있어요. "
            "python -m ingest load --products 파일 --reviews 파일 --ingredients 파일로 "
            "먼저 넣어 주세요."
        )


def _admins(settings: TelegramSettings | None) -> frozenset[Person]:
    """Who may see statistics and send broadcasts: a private chat bears its person's id."""
    admins = settings.admins if settings else ()
    return frozenset(Person("telegram", str(admin)) for admin in admins)


def _shop(settings: ShopSettings) -> Shop:
    name, contact, file = settings.name, settings.contact, settings.privacy_file
    try:
        notice = file.read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        raise CannotStart(
            f"PPOYAMI_SHOP__PRIVACY_FILE({file})을 UTF-8 글로 읽을 수 없어요."
        ) from None
    return Shop(name or "", contact or "", notice, settings.product_url)
