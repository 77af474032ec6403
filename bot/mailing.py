"""What sends to people who did not just write, put together from the settings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.broadcast import Broadcaster, Counted
from bot.courier import Courier, Notice
from bot.desk import Desk, Draw, sender
from bot.dialogue.model import Bubble
from bot.kakao.events import KakaoCourier
from bot.settings import KakaoSettings, Settings
from bot.telegram.courier import TelegramCourier
from engine.domain import Person
from engine.store.audit import Audit
from engine.store.broadcasts import Broadcasts
from engine.store.people import People


@dataclass(frozen=True, slots=True)
class Mailing:
    broadcaster: Broadcaster | None = None
    """None where no channel can be written to."""
    desk: Desk | None = None
    """None where there is no channel for admins."""
    closings: tuple[Callable[[], Awaitable[None]], ...] = ()

    async def notify(self, person: Person, bubble: Bubble) -> bool:
        """Show it to someone who said nothing; False where their channel cannot now."""
        if self.broadcaster is None:
            return False
        return await self.broadcaster.notify(person, Notice(bubble.text, bubble.rows))

    async def close(self) -> None:
        """The calls that are out end first."""
        for close in self.closings:
            await close()


def channels(settings: Settings) -> tuple[str, ...]:
    """Those that can be written to."""
    telegram = ("telegram",) if settings.telegram else ()
    return (*telegram, "kakao") if _event(settings.kakao) else telegram


def rate(settings: Settings) -> float:
    """Recipients a second, as the author is told."""
    return settings.telegram.broadcast_rate if settings.telegram else KakaoCourier.at_once


def open_mailing(
    settings: Settings,
    broadcasts: Broadcasts,
    people: People,
    audit: Audit,
    *,
    draw: Draw,
    counted: Counted | None,
) -> Mailing:
    """In a running loop. `draw`: the chart that may leave the shop's admins."""
    telegram, kakao = _telegram(settings), _kakao(settings.kakao)
    couriers: dict[str, Courier] = {}
    if telegram is not None:
        couriers["telegram"] = telegram
    if kakao is not None:
        couriers["kakao"] = kakao
    if not couriers:
        return Mailing()
    shop = sender(settings.shop.name or "", settings.shop.contact or "")
    broadcaster = Broadcaster(
        broadcasts,
        couriers,
        shop,
        reporter=telegram,
        counted=counted,
        blocking=people.mark_blocked,
    )
    closings = (broadcaster.close, *(each.close for each in (telegram, kakao) if each is not None))
    if telegram is None:
        return Mailing(broadcaster, None, closings)
    desk = Desk(
        broadcasts,
        audit,
        shop,
        channels=tuple(couriers),
        rate=rate(settings),
        fetch=telegram.fetch,
        draw=draw,
    )
    return Mailing(broadcaster, desk, closings)


def _telegram(settings: Settings) -> TelegramCourier | None:
    telegram = settings.telegram
    if telegram is None:
        return None
    token = telegram.token.get_secret_value()
    return TelegramCourier(token, telegram.base_url, telegram.broadcast_rate)


def _kakao(kakao: KakaoSettings | None) -> KakaoCourier | None:
    event = _event(kakao)
    if kakao is None or event is None:
        return None
    return KakaoCourier(kakao.api_url, kakao.bot_id, *event)


def _event(kakao: KakaoSettings | None) -> tuple[str, str] | None:
    """The REST key and the event's name, where advertising in KakaoTalk is set up."""
    if kakao is None or kakao.rest_key is None or not kakao.event:
        return None
    return kakao.rest_key.get_secret_value(), kakao.event
