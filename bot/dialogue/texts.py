"""Every sentence the bot says: 해요체, short and warm. What depends on a value is a function."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.dialogue.model import PICKS_AT_MOST, Failure, Step
from engine.domain import (
    Basis,
    DocumentKind,
    Evidence,
    Ingredient,
    Page,
    Product,
    Recommendation,
    SkinProfile,
    SkinType,
    Source,
)
from engine.parsing.korean import with_particle

# --- labels -------------------------------------------------------------------------------------

OLD_ENOUGH: Final = "만 14세 이상이에요"
TOO_YOUNG: Final = "아니요"
AGREE: Final = "동의하고 시작"
REFUSE: Final = "동의 안 함"
DETAILS_OF_CONSENT: Final = "자세히"
RECOMMEND: Final = "추천 받기"
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
OTHERS: Final = "다른 추천"
PICK_AGAIN: Final = "제품 다시 고르기"
SURVEY_AGAIN: Final = "설문 다시 하기"
BACK_TO_CARDS: Final = "추천으로 돌아가기"
SHOW_PRODUCT: Final = "제품 보기"
FIND_OTHER: Final = "다른 제품 찾기"
ASK_OTHER: Final = "다른 성분 물어보기"
DELETE: Final = "내 정보 삭제"
CONFIRM_DELETE: Final = "모두 삭제"
RETRY: Final = "다시 시도"
CHOSEN: Final = "✅ "
WARNING: Final = "⚠️ "

QUESTION_LABELS: Final = {
    Step.AGE_BAND: "나이대",
    Step.GENDER: "성별",
    Step.SKIN_TYPE: "피부 타입",
    Step.CONCERNS: "피부 고민",
    Step.AVOIDED: "피할 성분",
}

COMMANDS: Final = (
    ("start", "처음으로"),
    ("recommend", "제품 추천 받기"),
    ("ingredient", "성분 물어보기: /ingredient 나이아신아마이드"),
    ("mydata", "내 정보 보기"),
    ("cancel", "하던 일 그만두기"),
    ("help", "도움말"),
    ("privacy", "개인정보 안내"),
    ("delete", "내 정보 모두 삭제"),
)
"""Name and line of each command; channels hand them to their platform."""

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
CONSENT: Final = (
    "맞춤 추천을 하려면 개인정보 수집·이용 동의가 필요해요.\n\n"
    "· 목적: 피부에 맞는 제품 추천과 상담\n"
    "· 항목: 나이대, 성별, 피부 타입, 피부 고민, 피할 성분, 고른 제품, 상담 내용과 평가\n"
    "· 보유 기간: «내 정보 삭제»를 하실 때까지\n"
    "· 동의하지 않으셔도 돼요. 그러면 맞춤 추천은 못 해 드리지만, "
    "제품 찾기와 성분, 상담은 그대로 쓰실 수 있어요."
)
CONSENT_FIRST: Final = "추천을 해 드리려면 피부 정보를 잠시 맡아 두어야 해요. 동의해 주시겠어요?"
AGREED: Final = "동의해 주셔서 고마워요!"
REFUSED: Final = (
    "괜찮아요, 아무것도 남기지 않을게요.\n제품 찾기, 성분, 상담은 언제든 편하게 쓰세요."
)
PRIVACY: Final = (
    "뽀야미가 개인정보를 다루는 방법이에요.\n\n"
    "무엇을: 설문 답(나이대, 성별, 피부 타입, 고민, 피할 성분), 고른 제품, "
    "상담 내용, 👍 👎 평가, 그리고 동의하신 때와 내용이에요. 이름이나 전화번호는 묻지 않아요.\n\n"
    "왜: 피부에 맞는 제품을 추천하고 질문에 답하려고요. 다른 곳에는 쓰지 않아요.\n\n"
    "언제까지: «내 정보 삭제»나 /delete 로 지우실 때까지 보관하고, 지우시면 바로 없애요. "
    "동의를 받고 거두신 기록만 증빙으로 남아요.\n\n"
    "거부할 권리: 동의하지 않으셔도 제품 찾기, 성분, 상담은 그대로예요. 맞춤 추천만 어려워요.\n\n"
    "내 정보는 /mydata 에서 언제든 볼 수 있어요."
)

# --- menu and manners ---------------------------------------------------------------------------

MENU: Final = "무엇을 도와드릴까요?\n아래에서 고르거나, 궁금한 것을 그냥 적어 주세요."
CANCELLED: Final = "하던 일을 그만뒀어요."
THANKS: Final = "고마워요!"
STALE: Final = "지난 화면의 버튼이에요. 지금 화면을 다시 보여 드릴게요."
TOO_LONG: Final = "글이 조금 길어요. 1,000자 안으로 나누어 보내 주시면 잘 읽어 볼게요."
UNKNOWN_COMMAND: Final = "모르는 명령이에요. 쓸 수 있는 명령은 «도움말»에 있어요."
MEDIA: Final = "사진이나 스티커, 음성은 아직 읽지 못해요. 글로 적어 주시면 도와드릴게요."
WHICH_ONE: Final = "어느 것을 말씀하시나요?"
NOTHING_SAID: Final = "아무 글자도 보이지 않아요. 다시 적어 주세요."
TROUBLE: Final = "잠시 문제가 생겼어요. 조금 뒤에 다시 보내 주세요."

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
}
AMENDING: Final = "다른 답을 고치려면 아래에서 골라 주세요."
SAVED: Final = "저장했어요!"
NO_NAMES: Final = "성분 이름을 찾지 못했어요. 쉼표로 나누어 적어 주세요."


def question(step: Step) -> str:
    """The question with its place, «2/5»."""
    steps = tuple(Step)
    return f"{steps.index(step) + 1}/{len(steps)}  {QUESTIONS[step]}"


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
    """«18,000원 · ★ 4.3 · 리뷰 128개»; what is not known is left out."""
    known = (
        price(product.price) if product.price is not None else "",
        f"★ {product.rating:.1f}" if product.rating is not None else "",
        f"리뷰 {number(product.reviews)}개" if product.reviews else "아직 리뷰가 없어요",
        "" if product.on_sale else "지금은 판매하지 않아요",
    )
    return " · ".join(part for part in known if part)


# --- products -----------------------------------------------------------------------------------

ASK_PRODUCT: Final = "어떤 제품을 찾으세요?\n이름이나 브랜드를 적어 주세요. (예: 수분 크림)"
PICK_INTRO: Final = "써 보고 좋았던 제품을 골라 주세요. 이름이나 브랜드를 적으면 찾아 드려요."
PICK_FULL: Final = f"{PICKS_AT_MOST}개까지 고를 수 있어요. 하나를 빼면 더 고를 수 있어요."
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
OTHERS_INTRO: Final = "다른 제품도 찾아봤어요."
CLOSING: Final = "마음에 드는 제품이 있었나요?"
WAITING: Final = "지금 찾고 있어요. 조금만 기다려 주세요."
ALREADY_BELOW: Final = "추천은 아래에 있어요."
ROUND_LOST: Final = "처음 추천부터 다시 보여 드릴게요."
FEW_PEOPLE: Final = 5
"""Fewer people than this are told as thin evidence."""


def recommendation_intro(picks: int, skin_type: SkinType | None) -> str:
    if picks:
        return f"고르신 제품 {picks}개를 바탕으로 추천해 드려요."
    if skin_type is None:
        return "고르신 제품이 없어서, 많은 분이 쓰고 리뷰를 남긴 제품으로 골랐어요."
    return f"고르신 제품이 없어서, {skin_type} 피부인 분들이 많이 쓴 제품으로 골랐어요."


def reason(recommendation: Recommendation) -> str:
    """The card's note: two or three short lines of true counts."""
    evidence = recommendation.evidence
    lines = (
        _basis(recommendation),
        _gentle_in_short(evidence),
        _shared(evidence.shared[:2]),
    )
    return "\n".join(line for line in lines if line)


def explanation(recommendation: Recommendation) -> str:
    """The same evidence in whole sentences, and how thin it is."""
    evidence = recommendation.evidence
    lines = (
        _basis(recommendation),
        _taste_beside(recommendation.basis, evidence),
        _skin_reviews(evidence),
        _gentle(evidence),
        _shared(evidence.shared),
        _thin(recommendation),
    )
    said = "\n".join(f"· {line}" for line in lines if line)
    title = recommendation.product.title
    return f"{with_particle(title, '을/를')} 추천한 까닭이에요.\n\n{said}"


def _basis(recommendation: Recommendation) -> str:
    evidence, reviews = recommendation.evidence, recommendation.product.reviews
    match recommendation.basis:
        case Basis.TASTE if evidence.neighbours:
            return _taste(evidence)
        case Basis.SKIN_TYPE if evidence.skin_type and evidence.skin_reviews:
            people = f"{evidence.skin_type} 피부인 분들이"
            return f"{people} 리뷰를 {number(evidence.skin_reviews)}개 남긴 제품이에요."
        case _ if reviews:
            return f"지금까지 리뷰가 {number(reviews)}개 쌓인 제품이에요."
        case _:
            return "아직 리뷰가 없는 제품이에요."


def _taste(evidence: Evidence) -> str:
    everyone = number(evidence.neighbours)
    if evidence.neighbours == 1:
        liked = "4점 이상 줬어요" if evidence.admirers else "평가했어요"
        return f"취향이 비슷한 1명이 {liked}."
    if not evidence.admirers:
        return f"취향이 비슷한 {everyone}명이 평가했어요."
    if evidence.admirers >= evidence.neighbours:
        return f"취향이 비슷한 {everyone}명이 모두 4점 이상 줬어요."
    return f"취향이 비슷한 {everyone}명 중 {number(evidence.admirers)}명이 4점 이상 줬어요."


def _taste_beside(basis: Basis, evidence: Evidence) -> str:
    return _taste(evidence) if basis is not Basis.TASTE and evidence.neighbours else ""


def _skin_reviews(evidence: Evidence) -> str:
    if not evidence.skin_type or evidence.gentle_share is not None:
        return ""
    who = f"{evidence.skin_type} 피부인 분의 리뷰"
    if not evidence.skin_reviews:
        return f"{who}는 아직 없어요."
    return f"{who}가 {number(evidence.skin_reviews)}개 있어요."


def _gentle(evidence: Evidence) -> str:
    """The share is of those who told of irritation, not of all reviews: the sentence says so."""
    if evidence.gentle_share is None:
        return ""
    share = percent(evidence.gentle_share)
    if not evidence.skin_type:
        return f"자극이 있었는지 적은 리뷰의 {share}가 자극이 없었다고 했어요."
    return (
        f"{evidence.skin_type} 리뷰 {number(evidence.skin_reviews)}개 가운데 "
        f"자극이 있었는지 적은 분의 {share}가 자극이 없었다고 했어요."
    )


def _gentle_in_short(evidence: Evidence) -> str:
    """«건성 리뷰 128개, 자극 없음 82%»; «왜 추천했나요?» says of whom the share is."""
    if evidence.gentle_share is None:
        return ""
    gentle = f"자극 없음 {percent(evidence.gentle_share)}"
    if not evidence.skin_type:
        return gentle
    return f"{evidence.skin_type} 리뷰 {number(evidence.skin_reviews)}개, {gentle}"


def _shared(names: Sequence[str]) -> str:
    return f"좋아하신 제품과 함께 든 성분: {', '.join(names)}" if names else ""


def _thin(recommendation: Recommendation) -> str:
    evidence = recommendation.evidence
    people = (
        evidence.neighbours
        if recommendation.basis is Basis.TASTE
        else recommendation.product.reviews
    )
    return "아직 의견이 많지 않으니 참고만 해 주세요." if people < FEW_PEOPLE else ""


# --- ingredients --------------------------------------------------------------------------------

ASK_INGREDIENT_NAME: Final = "어떤 성분이 궁금하세요?\n이름을 적어 주세요. (예: 나이아신아마이드)"
AVOIDED_MARK: Final = "⚠️ 피하고 싶다고 하신 성분이에요."
INGREDIENT_TOO_LONG: Final = "조금 길어요. 성분 이름 하나만 60자 안으로 적어 주세요."


def ingredient(found: Ingredient, avoided: bool) -> str:
    title = f"{found.name} ({found.inci})" if found.inci else found.name
    lines = (
        AVOIDED_MARK if avoided else "",
        found.definition or "아직 설명이 준비되지 않았어요.",
        f"역할: {', '.join(found.roles)}" if found.roles else "",
        f"유래: {found.origin}" if found.origin else "",
        f"사용 한도: {found.limits}" if found.limits else "",
        f"CAS: {found.cas}" if found.cas else "",
    )
    return title + "\n\n" + "\n".join(line for line in lines if line)


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


def formula(product: Product, count: int, where: str, lines: Iterable[str]) -> str:
    if not count:
        return f"{product.title}\n\n아직 성분 정보가 없어요."
    return f"{product.title}\n성분 {number(count)}개 · {where}\n\n" + "\n".join(lines)


def formula_line(place_: int, found: Ingredient, avoided: bool) -> str:
    roles = f" · {', '.join(found.roles[:2])}" if found.roles else ""
    return f"{place_}. {WARNING if avoided else ''}{found.name}{roles}"


def formula_warning(names: Sequence[str]) -> str:
    return f"{WARNING}피하고 싶다고 하신 성분이 들어 있어요: {', '.join(names)}"


# --- consulting ---------------------------------------------------------------------------------

INVITATION: Final = (
    "무엇이든 물어보세요. 우리 가게의 제품과 리뷰, 성분 자료를 보고 답해 드려요.\n\n"
    "예를 들면 이렇게요.\n"
    "· 건성 피부에 좋은 크림이 있어요?\n"
    "· 나이아신아마이드는 어디에 좋아요?\n"
    "· 자극이 적은 토너를 알려 주세요"
)


def answer(text: str, sources: Sequence[Source]) -> str:
    if not sources:
        return text
    listed = "\n".join(
        f"[{source.number}] {source.title} · {SOURCE_KINDS[source.kind]}" for source in sources
    )
    return f"{text}\n\n출처\n{listed}"


# --- my things ----------------------------------------------------------------------------------


def mine(profile: SkinProfile | None, names: Sequence[str], gone: int, agreed: bool) -> str:
    parts = (
        "뽀야미가 기억하는 내 정보예요.",
        profile_lines(profile) if profile else "아직 설문을 하지 않으셨어요.",
        _picks(names, gone),
        _consent_state(agreed),
    )
    return "\n\n".join(parts)


def _picks(names: Sequence[str], gone: int) -> str:
    if not names and not gone:
        return "고른 제품: 아직 없어요."
    listed = "".join(f"\n· {name}" for name in names)
    lost = f"\n· 이제 목록에 없는 제품 {gone}개" if gone else ""
    return f"고른 제품:{listed}{lost}"


def _consent_state(agreed: bool) -> str:
    return "개인정보 동의: 동의하셨어요." if agreed else "개인정보 동의: 동의하지 않으셨어요."


NOTHING_KEPT: Final = (
    "개인정보 동의를 하지 않으셔서, 보관하는 피부 정보가 없어요.\n"
    "맞춤 추천을 원하시면 «추천 받기»에서 동의하실 수 있어요."
)
DELETE_WARNING: Final = (
    "설문, 고른 제품, 평가, 대화까지 모두 지우고 되돌릴 수 없어요.\n정말 삭제할까요?"
)
GOODBYE: Final = (
    "내 정보를 모두 지웠어요. 그동안 함께해 주셔서 고마워요.\n"
    "다시 오고 싶으면 «처음으로»를 눌러 주세요."
)

# --- help ---------------------------------------------------------------------------------------


def help_text() -> str:
    commands = "\n".join(f"/{name}  {line}" for name, line in COMMANDS)
    return (
        "뽀야미는 이렇게 써요.\n\n"
        "· 버튼을 누르거나, 버튼의 글자를 그대로 적어도 돼요.\n"
        "· 궁금한 것은 언제든 그냥 적어 주세요.\n"
        "· «처음으로», «취소», «결과 보기»는 어디서나 통해요.\n\n"
        f"{commands}"
    )


def privacy(name: str = "", contact: str = "", notice: str = "") -> str:
    """The operator's own notice where there is one, else ours; then who to turn to."""
    told = " · ".join(part for part in (name, contact) if part)
    return f"{notice or PRIVACY}\n\n운영: {told}" if told else notice or PRIVACY
