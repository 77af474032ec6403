"""What only the shop's admins read: 해요체 too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.dialogue.model import BroadcastPreviewed, Draft, Part
from bot.dialogue.texts import duration, number
from engine.advertising import SEOUL, Delivery, Fault, Going, Segment, Tally

# --- labels -------------------------------------------------------------------------------------

NEW: Final = "새 광고 쓰기"
LATEST: Final = "보낸 광고 보기"
LOOK_AGAIN: Final = "새로 고침"
WITH_CHART: Final = "통계 그림 넣기"
WITHOUT_PICTURE: Final = "그림 없이"
WITHOUT_LINK: Final = "링크 없이"
PREVIEW: Final = "미리보기"
SEND: Final = "보내기"
SEND_REALLY: Final = "정말 보내기"
AMEND_TEXT: Final = "글 고치기"
AMEND_AIM: Final = "받을 분 바꾸기"
EVERYBODY: Final = "모두"
PAUSE: Final = "일시정지"
GO_ON: Final = "이어서"
CALL_OFF: Final = "취소"
LEAVE: Final = "그만두기"
OPT_OUT: Final = "수신거부"
DEFAULT_LINK: Final = "자세히 보기"

FACETS: Final = {
    Part.CHANNEL: "채널",
    Part.SKIN_TYPE: "피부 타입",
    Part.CONCERN: "피부 고민",
    Part.AGE_BAND: "나이대",
    Part.ACTIVITY: "최근 활동",
}
CHANNELS: Final = {"telegram": "텔레그램", "kakao": "카카오톡"}
GOING: Final = {
    Going.RUNNING: "보내는 중",
    Going.PAUSED: "일시정지",
    Going.CANCELLED: "취소함",
    Going.DONE: "끝남",
}
DELIVERIES: Final = {
    Delivery.DELIVERED: "보냄",
    Delivery.BLOCKED: "차단",
    Delivery.FAILED: "실패",
    Delivery.UNCERTAIN: "확실하지 않음",
    Delivery.UNREACHABLE: "닿지 않음",
    Delivery.HELD_BACK: "법에 따라 보내지 않음",
    Delivery.SENDING: "보내는 중",
    Delivery.WAITING: "남음",
}

# --- writing one --------------------------------------------------------------------------------

ASK_TEXT: Final = (
    "광고 글을 적어 보내 주세요. (1,000자까지)\n\n"
    "맨 앞의 «(광고)»와 상호, 맨 끝의 연락처와 무료 수신거부 안내는 저절로 붙어요."
)
ASK_PICTURE: Final = "함께 보낼 사진이 있으면 보내 주세요. 사진이 있으면 글은 짧아야 해요."
ASK_LINK: Final = (
    "링크 버튼을 달까요? 버튼 이름과 주소를 한 줄에 적어 주세요.\n"
    "(예: 기획전 보기 https://shop.example/summer)"
)
WRONG_LINK: Final = (
    "링크를 읽지 못했어요. 버튼 이름은 30자까지, 주소는 http:// 또는 https://로 시작해야 해요."
)
ASK_AIM: Final = "누구에게 보낼까요? 고르지 않으면 광고에 동의하신 모두에게 보내요."
LOOK: Final = "이렇게 보여요."
SURE: Final = "한 번 더 확인할게요. 보내기 시작하면 이미 간 것은 되돌릴 수 없어요."
NOBODY: Final = "지금은 받을 수 있는 분이 없어요. 받을 분을 바꿔 보세요."
PRESS_A_BUTTON: Final = "아래 버튼으로 골라 주세요."
NONE_YET: Final = "아직 보낸 광고가 없어요."
NO_SUCH: Final = "그런 광고가 없어요."
UNCERTAIN: Final = (
    "«확실하지 않음»은 갔는지 알 수 없는 분이에요. 두 번 가지 않게 다시 보내지 않아요."
)
MORNING: Final = "밤이라 야간 동의가 없는 분께는 오전 8시 10분부터 이어서 보내요."

FAULTS: Final = {
    Fault.NAMELESS: (
        "광고에는 상호와 연락처가 꼭 있어야 해요. "
        "PPOYAMI_SHOP__NAME과 PPOYAMI_SHOP__CONTACT를 먼저 정해 주세요."
    ),
    Fault.EMPTY: "광고 글이 비어 있어요. 글을 적어 주세요.",
    Fault.MARKED: (
        "«(광고)» 표시는 저절로 붙어요. 글에서 광고 표시나 «(광/고)» 같은 변형을 빼 주세요."
    ),
    Fault.LONG: "글이 길어요.",
    Fault.LINK: WRONG_LINK,
}


def fault(why: Fault, limit: int | None) -> str:
    if why is Fault.LONG and limit is not None:
        return f"글이 길어요. {number(limit)}자까지 쓸 수 있어요."
    return FAULTS[why]


def aim(segment: Segment) -> str:
    """«텔레그램 · 건성 · 30일 안에 활동»."""
    parts = (
        CHANNELS.get(segment.channel, segment.channel) if segment.channel else "",
        segment.skin_type or "",
        segment.concern or "",
        segment.age_band or "",
        f"{duration(segment.active_days)} 안에 활동" if segment.active_days else "",
    )
    return " · ".join(part for part in parts if part) or EVERYBODY


def active_within(days: int) -> str:
    return f"{duration(days)} 안"


def facet(part: Part, chosen: str) -> str:
    """A button of the aim: «피부 타입: 건성»."""
    return f"{FACETS[part]}: {chosen or EVERYBODY}"


def ask_facet(part: Part) -> str:
    return f"받을 분 › {FACETS[part]}"


def reach(draft: Draft, found: BroadcastPreviewed) -> str:
    """The counts under the preview."""
    numbers = found.reach
    total = sum(numbers.reachable.values())
    channels = ", ".join(
        f"{CHANNELS.get(name, name)} {number(n)}명" for name, n in sorted(numbers.reachable.items())
    )
    lines = [
        f"받을 분: {number(total)}명" + (f" ({channels})" if channels else ""),
        f"· 조건: {aim(draft.segment)}",
        f"· 조건에 맞는 분 {number(numbers.matching)}명, 그 가운데 광고 동의 "
        f"{number(numbers.consenting)}명",
        f"· 걸리는 시간: {takes(found.seconds)}",
    ]
    if numbers.held:
        lines.append(f"· 지금 {number(numbers.held)}명은 기다려요. {MORNING}")
    return "\n".join(lines)


def takes(seconds: float) -> str:
    """«약 17분», «1분 안»."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "1분 안"
    hours, minutes = divmod(minutes, 60)
    told = [f"{hours}시간"] if hours else []
    return f"약 {' '.join([*told, f'{minutes}분'] if minutes else told)}"


def queued(broadcast: int, tally: Tally) -> str:
    return (
        f"광고 #{broadcast} 발송을 시작했어요. 대상 {number(tally.total)}명 가운데 "
        f"{number(tally[Delivery.WAITING])}명에게 보내고, 곧 진행 상황을 보여 드릴게요."
    )


# --- how far it is ------------------------------------------------------------------------------


def progress(broadcast: int, going: Going, tally: Tally, rate: float, night: bool) -> str:
    """`rate`: recipients a second."""
    done = tally.total - tally.open
    lines = [
        f"광고 #{broadcast} · {GOING[going]}",
        f"{number(done)} / {number(tally.total)}명",
        counts(tally),
    ]
    if going is Going.RUNNING and tally.open and night:
        lines.append(MORNING)
    elif going is Going.RUNNING and tally.open:
        lines.append(f"남은 시간: {takes(tally.open / rate)}")
    if going is Going.CANCELLED and tally[Delivery.WAITING]:
        lines.append("취소해서 남은 분께는 보내지 않았어요.")
    if tally[Delivery.UNCERTAIN] and not tally.open:
        lines.append(UNCERTAIN)
    return "\n".join(lines)


def counts(tally: Tally) -> str:
    """Every state with somebody in it; together they are all the recipients."""
    told = [f"{name} {number(tally[state])}" for state, name in DELIVERIES.items() if tally[state]]
    if tally.erased:
        told.append(f"그사이 탈퇴 {number(tally.erased)}")
    return " · ".join(told) or "받을 분이 없어요"


def entry(broadcast: int, at: datetime, going: Going, tally: Tally, text: str) -> str:
    day = at.astimezone(SEOUL)
    head = f"#{broadcast} · {day.month}월 {day.day}일 {day:%H:%M} · {GOING[going]}"
    return f"{head}\n{_excerpt(text)}\n{counts(tally)}"


def list_of(entries: Sequence[str]) -> str:
    return "\n\n".join(("최근 광고예요.", *entries)) if entries else NONE_YET


def steered(broadcast: int, going: Going) -> str:
    return f"광고 #{broadcast}: {GOING[going]}"


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
