"""What /model says to the shop's admins: 해요체, short."""

from datetime import datetime
from typing import Final

from bot.dialogue.model import Deed, Made, ModelsListed, ModelTrouble, Rejected
from engine.advertising import SEOUL

LOOK_AGAIN: Final = "새로 고침"
BASE: Final = "기본 모델"
SPEAK: Final = "답변 맡기기"
LOAD: Final = "올리기"
UNLOAD: Final = "내리기"
NONE: Final = "없어요"

DEEDS: Final = {Deed.SPEAK: SPEAK, Deed.LOAD: LOAD, Deed.UNLOAD: UNLOAD}
TROUBLES: Final = {
    ModelTrouble.NO_MODEL: (
        "연결된 언어 모델이 없어요. 지금은 자료를 정리해 답하고 있어요. "
        "(PPOYAMI_LLM__BASE_URL, PPOYAMI_LLM__MODEL)"
    ),
    ModelTrouble.UNREACHABLE: "모델 서버가 답하지 않아요. 서버를 살펴봐 주세요.",
    ModelTrouble.LOADING_OFF: (
        "이 서버는 실행 중에 어댑터를 올리거나 내리지 않아요. "
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING=True로 서버를 다시 켜 주세요."
    ),
    ModelTrouble.REFUSED: "서버가 거절했어요. 이 모델의 어댑터인지, 빈자리가 있는지 봐 주세요.",
    ModelTrouble.UNKNOWN: "그런 어댑터는 없어요. 목록을 새로 보여 드릴게요.",
    ModelTrouble.IN_USE: "지금 답하고 있는 어댑터예요. 다른 쪽에 답변을 맡긴 뒤에 내려 주세요.",
}


def label(deed: Deed, adapter: str) -> str:
    return f"{adapter or BASE} {DEEDS[deed]}"


def came_of(result: ModelsListed) -> str:
    """Empty where nothing was asked for but the list."""
    if result.trouble is not None:
        return TROUBLES[result.trouble]
    name = result.adapter or BASE
    match result.deed:
        case None:
            return ""
        case Deed.SPEAK:
            return f"이제 ‘{name}’ 쪽이 답해요."
        case Deed.LOAD:
            return f"‘{name}’ 어댑터를 서버에 올렸어요."
        case Deed.UNLOAD:
            return f"‘{name}’ 어댑터를 서버에서 내렸어요."


def state(result: ModelsListed) -> str:
    """Empty where the server's is not known."""
    if not result.base:
        return ""
    chosen = BASE if result.chosen == result.base else result.chosen
    lines = (
        f"지금 답하는 모델: {chosen}",
        *(made(result.made) if result.made else ()),
        f"{BASE}: {result.base}",
        f"올라와 있는 어댑터: {', '.join(result.loaded) or NONE}",
        f"올릴 수 있는 어댑터: {', '.join(result.loadable) or NONE}",
        *((rejected(result.rejected),) if result.rejected else ()),
    )
    return "\n".join(lines)


def made(told: Made) -> tuple[str, ...]:
    rows = f", 배운 자료 {told.rows}쌍" if told.rows else ""
    people = f" (사람들이 고른 {told.feedback}쌍)" if told.feedback else ""
    after = f", {told.parent}에서 이어서" if told.parent else ""
    first = f"- {_day(told.at)}에 만들었어요{after}{rows}{people}"
    return (first, f"- 평가: {told.figures}") if told.figures else (first,)


def rejected(told: Rejected) -> str:
    return f"맡기지 않은 새 어댑터: {told.adapter} ({_day(told.at)}) {told.reason}".rstrip()


def _day(at: datetime) -> str:
    """In Korea."""
    here = at.astimezone(SEOUL)
    return f"{here.year}년 {here.month}월 {here.day}일"
