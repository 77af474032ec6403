"""What a person may be shown: set answers where none should be made up, and a model's checked."""

import re

from engine.generation.intent import Intent

LONGEST = 1200
"""Characters of a model's answer."""

EMERGENCY = (
    "지금 말씀하신 증상은 기다리지 않는 게 좋아요. 숨쉬기 불편하거나 붓기가 퍼지거나 다친 곳이 "
    "심하면 바로 119에 전화하거나 응급실로 가 주세요. 바르던 제품은 멈추고, 제품을 챙겨 가시면 "
    "진료에 도움이 돼요."
)
MEDICAL = (
    "많이 신경 쓰이셨겠어요. 진단이나 약, 임신 중 사용은 제가 판단하면 안 되는 일이라 피부과 "
    "전문의에게 보여 주시는 게 가장 안전해요. 그때까지는 새 제품을 더하지 말고, 쓰던 제품의 "
    "전성분을 챙겨 가시면 상담이 훨씬 수월해져요. 성분이 궁금하시면 «성분 물어보기»에서 같이 "
    "찾아볼게요."
)
REACTION = (
    "발라 보니 불편하시군요. 우선 그 제품은 멈추고 미지근한 물로 부드럽게 씻어 낸 뒤, 며칠은 "
    "쓰던 순한 보습제만 발라 주세요. 하루 이틀 지나도 가라앉지 않거나 붓고 진물이 나면 "
    "피부과에 가 보시는 게 좋아요. 어떤 성분이 걸리는지 궁금하시면 제품 이름을 알려 주세요."
)
SHOP = (
    "주문이나 배송, 환불은 제가 볼 수 없는 정보예요. 구매하신 곳의 고객센터에 물어봐 주세요. "
    "제품과 성분 이야기라면 언제든 도와드릴게요."
)
GREETING = (
    "안녕하세요, 뽀야미예요! 피부 고민이나 궁금한 제품, 성분을 편하게 물어봐 주세요. 예를 들면 "
    "«건성인데 순한 크림 있어요?»처럼요."
)
THANKS = "도움이 됐다니 기뻐요! 또 궁금한 게 생기면 언제든 불러 주세요."
OUTSIDE = (
    "그 이야기는 제가 잘 몰라요. 대신 피부 고민, 화장품, 성분은 자신 있어요. 궁금한 제품이나 "
    "성분 이름을 적어 주세요."
)
NOTHING_FOUND = (
    "가지고 있는 제품과 성분 자료에서는 답을 찾지 못했어요. 제품이나 성분 이름을 조금 더 "
    "자세히 적어 주시거나, «제품 찾기»와 «성분 물어보기»에서 찾아봐 주세요."
)
_THANKING = re.compile(r"고마|감사|땡큐|thank|수고", re.IGNORECASE)
_CITED = re.compile(r"\[(\d+(?:\s*,\s*\d+)*)\]")
_SENTENCE_END = re.compile(r"[.!?~…](?:\s*\[[\d,\s]+\])*(?=\s|$)")


def set_answer(intent: Intent, text: str) -> str | None:
    """The fixed words for intents that no passage answers; None for the others."""
    match intent:
        case Intent.EMERGENCY:
            return EMERGENCY
        case Intent.MEDICAL:
            return MEDICAL
        case Intent.REACTION:
            return REACTION
        case Intent.SHOP:
            return SHOP
        case Intent.CHITCHAT:
            return THANKS if _THANKING.search(text) else GREETING
        case Intent.OUTSIDE:
            return OUTSIDE
        case _:
            return None


def checked(text: str, passages: int) -> tuple[str, tuple[int, ...]] | None:
    """A model's answer, its unfinished end cut off, and the numbers it cites in rising order.

    None where it cites nothing, or a number that none of the 1 … `passages` has.
    """
    whole = _finished(text.strip()[:LONGEST])
    cited = {int(number) for one in _CITED.finditer(whole) for number in one[1].split(",")}
    if not cited or not all(1 <= number <= passages for number in cited):
        return None
    return whole, tuple(sorted(cited))


def _finished(text: str) -> str:
    """Up to the end of the last whole sentence."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else text
