"""`python -m bot broadcast FILE`: a broadcast written in a TOML file (docs/broadcast.md).

It only stands in the store afterwards; the running bot sends it.
"""

import asyncio
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.dialogue import admin_texts as words
from bot.mailing import channels, rate
from bot.reports import Reports
from bot.settings import Settings
from engine.advertising import (
    LABEL_AT_MOST,
    Advertisement,
    Fault,
    Link,
    Segment,
    Sender,
    Unlawful,
    quiet,
)
from engine.domain import AgeBand, Concern, SkinType
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts
from engine.store.database import Database
from engine.store.statistics import Statistics

PICTURE_BYTES_AT_MOST = 10_000_000
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How a PNG and a JPEG begin."""
AUTHOR = "command line"


class WrongFile(Exception):
    """It cannot be sent as it is; one sentence for the operator."""


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("비어 있어요")
    return text


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LinkTable(_Table):
    label: str = Field(max_length=LABEL_AT_MOST)
    url: str


class SegmentTable(_Table):
    channel: Literal["telegram", "kakao"] | None = None
    skin_type: SkinType | None = None
    concern: Concern | None = None
    age_band: AgeBand | None = None
    active_days: int | None = Field(None, ge=1, le=3650)


class Order(_Table):
    """The whole file."""

    text: Annotated[str, AfterValidator(_filled)]
    picture: Path | None = None
    """Beside the file, where it is not absolute."""
    chart: bool = False
    link: LinkTable | None = None
    segment: SegmentTable = SegmentTable()


def read_order(path: Path) -> Order:
    """Raises WrongFile."""
    try:
        return Order.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise WrongFile(f"{path}을(를) 읽을 수 없어요: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise WrongFile(f"{path}은(는) UTF-8 글이 아니에요.") from None
    except tomllib.TOMLDecodeError as error:
        raise WrongFile(f"{path}은(는) TOML이 아니에요: {error}.") from None
    except ValidationError as error:
        raise WrongFile(_sentence(error)) from None


async def enqueue(settings: Settings, path: Path) -> str:
    """What the operator reads then. Raises WrongFile, StoreUnavailable."""
    order = await asyncio.to_thread(read_order, path)
    ad = _advertisement(settings, order)
    if not channels(settings):
        raise WrongFile("보낼 채널이 없어요. PPOYAMI_TELEGRAM__TOKEN을 먼저 정해 주세요.")
    database = await Database.open(settings.database_url.get_secret_value(), migrate=False)
    try:
        picture = await _picture(order, path.parent, database)
        return await _enqueued(settings, database, ad, picture, order.segment)
    finally:
        await database.close()


async def _enqueued(
    settings: Settings,
    database: Database,
    ad: Advertisement,
    picture: bytes | None,
    wanted: SegmentTable,
) -> str:
    broadcasts, at = Broadcasts(database), datetime.now(UTC)
    segment = Segment(**dict(wanted))
    reach = await broadcasts.preview(segment, at, channels(settings))
    people = sum(reach.reachable.values())
    if not people:
        raise WrongFile("지금은 받을 수 있는 분이 없어요. [segment]를 바꿔 보세요.")
    number = await broadcasts.enqueue(AUTHOR, ad, picture, segment, at)
    await Audit(database).note(AUTHOR, "broadcast asked for", f"#{number}, {people} people", at)
    waits = f" {words.MORNING}" if reach.held and quiet(at) else ""
    return (
        f"광고 #{number}, 보낼 목록에 올렸어요. 받을 분 {people:,}명, "
        f"걸리는 시간 {words.takes(people / rate(settings))}.{waits}\n"
        "실행 중인 봇이 보내요. 진행 상황은 관리자 대화방의 /broadcast에서 볼 수 있어요."
    )


def _advertisement(settings: Settings, order: Order) -> Advertisement:
    """Raises WrongFile where it would be unlawful."""
    try:
        sender = Sender(settings.shop.name or "", settings.shop.contact or "")
        link = None if order.link is None else Link(order.link.label, order.link.url)
        pictured = order.chart or order.picture is not None
        return Advertisement(sender, order.text, link, pictured)
    except Unlawful as error:
        if error.fault is Fault.LINK:
            raise WrongFile("link.url은 http:// 또는 https://로 시작해야 해요.") from None
        raise WrongFile(words.fault(error.fault, error.limit)) from None


async def _picture(order: Order, folder: Path, database: Database) -> bytes | None:
    """Raises WrongFile."""
    if order.chart and order.picture is not None:
        raise WrongFile("picture와 chart 가운데 하나만 쓸 수 있어요.")
    if order.chart:
        return await Reports(Statistics(database), Audit(database)).public_chart()
    if order.picture is None:
        return None
    return await asyncio.to_thread(_read_picture, folder / order.picture)


def _read_picture(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongFile(f"{path}을(를) 읽을 수 없어요: {error.strerror}.") from None
    if not content.startswith(PICTURES):
        raise WrongFile(f"{path}은(는) PNG나 JPEG 그림이 아니에요.")
    if len(content) > PICTURE_BYTES_AT_MOST:
        raise WrongFile(f"{path}이(가) 너무 커요. 10MB까지 보낼 수 있어요.")
    return content


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    match first["type"]:
        case "extra_forbidden":
            return f"{name}이라는 항목은 없어요. 쓸 수 있는 항목은 docs/broadcast.md에 있어요."
        case "missing":
            return f"{name} 항목이 필요해요."
        case _:
            return f"{name} 항목을 읽을 수 없어요: {_reason(first)}."


def _reason(error: ErrorDetails) -> str:
    bounds = error.get("ctx", {})
    match error["type"]:
        case "literal_error" | "enum":
            return f"{bounds['expected']} 가운데 하나여야 해요".replace(" or ", ", ")
        case "string_type":
            return "글이어야 해요"
        case "bool_type" | "bool_parsing":
            return "true나 false여야 해요"
        case "int_type" | "int_parsing":
            return "정수여야 해요"
        case "greater_than_equal" | "less_than_equal":
            return "쓸 수 있는 범위를 벗어난 숫자예요"
        case "string_too_long":
            return f"{bounds['max_length']}자까지 쓸 수 있어요"
        case _:
            return str(error["msg"]).removeprefix("Value error, ")
