"""Every sentence the bot says: 해요체, short and warm. What depends on a value is a function."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.dialogue.formulas import Group, Line
from bot.dialogue.model import PICKS_AT_MOST, Failure, Reason, Step, Unread
from engine.advertising import SEOUL
from engine.domain import (
    Care,
    DocumentKind,
    Health,
    Ingredient,
    Page,
    Place,
    Product,
    Purpose,
    SkinProfile,
    SkinType,
    Source,
    Stage,
)
from engine.parsing.amounts import price_of_ten
from engine.parsing.korean import particle, with_particle

# --- labels -------------------------------------------------------------------------------------

OLD_ENOUGH: Final = "만 14세 이상이에요"
TOO_YOUNG: Final = "아니요"
AGREE: Final = "동의하고 시작"
REFUSE: Final = "동의 안 함"
DETAILS_OF_CONSENT: Final = "자세히"
RECOMMEND: Final = "추천 받기"
ROUTINE: Final = "루틴 추천"
FIND: Final = "제품 찾기"
ASK_INGREDIENT: Final = "성분 물어보기"
CONSULT: Final = "상담하기"
MINE: Final = "내 정보"
HELP: Final = "도움말"
HOME: Final = "처음으로"
CANCEL: Final = "취소"
RESULT: Final = "결과 보기"
BACK: Final = "← 이전"
SKIP: Final = "건너뛰기"
DONE: Final = "선택 완료"
SAVE: Final = "이대로 저장"
AMEND: Final = "수정하기"
PREVIOUS: Final = "◀ 이전"
NEXT: Final = "다음 ▶"
EVERYTHING: Final = "전체 보기"
LINK: Final = "자세히 보기"
WHY: Final = "왜 추천했나요?"
FORMULA: Final = "성분 보기"
GOOD: Final = "👍"
BAD: Final = "👎"
AGAIN: Final = "다시 답해줘"
FIRST_BETTER: Final = "처음 답이 더 좋아요"
SECOND_BETTER: Final = "새 답이 더 좋아요"
SIDE_BY_SIDE: Final = "나란히 보기"
SAVE_SAID: Final = "저장"
NOT_NEEDED: Final = "괜찮아요"
OTHERS: Final = "다른 추천"
OTHER_ROUTINE: Final = "다른 루틴"
OTHER_BUDGET: Final = "예산 바꾸기"
ANY_BUDGET: Final = "상관없어요"
PRICES: Final = "가격대"
CATEGORIES: Final = "카테고리"
UNSCENTED: Final = "무향만"
WIDEN: Final = "조건 지우기"
COMPARE: Final = "비교하기"
COMPARE_OTHERS: Final = "다른 제품과 비교"
PEERS: Final = "나와 비슷한 사람들"
PICKS: Final = "내가 고른 제품"
RECENT: Final = "최근 본 제품"
LIKED: Final = "좋았어요"
SO_SO: Final = "보통"
DISLIKED: Final = "별로"
REMOVE: Final = "빼기"
PICK_MORE: Final = "제품 더 고르기"
PICK_AGAIN: Final = "제품 다시 고르기"
SURVEY_AGAIN: Final = "설문 다시 하기"
BACK_TO_CARDS: Final = "추천으로 돌아가기"
SHOW_PRODUCT: Final = "제품 보기"
FIND_OTHER: Final = "다른 제품 찾기"
ASK_OTHER: Final = "다른 성분 물어보기"
SURVEY_NOW: Final = "설문 시작하기"
CLEAR: Final = "답 지우기"
AVOID: Final = "피할 성분에 추가"
UNAVOID: Final = "피할 성분에서 빼기"
AMEND_AVOIDED: Final = "피할 성분 고치기"
BACK_TO_LIST: Final = "성분 목록으로"
RESUME: Final = "이어서 하기"
AFRESH: Final = "처음부터"
EXPORT: Final = "내 데이터 받기"
WITHDRAW: Final = "동의 거두기"
CONFIRM_WITHDRAW: Final = "거두고 지우기"
CONSENTS: Final = "동의 관리"
AGREE_TO: Final = "동의할게요"
END_CONSENT: Final = "거두기"
AGREE_AND_ANSWER: Final = "동의하고 답하기"
OPT_OUT: Final = "수신거부"
STILL_WANTED: Final = "계속 받기"
NO_LONGER_WANTED: Final = "그만 받기"
DELETE: Final = "내 정보 삭제"
CONFIRM_DELETE: Final = "모두 삭제"
RETRY: Final = "다시 시도"
STOP: Final = "그만"
ASK_FAIRY: Final = "뽀야미에게 물어보기"
CONSULT_FAIRY: Final = "뽀야미와 상담하기"
MORE: Final = "더 보기"
LESS: Final = "앞 화면 보기"
FULL_TEXT: Final = "전문 보기"
OPERATOR: Final = "상담원 연결"
CHOSEN: Final = "✅ "
WARNING: Final = "⚠️ "

GRADES: Final = {5: LIKED, 3: SO_SO, 1: DISLIKED}
"""Stars of a pick → its label."""

QUESTION_LABELS: Final = {
    Step.AGE_BAND: "나이대",
    Step.GENDER: "성별",
    Step.SKIN_TYPE: "피부 타입",
    Step.CONCERNS: "피부 고민",
    Step.AVOIDED: "피할 성분",
    Step.HEALTH: "건강 관련 답",
}

PURPOSE_LABELS: Final = {
    Purpose.HEALTH: "건강 관련 답",
    Purpose.TRAINING: "상담 품질 높이기",
    Purpose.ABROAD: "해외 모델 상담",
    Purpose.ADVERTISING: "광고 받기",
    Purpose.NIGHT: "밤에도 광고 받기",
}
"""The optional consents, as their buttons name them."""

COMMANDS: Final = (
    ("start", "처음으로"),
    ("recommend", "제품 추천 받기"),
    ("ingredient", "성분 물어보기: /ingredient 나이아신아마이드"),
    ("mydata", "내 정보를 보고 파일로 받기"),
    ("cancel", "하던 일 그만두기"),
    ("help", "도움말"),
    ("privacy", "개인정보 안내"),
    ("stop", "광고 그만 받기 (무료)"),
    ("delete", "내 정보 모두 삭제"),
)
"""Name and line of each command; channels hand them to their platform."""
ADMIN_COMMANDS: Final = (
    ("stats", "통계 보기"),
    ("broadcast", "소식 보내기"),
    ("model", "답변 모델 고르기"),
)
"""Offered to admins besides; nobody else learns of them."""

DESCRIPTION: Final = (
    "안녕하세요, 피부 상담 요정 뽀야미예요!\n\n"
    "피부 이야기를 들려주시면 어울리는 화장품을 까닭과 함께 추천해 드리고, "
    "성분이 무엇이고 누가 조심하면 좋은지 쉽게 알려 드려요.\n\n"
    "제 이야기는 쇼핑을 돕는 정보이고, 의사의 진단이나 처방이 아니에요. "
    "만 14세부터 만날 수 있고, 개인정보 안내는 /privacy 에 있어요."
)
"""What an empty chat shows; 512 characters at most."""
SHORT_DESCRIPTION: Final = (
    "피부에 맞는 화장품을 까닭과 함께 추천하고 성분을 풀어 주는 피부 상담 요정이에요."
)
"""What the profile and a shared link show; 120 characters at most."""

# --- first contact ------------------------------------------------------------------------------

GREETING: Final = (
    "안녕하세요, 피부 상담 요정 뽀야미예요. 피부에 맞는 화장품과 성분을 함께 찾아 드려요.\n"
    "제 이야기는 쇼핑을 돕는 정보이고, 의사의 진단이나 처방이 아니에요.\n\n"
    "시작하기 전에, 만 14세 이상이신가요?"
)
TURNED_AWAY: Final = (
    "알려 주셔서 고마워요. 뽀야미는 만 14세부터 만날 수 있어요.\n"
    "지금까지 나눈 이야기는 아무것도 남기지 않았어요. 조금 더 자라면 꼭 다시 만나요!"
)


def consent(retention_days: int) -> str:
    return (
        "맞춤 추천을 하려면 개인정보 수집·이용 동의가 필요해요.\n\n"
        "· 목적: 피부에 맞는 제품 추천과 상담\n"
        "· 항목: 나이대, 성별, 피부 타입, 피부 고민, 피할 성분, 고른 제품, 최근 본 제품, "
        "상담 내용과 평가\n"
        "· 보유 기간: 동의를 거두거나 «내 정보 삭제»를 하실 때까지, "
        f"길어도 마지막 대화 뒤 {duration(retention_days)}\n"
        "· 동의하지 않으셔도 돼요. 그러면 맞춤 추천은 못 해 드리지만, "
        "제품 찾기와 성분, 상담은 그대로 쓰실 수 있어요."
    )


def duration(days: int) -> str:
    """«1년», «2년», «90일»."""
    return f"{days // 365}년" if days % 365 == 0 else f"{number(days)}일"


CONSENT_FIRST: Final = "추천을 해 드리려면 피부 정보를 잠시 맡아 두어야 해요. 동의해 주시겠어요?"
AGREED: Final = "동의해 주셔서 고마워요!"
REFUSED: Final = (
    "괜찮아요, 아무것도 남기지 않을게요.\n제품 찾기, 성분, 상담은 언제든 편하게 쓰세요."
)


def our_notice(retention_days: int) -> str:
    """How personal data is treated, where the operator has no text of their own."""
    return (
        "뽀야미가 개인정보를 다루는 방법이에요.\n\n"
        "무엇을: 설문 답(나이대, 성별, 피부 타입, 고민, 피할 성분), 고른 제품과 그 평가, "
        "최근 본 제품, 상담 내용, 👍 👎 평가, 그리고 동의하신 때와 내용이에요. "
        "이름이나 전화번호는 묻지 않아요.\n\n"
        "왜: 피부에 맞는 제품을 추천하고 질문에 답하려고요.\n\n"
        "따로 동의하실 때만: 건강 관련 답을 추천에 쓰고, 상담을 품질을 높이는 데 쓰고, "
        "질문을 해외 모델에 보내고, 광고를 보내요. 하나하나 고르고 거두실 수 있고, "
        "하지 않으셔도 불편이 없어요. 그 밖의 곳에는 쓰지 않아요.\n\n"
        "언제까지: «내 정보 삭제»나 /delete 로 지우실 때까지 보관하고, 지우시면 바로 없애요. "
        f"마지막 대화 뒤 {with_particle(duration(retention_days), '이/가')} 지나면 저절로 지워요. "
        "동의를 받고 거두신 기록만 증빙으로 남아요. 광고를 받으실 주소는 암호로 잠가 두고, "
        "광고 동의를 거두시면 바로 지워요.\n\n"
        "거부할 권리: 동의하지 않으셔도 제품 찾기, 성분, 상담은 그대로예요. "
        "맞춤 추천만 어려워요. 하신 동의는 «내 정보»에서 언제든 거둘 수 있고, "
        "광고는 /stop 으로 바로 멈출 수 있어요.\n\n"
        "내 정보는 /mydata 에서 언제든 보고 파일로 받을 수 있어요."
    )


# --- the optional consents ----------------------------------------------------------------------

_UNNAMED_SHOP: Final = "뽀야미 운영자"
"""Who it is, where the operator set no name."""


def day(at: datetime) -> str:
    """«2026년 11월 2일», in Korea."""
    here = at.astimezone(SEOUL)
    return f"{here.year}년 {here.month}월 {here.day}일"


def optional_consent(purpose: Purpose, shop: str, retention_days: int) -> str:
    """Purpose, items, how long, and that refusing costs nothing (개인정보 보호법 제15조 제2항)."""
    who, until = shop or _UNNAMED_SHOP, duration(retention_days)
    return {
        Purpose.HEALTH: (
            "건강과 관련된 답은 민감정보라서 따로 동의를 받아요. (선택)\n\n"
            "· 목적: 조심할 성분을 빼거나 알려 드리기\n"
            "· 항목: 알레르기, 임신·수유 중, 아토피 가운데 고르신 것\n"
            f"· 보유 기간: 동의를 거두거나 지우실 때까지, 길어도 마지막 대화 뒤 {until}\n"
            "· 동의하지 않으셔도 추천과 상담은 그대로예요."
        ),
        Purpose.TRAINING: (
            "나눈 상담으로 답의 품질을 높여도 될까요? (선택)\n\n"
            "· 목적: 상담에 답하는 모델을 가르치고 시험하기\n"
            "· 항목: 동의하신 뒤의 질문과 답, 👍 👎와 그 까닭, 두 답 가운데 고르신 것. "
            "전화번호나 이메일은 가려요.\n"
            f"· 보유 기간: 동의를 거두거나 지우실 때까지, 길어도 마지막 대화 뒤 {until}\n"
            "· 거두시면 그 뒤로는 쓰지 않아요. 이미 배운 모델에서 덜어 낼 수는 없어요.\n"
            "· 동의하지 않으셔도 추천과 상담은 그대로예요."
        ),
        Purpose.ABROAD: (
            "질문을 해외에 있는 언어 모델에 보내도 될까요? (선택)\n\n"
            "· 목적: 질문에 더 자연스러운 글로 답하기\n"
            "· 항목: 물어보신 글과 나이대, 성별, 피부 타입, 고민, 피할 성분. "
            "건강 관련 답과 이름은 보내지 않아요.\n"
            "· 언제, 어떻게: 질문하실 때마다 통신망으로\n"
            "· 받는 곳과 나라, 보유 기간: 개인정보 안내(/privacy)에 적혀 있어요.\n"
            "· 동의하지 않으셔도 자료를 정리한 답을 그대로 받아 보실 수 있어요."
        ),
        Purpose.ADVERTISING: (
            "새 제품과 할인 소식을 보내 드려도 될까요? (선택)\n\n"
            f"· 보내는 곳: {who}\n"
            "· 목적: 이 대화방으로 광고 보내기 (저녁 9시부터 아침 8시까지는 빼고)\n"
            "· 항목: 대화방 주소(암호로 잠가 둬요), 어울리는 소식을 고를 설문 답과 최근 활동\n"
            f"· 보유 기간: 동의를 거두실 때까지, 길어도 마지막 대화 뒤 {until}. "
            "2년마다 다시 여쭤볼게요.\n"
            "· 동의하지 않으셔도 추천과 상담은 그대로예요. /stop 으로 언제든 무료로 멈춰요."
        ),
        Purpose.NIGHT: (
            "밤에도 광고를 받으시겠어요? (선택)\n\n"
            f"· 보내는 곳: {who}\n"
            "· 목적: 저녁 9시부터 아침 8시 사이에도 광고 보내기\n"
            "· 항목과 보유 기간: «광고 받기»와 같아요.\n"
            "· 동의하지 않으셔도 낮에는 그대로 받아 보세요. /stop 으로 언제든 무료로 멈춰요."
        ),
        Purpose.SERVICE: consent(retention_days),
    }[purpose]


def consents(service: str, states: Mapping[Purpose, str]) -> str:
    """«동의 관리»: `service` and `states` are made by `decided_when`."""
    lines = "\n".join(f"· {PURPOSE_LABELS[purpose]}: {said}" for purpose, said in states.items())
    return (
        "동의를 하나하나 고르고 거두실 수 있어요.\n"
        "선택 동의는 하지 않으셔도 추천과 상담은 그대로예요.\n\n"
        f"필수\n· 개인정보 수집·이용: {service}" + (f"\n\n선택\n{lines}" if lines else "")
    )


def now_decided(state: str) -> str:
    return f"지금은: {state}"


def decided_when(agreed: bool | None, at: datetime | None) -> str:
    if agreed is None:
        return "아직 고르지 않음"
    words = "동의" if agreed else "동의 안 함"
    return f"{words} ({day(at)})" if at else words


_RESULTS: Final = {
    (Purpose.HEALTH, True): "이제 건강 관련 답을 추천에 쓸 수 있어요.",
    (Purpose.HEALTH, False): "건강 관련 답을 모두 지웠어요.",
    (Purpose.TRAINING, True): "앞으로의 상담을 품질을 높이는 데 쓸게요.",
    (Purpose.TRAINING, False): "이제 상담을 품질을 높이는 데 쓰지 않아요.",
    (Purpose.ABROAD, True): "이제 질문에 해외 모델이 답할 수 있어요.",
    (Purpose.ABROAD, False): "이제 질문을 해외로 보내지 않아요.",
    (Purpose.ADVERTISING, True): "새 소식이 있으면 알려 드릴게요. /stop 으로 언제든 멈춰요.",
    (Purpose.ADVERTISING, False): "이제 광고를 보내지 않아요.",
    (Purpose.NIGHT, True): "밤에도 소식을 보내 드릴 수 있어요. /stop 으로 언제든 멈춰요.",
    (Purpose.NIGHT, False): "이제 밤에는 광고를 보내지 않아요.",
}


def decided(purposes: Sequence[Purpose], agreed: bool, shop: str, at: datetime) -> str:
    """Who, what, when and with what result (정보통신망법 시행령 제62조의2)."""
    names = ", ".join(f"«{PURPOSE_LABELS[purpose]}»" for purpose in purposes)
    what = f"{names} 동의를 {'받았어요' if agreed else '거두었어요'}."
    return f"{what}\n· {shop or _UNNAMED_SHOP}\n· {day(at)}\n· {_RESULTS[purposes[0], agreed]}"


def ended_too(purposes: Sequence[Purpose], shop: str, at: datetime) -> str:
    """With the consent that everything stood on."""
    names = ", ".join(f"«{PURPOSE_LABELS[purpose]}»" for purpose in purposes)
    return f"{names} 동의도 함께 거두었어요. ({shop or _UNNAMED_SHOP}, {day(at)})"


def confirming(shop: str, since: datetime, both: bool) -> str:
    """Who, since when, and how to go on or stop (시행령 제62조의3). `both`: night too."""
    what = "광고(밤 광고도)" if both else "광고"
    return (
        f"{shop or _UNNAMED_SHOP}에서 여쭤봐요.\n"
        f"{day(since)}에 {what}를 받겠다고 동의하셨어요. 계속 받으시겠어요?\n"
        "답이 없으셔도 동의는 그대로예요. 다만 한 달이 지나면 저희가 먼저 보내기를 멈출게요."
    )


NO_ADVERTISING: Final = "지금은 보내 드리는 광고가 없어요. 동의하지 않으셨으니 안심하세요."
MODEL_ABROAD: Final = "(«내 정보»의 «동의 관리»에서 해외 모델의 답을 고르실 수도 있어요.)"


# --- menu and manners ---------------------------------------------------------------------------

MENU: Final = "무엇을 도와드릴까요?\n아래에서 고르거나, 궁금한 것을 그냥 적어 주세요."
CANCELLED: Final = "하던 일을 그만뒀어요."
THANKS: Final = "고마워요!"
STALE: Final = "지난 화면의 버튼이에요. 지금 화면을 다시 보여 드릴게요."
TOO_LONG: Final = "글이 조금 길어요. 1,000자 안으로 나누어 보내 주시면 잘 읽어 볼게요."
UNKNOWN_COMMAND: Final = "모르는 명령이에요. 쓸 수 있는 명령은 «도움말»에 있어요."
MEDIA: Final = (
    "스티커나 음성처럼 글이 아닌 것은 아직 읽지 못해요. 글로 적어 주시면 도와드릴게요.\n"
    "성분표라면 이름을 쉼표로 이어 적어 주세요. (예: 정제수, 글리세린, 판테놀)"
)
WHICH_ONE: Final = "어느 것을 말씀하시나요?"
NOTHING_SAID: Final = "아무 글자도 보이지 않아요. 다시 적어 주세요."
STOPPED: Final = "네, 여기서 멈췄어요. 다른 것을 물어보셔도 돼요."
NOTHING_TO_STOP: Final = "지금은 멈출 것이 없어요."
TO_LEAVE: Final = "나가시려면 «처음으로»를 눌러 주세요."
STOP_HINT: Final = "(멈추려면 «그만»이라고 보내 주세요.)"
ONE_MOMENT: Final = "잠시만요, 앞서 보내신 것부터 볼게요. 조금 뒤에 다시 보내 주세요."
RESUMING: Final = "다시 오셨네요, 반가워요! 지난번에 하던 이야기가 있어요. 이어서 할까요?"
TROUBLE: Final = "잠시 문제가 생겼어요. 조금 뒤에 다시 보내 주세요."
LOOKING: Final = "찾아보고 있어요. 조금 뒤에 «결과 보기»를 눌러 주세요."
"""Where an answer cannot be shown once it is there, but has to be fetched."""
LOOKING_ON: Final = (
    "찾아보고 있어요. 조금만 기다려 주세요.\n답이 오지 않으면 «결과 보기»라고 보내 주세요."
)
"""Where it is sent by itself, once."""
CALLED_OFF: Final = "앞서 물어보신 것은 여기서 멈췄어요."


def looking_in_line(ahead: int) -> str:
    """The same two, while the question waits for the model: the place is as of now."""
    return f"{_in_line(ahead)} 조금 뒤에 «결과 보기»를 눌러 주세요."


def looking_on_in_line(ahead: int) -> str:
    return (
        f"{_in_line(ahead)} 답이 되면 여기로 보내 드릴게요.\n"
        "답이 오지 않으면 «결과 보기»라고 보내 주세요."
    )


FAILURES: Final = {
    Failure.PRODUCT_GONE: "그 제품은 이제 목록에 없어요. 다른 제품을 찾아 드릴게요.",
    Failure.INGREDIENT_GONE: "그 성분은 이제 사전에 없어요. 다른 이름으로 물어봐 주세요.",
    Failure.INDEX_UNAVAILABLE: (
        "지금은 상담 자료를 열 수 없어요. 제품 찾기와 성분 물어보기를 먼저 써 주세요."
    ),
    Failure.UNAVAILABLE: "지금은 자료를 불러오지 못했어요. 잠시 뒤에 다시 해 주세요.",
}
SAY_RESULT: Final = "«결과 보기»라고 보내 주시면 다시 해 볼게요."

SOURCE_KINDS: Final = {
    DocumentKind.PRODUCT: "제품 정보",
    DocumentKind.REVIEWS: "리뷰",
    DocumentKind.INGREDIENT: "성분 사전",
    DocumentKind.FAQ: "매장 안내",
}

# --- survey -------------------------------------------------------------------------------------

QUESTIONS: Final = {
    Step.AGE_BAND: "나이대를 골라 주세요.",
    Step.GENDER: "성별을 골라 주세요.",
    Step.SKIN_TYPE: "피부 타입을 골라 주세요.",
    Step.CONCERNS: "피부 고민을 모두 골라 주세요. 다 고르면 «선택 완료»를 눌러 주세요.",
    Step.AVOIDED: (
        "피하고 싶은 성분이 있으면 쉼표로 나누어 적어 주세요. (예: 향료, 에탄올)\n"
        "없으면 «건너뛰기»를 눌러 주세요."
    ),
    Step.HEALTH: "해당하는 것을 모두 골라 주세요. 다 고르면 «선택 완료»를 눌러 주세요.",
}
AMENDING: Final = "다른 답을 고치려면 아래에서 골라 주세요."
SAVED: Final = "저장했어요!"
AVOIDED_ALONE: Final = "피하고 싶은 성분을 쉼표로 나누어 적어 주세요. (예: 향료, 에탄올)"
AMENDING_MINE: Final = "답하시면 바로 저장하고 «내 정보»로 돌아가요."
NO_NAMES: Final = "성분 이름을 찾지 못했어요. 쉼표로 나누어 적어 주세요."


def question(step: Step) -> str:
    """The question with its place, «2/6»."""
    return f"{_place(step)}  {QUESTIONS[step]}"


def health_consent(shop: str, retention_days: int, *, mine: bool) -> str:
    """The last question begins with a consent of its own."""
    head = f"{MINE} › {QUESTION_LABELS[Step.HEALTH]}\n" if mine else f"{_place(Step.HEALTH)}  "
    return head + optional_consent(Purpose.HEALTH, shop, retention_days)


def _place(step: Step) -> str:
    steps = tuple(Step)
    return f"{steps.index(step) + 1}/{len(steps)}"


def amending_mine(step: Step) -> str:
    """The same question by itself: no place among six, and nothing to skip."""
    asked = AVOIDED_ALONE if step is Step.AVOIDED else QUESTIONS[step]
    return f"내 정보 › {QUESTION_LABELS[step]}\n{asked}\n\n{AMENDING_MINE}"


def avoided_now(names: Sequence[str]) -> str:
    return (
        f"피할 성분: {', '.join(names)}\n다시 적으시면 바뀌어요. 맞으면 «선택 완료»를 눌러 주세요."
    )


def names_left_out(names_at_most: int) -> str:
    return f"(짧은 이름으로 {names_at_most}개까지만 기억할 수 있어요. 나머지는 빼 두었어요.)"


def summary(profile: SkinProfile) -> str:
    return f"답해 주신 내용이에요.\n\n{profile_lines(profile)}\n\n이대로 저장할까요?"


def profile_lines(profile: SkinProfile) -> str:
    answers = {
        Step.AGE_BAND: profile.age_band or "",
        Step.GENDER: profile.gender or "",
        Step.SKIN_TYPE: profile.skin_type or "",
        Step.CONCERNS: ", ".join(profile.concerns),
        Step.AVOIDED: ", ".join(profile.avoided),
        Step.HEALTH: ", ".join(profile.health),
    }
    return "\n".join(f"· {QUESTION_LABELS[step]}: {said or '-'}" for step, said in answers.items())


# --- numbers ------------------------------------------------------------------------------------


def number(value: int) -> str:
    return f"{value:,}"


def price(won: int) -> str:
    return f"{won:,}원"


def percent(share: float) -> str:
    return f"{round(share * 100)}%"


def place(page: int, pages: int) -> str:
    return f"{page}/{pages}쪽"


def facts(product: Product) -> str:
    """«18,000원 (10ml당 1,200원) · ★ 4.3 · 리뷰 128개»; what is not known is left out."""
    known = (
        _price_and_amount(product),
        f"★ {product.rating:.1f}" if product.rating is not None else "",
        f"리뷰 {number(product.reviews)}개" if product.reviews else "아직 리뷰가 없어요",
        "" if product.on_sale else "지금은 판매하지 않아요",
    )
    return " · ".join(part for part in known if part)


def _price_and_amount(product: Product) -> str:
    if product.price is None:
        return ""
    by_ten = price_of_ten(product.price, product.volume)
    told = f" (10{by_ten[1]}당 {price(by_ten[0])})" if by_ten else ""
    return f"{price(product.price)}{told}"


# --- products -----------------------------------------------------------------------------------

ASK_PRODUCT: Final = "어떤 제품을 찾으세요?\n이름이나 브랜드를 적어 주세요. (예: 수분 크림)"
PICK_INTRO: Final = "써 보고 좋았던 제품을 골라 주세요. 이름이나 브랜드를 적으면 찾아 드려요."
PICK_FULL: Final = f"{PICKS_AT_MOST}개까지 고를 수 있어요. 하나를 빼면 더 고를 수 있어요."
NO_PICKS: Final = "아직 고른 제품이 없어요.\n써 보고 좋았던 제품을 고르면 추천이 더 잘 맞아요."
PICKS_HINT: Final = "제품마다 어땠는지 골라 주세요. 별로였던 제품도 추천에 도움이 돼요."
GONE_PRODUCT: Final = "이제 목록에 없는 제품"
NO_RECENT: Final = "최근에 본 제품이 없어요.\n제품을 찾아 열어 보시면 여기에 모아 둘게요."
RECENT_HINT: Final = "마지막에 보신 것부터예요."
COMPARE_HEAD: Final = "비교할 수 있는 제품"
COMPARE_HINT: Final = "추천한 제품, 고른 제품, 최근 본 제품이에요. 두세 개를 골라 주세요."
COMPARED_FULL: Final = "한 번에 세 개까지 비교할 수 있어요. 하나를 빼고 골라 주세요."
NOTHING_TO_COMPARE: Final = (
    "비교할 제품이 아직 모자라요.\n제품을 찾아 열어 보시면 여기에서 나란히 볼 수 있어요."
)
PEERS_NEED_SKIN_TYPE: Final = (
    "나와 비슷한 사람들을 찾으려면 피부 타입이 필요해요.\n설문에서 피부 타입을 골라 주세요."
)
ASK_PRICE: Final = "가격대를 골라 주세요.\n«2만원 이하 크림으로»처럼 적으셔도 돼요."
ASK_CATEGORY: Final = "카테고리를 골라 주세요.\n«향료 없는 로션으로»처럼 적으셔도 돼요."
PRESENT_CONDITIONS: Final = "지금 조건"
SEARCH_TOO_LONG: Final = "조금 길어요. 이름이나 브랜드만 60자 안으로 적어 주세요."


def found(text: str, page: Page[Product]) -> str:
    where = place(page.number, page.pages)
    if not page.total:
        return not_found(text)
    if not text:
        return f"전체 제품 {number(page.total)}개 · {where}"
    return f"«{text}» 검색 결과 {number(page.total)}개 · {where}"


def not_found(text: str) -> str:
    if not text:
        return "아직 보여 드릴 제품이 없어요."
    return f"{with_particle(f'«{text}»', '은/는')} 찾지 못했어요. 이름의 일부만 적어 보세요."


def weighed(count: int) -> str:
    return f"{count}개 골랐어요." if count else "아직 고르지 않으셨어요."


def picked(count: int) -> str:
    if not count:
        return "아직 고른 제품이 없어요. 고르지 않고 «선택 완료»를 눌러도 괜찮아요."
    if count >= PICKS_AT_MOST:
        return f"{count}개 골랐어요. {PICKS_AT_MOST}개까지 고를 수 있어요."
    return f"{count}개 골랐어요."


# --- recommendations ----------------------------------------------------------------------------

NO_MORE: Final = "보여 드릴 추천을 모두 보여 드렸어요. 제품을 다시 고르면 새로 찾아볼게요."
NOTHING_TO_RECOMMEND: Final = (
    "조건에 맞는 제품을 찾지 못했어요. 제품을 다시 고르거나 피할 성분을 줄여 보세요."
)
NO_MORE_SO_NARROW: Final = "이 조건에 맞는 제품은 모두 보여 드렸어요. 조건을 지우거나 넓혀 보세요."
NOTHING_SO_NARROW: Final = (
    "이 조건에 맞는 제품을 찾지 못했어요. 조건을 지우거나 넓혀 보세요.\n"
    "(성분이나 가격을 모르는 제품은 그 조건에서 빼 두었어요.)"
)
OTHERS_INTRO: Final = "다른 제품도 찾아봤어요."
CLOSING: Final = (
    "마음에 드는 제품이 있었나요?\n«2만원 이하 크림으로»처럼 적으시면 좁혀서 찾아 드려요."
)
WAITING: Final = "지금 찾고 있어요. 조금만 기다려 주세요."
ALREADY_BELOW: Final = "추천은 아래에 있어요."
ROUND_LOST: Final = "처음 추천부터 다시 보여 드릴게요."

# --- routines -----------------------------------------------------------------------------------

ASK_BUDGET: Final = (
    "아침저녁 루틴을 짜 드릴게요. 모두 합해 얼마까지 생각하세요?\n«4만원으로»처럼 적으셔도 돼요."
)
MORNING: Final = "☀️ 아침"
EVENING: Final = "🌙 저녁"
AS_IN_THE_MORNING: Final = "아침에 쓴 것을 그대로 써요."
SUN_BY_DAY: Final = "저녁에만 쓰는 제품이 있으니, 낮에는 자외선차단제를 꼭 발라 주세요."
ROUTINE_BELOW: Final = "루틴은 아래에 있어요."
NO_MORE_ROUTINES: Final = (
    "이 예산으로 맞출 수 있는 루틴은 모두 보여 드렸어요. 예산을 바꾸면 더 찾아볼게요."
)
NO_ROUTINE: Final = (
    "루틴을 맞출 만한 제품을 찾지 못했어요. 피할 성분을 줄이거나 예산을 바꿔 보세요."
)


def routine_part(title: str, lines: Sequence[str]) -> str:
    return "\n\n".join((title, *lines))


def routine_step(number_: int, stage: Stage, product: Product, why: str) -> str:
    won = "" if product.price is None else f" · {price(product.price)}"
    return f"{number_}. {stage} · {product.title}{won}\n{why}"


def evening_only(ingredient_: str) -> str:
    return f"{with_particle(ingredient_, '이/가')} 들어 있어 저녁에만 발라요."


def routine_sum(products: Sequence[Product], budget: int | None) -> str:
    """Each product once; how many have no price is told, since the sum is not whole then."""
    total = price(sum(product.price or 0 for product in products))
    unpriced = sum(product.price is None for product in products)
    left = f" (값을 모르는 제품 {unpriced}개는 뺐어요)" if unpriced else ""
    within = f" (예산 {price(budget)})" if budget is not None else ""
    return f"모두 합해 {total}이에요.{within}{left}"


def routine_without(missing: Sequence[Stage]) -> str:
    if not missing:
        return ""
    return f"{with_particle(', '.join(missing), '은/는')} 맞는 제품이 없어서 뺐어요."


def routine_too_dear(budget: int, cheapest: int) -> str:
    return (
        f"{price(budget)} 안에서는 루틴을 다 맞추지 못했어요.\n"
        f"가장 알뜰하게 맞추면 {price(cheapest)}이에요. 이렇게 볼까요?"
    )


def for_won(won: int) -> str:
    return f"{price(won)}으로 보기"


# --- ingredients --------------------------------------------------------------------------------

ASK_INGREDIENT_NAME: Final = (
    "어떤 성분이 궁금하세요?\n"
    "이름을 적어 주세요. (예: 나이아신아마이드)\n"
    "전성분표를 쉼표로 이어 적으시면 한꺼번에 풀어 드려요. (예: 정제수, 글리세린, 판테놀)"
)
AVOIDED_MARK: Final = "⚠️ 피하고 싶다고 하신 성분이에요."
PREGNANCY_MARK: Final = (
    "⚠️ 임신·수유 중이라고 하셨어요. 비타민A 계열(레티노이드)은 이때 피하도록 권하는 성분이에요. "
    "쓰기 전에 의사와 상의해 주세요."
)
PREGNANCY_NOTE: Final = "임신·수유 중이라고 하셔서, 비타민A 계열이 있으면 함께 ⚠️로 표시해요."
AVOIDED_NOW: Final = "피할 성분에 넣었어요."
AVOIDED_NO_MORE: Final = "피할 성분에서 뺐어요."
AVOIDED_FULL: Final = "피할 성분이 가득 찼어요. «내 정보»에서 하나를 빼면 넣을 수 있어요."
NOTHING_READ: Final = (
    "아는 성분을 찾지 못했어요.\n성분 이름을 쉼표로 나누어 적어 주세요. (예: 정제수, 글리세린)"
)
INGREDIENT_TOO_LONG: Final = "조금 길어요. 성분 이름 하나만 60자 안으로 적어 주세요."


def ingredient(found: Ingredient, avoided_as: Sequence[str] = ()) -> str:
    """`avoided_as`: the person's own words for what they avoid that mean this ingredient."""
    title = f"{found.name} ({found.inci})" if found.inci else found.name
    lines = (
        _avoided_mark(found, avoided_as),
        found.definition or "아직 설명이 준비되지 않았어요.",
        f"역할: {', '.join(found.roles)}" if found.roles else "",
        f"유래: {found.origin}" if found.origin else "",
        f"사용 한도: {found.limits}" if found.limits else "",
        f"CAS: {found.cas}" if found.cas else "",
    )
    return title + "\n\n" + "\n".join(line for line in lines if line)


def _avoided_mark(found: Ingredient, words: Sequence[str]) -> str:
    if not words:
        return ""
    typed = [word for word in words if word != Health.PREGNANCY]
    others = [word for word in typed if word != found.name]
    mine = f"{AVOIDED_MARK} (적어 주신 말: {', '.join(others)})" if others else AVOIDED_MARK
    marks = (mine if typed else "", PREGNANCY_MARK if len(typed) < len(words) else "")
    return "\n".join(mark for mark in marks if mark)


def why_in(found: Ingredient, place: Place) -> str:
    """The role is the dictionary's, the place the label's: no more is known of one product."""
    where = f"{place.product.title}의 성분 {number(place.of)}개 가운데 {number(place.number)}번째"
    if not found.roles:
        return f"왜 들어 있나요?\n배합목적은 적혀 있지 않아요. {where}에 있어요."
    roles = with_particle(", ".join(found.roles[:2]), "으로/로")
    return f"왜 들어 있나요?\n화장품에 주로 {roles} 넣는 성분이에요. {where}에 있어요."


CARES: Final = {
    Care.SALICYLIC: (
        "임신·수유 중이라고 하신 분: 농도가 높은 각질 관리 제품이라면 먼저 의사와 상의해 주세요."
    ),
    Care.CLOGGING: (
        "여드름이 고민이라고 하신 분: 토끼 귀 실험(Fulton, 1989)에서 모공을 막은 성분이에요. "
        "사람 피부에서는 다를 수 있으니 참고만 해 주세요."
    ),
    Care.YEAST: (
        "여드름이 고민이라고 하신 분: 피부에 사는 효모(말라세지아)가 배양 접시에서 먹고 자라는 "
        "기름이에요(Nazzaro Porro 외, 1976). 제품에서도 그렇다는 뜻은 아니니 참고만 해 주세요."
    ),
    Care.SUN: "낮에 쓰실 분: 햇빛에 예민해질 수 있으니 자외선 차단제도 발라 주세요(식약처 고시).",
}
BESIDE_ACIDS: Final = (
    "함께 쓸 때: AHA(글라이콜릭애씨드 등)나 BHA(살리실릭애씨드 등)와 같은 날 밤에 함께 쓰지 마세요."
)
BESIDE_VITAMIN_A: Final = "함께 쓸 때: 레티놀 같은 비타민A 계열과 같은 날 밤에 함께 쓰지 마세요."


def minding(found: Ingredient, profile: SkinProfile, cares: Collection[Care] = ()) -> str:
    """Who should look twice: only from its limits, its roles, the rules of `cares` and the
    person's own answers."""
    skin_type, limits = profile.skin_type, found.limits or ""
    allergen = "알레르겐" in limits or Care.ALLERGEN in cares
    scent = allergen or "착향제" in found.roles
    sensitive = skin_type is SkinType.SENSITIVE
    lines = (
        "향 알레르기가 있는 분: EU가 따로 표시하게 하는 향 성분이에요." if allergen else "",
        "3세 미만 아이에게 쓰실 분: 나이에 따른 기준이 있어요." if "3세 미만" in limits else "",
        "민감성 피부라고 하신 분: 향을 내는 성분이에요." if sensitive and scent else "",
        "민감성 피부라고 하신 분: 각질을 덜어 내는 성분이에요."
        if sensitive and "각질제거제" in found.roles
        else "",
        *(
            f"{one}가 있다고 하신 분: 향을 내는 성분이에요."
            for one in scent_matters(profile)
            if scent
        ),
        *(CARES[one] for one in cares if one in CARES and profile.minds(one)),
        BESIDE_ACIDS if Care.VITAMIN_A in cares else "",
        BESIDE_VITAMIN_A if Care.SUN in cares or Care.SALICYLIC in cares else "",
    )
    said = "\n".join(f"· {line}" for line in lines if line)
    return f"이런 분은 살펴보세요\n{said}" if said else ""


def scent_matters(profile: SkinProfile) -> tuple[Health, ...]:
    """Which of their answers on health speak for a look at what smells."""
    return tuple(one for one in profile.health if one is not Health.PREGNANCY)


def picks_holding(picked: Sequence[Product], picks: int) -> str:
    if not picks:
        return ""
    if not picked:
        return f"고르신 제품 {picks}개에는 들어 있지 않아요."
    listed = "".join(f"\n· {product.title}" for product in picked)
    return f"고르신 제품 가운데 {len(picked)}개에 들어 있어요.{listed}"


def products_holding(page: Page[Product]) -> str:
    if not page.total:
        return "지금 이 성분이 든 제품은 없어요."
    return f"이 성분이 든 제품 {number(page.total)}개 · {place(page.number, page.pages)}"


def ingredient_missed(name: str, near: Iterable[str], unbuttoned: Iterable[str]) -> str:
    said = f"{with_particle(f'«{name}»', '은/는')} 찾지 못했어요."
    if not tuple(near):
        return f"{said}\n다른 이름이나 이름의 일부를 적어 주세요."
    listed = "".join(f"\n· {long}" for long in unbuttoned)
    return f"{said} 혹시 이 성분인가요?{listed}"


GROUP_USAGE: Final = "이렇게 물어봐 주세요: /ingredient 나이아신아마이드"
GROUP_TO_PRIVATE: Final = "1:1로 더 보기"


def group_ingredient(found: Ingredient) -> str:
    """What a group reads of an ingredient: nothing that depends on who asks."""
    return "\n\n".join(part for part in (ingredient(found), minding(found, SkinProfile())) if part)


def group_missed(name: str, near: Sequence[str]) -> str:
    return ingredient_missed(name, near, near)


def no_formula(product: Product) -> str:
    return f"{product.title}\n\n아직 성분 정보가 없어요."


def formula_head(title: str, count: int, where: str = "") -> str:
    counted = f"성분 {number(count)}개"
    return f"{title}\n{counted} · {where}" if where else f"{title}\n{counted}"


def group_counts(counts: Mapping[Group, int]) -> str:
    """«보습·유연 5, 유화·세정 2»: the page's table of contents."""
    return ", ".join(f"{group} {number(count)}" for group, count in counts.items())


def grouped(lines: Sequence[Line]) -> str:
    """A paragraph for each group on the page."""
    groups = dict.fromkeys(line.group for line in lines)
    return "\n\n".join(
        "\n".join((_heading(group), *(_line(line) for line in lines if line.group is group)))
        for group in groups
    )


def _heading(group: Group) -> str:
    return f"{WARNING}{group}" if group is Group.AVOIDED else str(group)


def _line(line: Line) -> str:
    found = line.ingredient
    mark = WARNING if line.group is Group.AVOIDED else ""
    roles = ", ".join(found.roles[:2])
    told = _rule(found) if line.group is Group.LIMITED else roles
    return f"· {mark}{found.name}" + (f" · {told}" if told else "")


def _rule(found: Ingredient) -> str:
    """«EU 보존제(부속서 V): 최대 1.0 %» → «EU 보존제»; the whole of it stands on its page."""
    return (found.limits or "").partition(":")[0].partition("(")[0].strip()


LIST_TITLE: Final = "보내 주신 성분"
LABEL_UNREAD: Final = {
    Unread.UNCLEAR: (
        "사진에서 성분 이름을 찾지 못했어요.\n성분표에 가까이 대고, 글자가 또렷하게 나오게 "
        "다시 찍어 주세요. 성분 이름을 쉼표로 이어 적어 주셔도 돼요."
    ),
    Unread.OFF: MEDIA,
    Unread.GONE: (
        "사진을 받아 오지 못했어요. 조금 작은 사진으로 다시 보내 주세요.\n"
        "성분 이름을 쉼표로 이어 적어 주셔도 돼요."
    ),
    Unread.BUSY: (
        "사진을 읽는 데 너무 오래 걸려서 멈췄어요. 성분표만 나오게 다시 찍어 주세요.\n"
        "성분 이름을 쉼표로 이어 적어 주셔도 돼요."
    ),
}


def label_read(known: int) -> str:
    return (
        f"사진에서 아는 성분 {number(known)}개를 읽었어요. 흐린 글자는 다르게 읽었을 수 있으니 "
        "성분표와 한 번 견주어 봐 주세요."
    )


def list_cut(names_at_most: int) -> str:
    return f"성분이 많아서 앞의 {names_at_most}개까지 먼저 볼게요. 나머지는 이어서 보내 주세요."


def unread(names: Sequence[str], left: int, near: bool) -> str:
    """What of a list was not found; `near`: names close to it stand as buttons."""
    more = f" 그 밖에 {number(left)}개" if left else ""
    ask = "\n혹시 이 성분인가요?" if near else ""
    return f"찾지 못한 이름: {', '.join(names)}{more}{ask}"


# --- consulting ---------------------------------------------------------------------------------

INVITATION: Final = (
    "무엇이든 물어보세요. 우리 가게의 제품과 리뷰, 성분 자료를 보고 답해 드려요.\n\n"
    "예를 들면 이렇게요.\n"
    "· 건성 피부에 좋은 크림이 있어요?\n"
    "· 나이아신아마이드는 어디에 좋아요?\n"
    "· 자극이 적은 토너를 알려 주세요"
)


WHY_BAD: Final = "아쉬운 답이었군요. 무엇이 아쉬웠는지 알려 주시겠어요?"
REASONS: Final = {
    Reason.WRONG: "틀린 내용이에요",
    Reason.BESIDE: "질문과 달라요",
    Reason.LONG: "너무 길어요",
    Reason.UNKIND: "불친절해요",
    Reason.UNSAID: SKIP,
}
REASON_THANKS: Final = {
    Reason.WRONG: "알려 주셔서 고마워요. 틀린 곳을 꼭 살펴볼게요.",
    Reason.BESIDE: "알려 주셔서 고마워요. 조금 다르게 물어봐 주시면 다시 찾아볼게요.",
    Reason.LONG: "알려 주셔서 고마워요. 더 짧게 답하도록 애쓸게요.",
    Reason.UNKIND: "마음 상하셨다면 미안해요. 더 다정하게 답하도록 애쓸게요.",
    Reason.UNSAID: THANKS,
}
ANOTHER_ANSWER: Final = "다시 답해 봤어요."
NO_OTHER_ANSWER: Final = "그 질문에는 더 드릴 답이 없어요. 새로 적어 주시면 다시 찾아볼게요."
PREFERENCE_THANKS: Final = "골라 주셔서 고마워요!"
SAID_NOT_KEPT: Final = "네, 저장하지 않았어요."
SAID_DECIDED: Final = "지난 질문이에요. 프로필은 «내 정보»에서 언제든 고칠 수 있어요."
SPENT: Final = (
    "(오늘 글로 풀어 드릴 수 있는 답은 다 드렸어요. 내일 다시 넉넉히 드릴게요. "
    "그때까지는 자료를 정리해 답해 드려요.)"
)


def save_said(values: Sequence[str]) -> str:
    """«‘복합성’, ‘모공’이라고 하셨는데 프로필에 저장할까요?»"""
    *others, last = values
    quoted = "".join(f"‘{value}’, " for value in others)
    said = f"{quoted}‘{last}’{particle(last, '이라고/라고')}"
    return f"{said} 하셨는데 프로필에 저장할까요?\n저장하면 다음 추천과 상담에 쓸게요."


def ask_shop(contact: str) -> str:
    return f"가게에 바로 물어보시려면: {contact}"


def queued(ahead: int) -> str:
    """While a question waits for the model."""
    return f"{_in_line(ahead)} 차례가 오면 바로 답해 드릴게요."


def _in_line(ahead: int) -> str:
    return f"지금 문의가 많아요. 앞에 {ahead}분이 계세요."


def answer(text: str, sources: Sequence[Source]) -> str:
    if not sources:
        return text
    listed = "\n".join(
        f"[{source.number}] {source.title} · {SOURCE_KINDS[source.kind]}" for source in sources
    )
    return f"{text}\n\n출처\n{listed}"


# --- my things ----------------------------------------------------------------------------------


def mine(
    profile: SkinProfile | None,
    names: Sequence[str],
    gone: int,
    agreed_at: datetime | None,
    agreed_to: str,
) -> str:
    parts = (
        "뽀야미가 기억하는 내 정보예요.",
        f"{profile_lines(profile)}\n고치고 싶은 답을 아래에서 눌러 주세요."
        if profile
        else "아직 설문을 하지 않으셨어요.",
        _picks(names, gone),
        _consent_state(agreed_at, agreed_to),
    )
    return "\n\n".join(parts)


def _picks(names: Sequence[str], gone: int) -> str:
    if not names and not gone:
        return "고른 제품: 아직 없어요."
    listed = "".join(f"\n· {name}" for name in names)
    lost = f"\n· 이제 목록에 없는 제품 {gone}개" if gone else ""
    return f"고른 제품:{listed}{lost}"


def _consent_state(at: datetime | None, version: str) -> str:
    """When, in Korean time, and to which text; both unknown of consents of earlier versions."""
    if at is None:
        return "개인정보 동의: 동의하셨어요."
    return f"개인정보 동의: {day(at)}에 동의하셨어요. (안내문 {version})"


NOTHING_KEPT: Final = (
    "개인정보 동의를 하지 않으셔서, 보관하는 피부 정보가 없어요.\n"
    "맞춤 추천을 원하시면 «추천 받기»에서 동의하실 수 있어요."
)
EXPORTED: Final = "보관하고 있는 내 정보를 모두 담았어요."
EXPORT_NAME: Final = "ppoyami.json"
WITHDRAW_WARNING: Final = (
    "동의를 거두시면 설문 답, 고른 제품, 상담 기록과 평가를 바로 지우고 되돌릴 수 없어요.\n"
    "맞춤 추천은 멈추지만 제품 찾기와 성분, 상담은 그대로 쓰실 수 있어요.\n\n"
    "동의를 거둘까요?"
)
WITHDRAWN: Final = (
    "동의를 거두고, 맡아 두었던 내 정보를 지웠어요.\n제품 찾기, 성분, 상담은 언제든 편하게 쓰세요."
)
DELETE_WARNING: Final = (
    "설문, 고른 제품, 평가, 대화까지 모두 지우고 되돌릴 수 없어요.\n정말 삭제할까요?"
)
GOODBYE: Final = (
    "내 정보를 모두 지웠어요. 그동안 함께해 주셔서 고마워요.\n"
    "다시 오고 싶으면 «처음으로»를 눌러 주세요."
)

# --- what KakaoTalk's cards are headed by ---------------------------------------------------------

LIST_PRODUCTS: Final = "제품"
LIST_INGREDIENTS: Final = "성분"
LIST_CHOICES: Final = "골라 주세요"
MORE_BELOW: Final = "이어서 골라 주세요."
LINKS_BELOW: Final = "아래에서 열어 보세요."
OPERATOR_BELOW: Final = "사람과 이야기하고 싶으시면 눌러 주세요."
CONSENT_BELOW: Final = "동의해 주시겠어요?"

# --- help ---------------------------------------------------------------------------------------


def help_text() -> str:
    commands = "\n".join(f"/{name}  {line}" for name, line in COMMANDS)
    return (
        "뽀야미는 이렇게 써요.\n\n"
        "· 버튼을 누르거나, 버튼의 글자를 그대로 적어도 돼요.\n"
        "· 궁금한 것은 언제든 그냥 적어 주세요.\n"
        "· «처음으로», «취소», «그만», «결과 보기»는 어디서나 통해요.\n"
        "· 선택 동의와 광고 수신은 «내 정보»의 «동의 관리»에서 고르고 거두세요.\n\n"
        f"{commands}"
    )


def privacy(retention_days: int, name: str = "", contact: str = "", notice: str = "") -> str:
    """The operator's own notice where there is one, else ours; then who to turn to."""
    told = " · ".join(part for part in (name, contact) if part)
    text = notice or our_notice(retention_days)
    return f"{text}\n\n운영: {told}" if told else text
