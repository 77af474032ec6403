"""What a person may be shown: set answers where none should be made up, and a model's checked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from zlib import crc32

from engine.domain import DocumentKind, Passage
from engine.generation.checks import claims, leaks, numbers, owners, particulars
from engine.generation.checks.names import Known, Naming, found_in, naming, of_passages
from engine.generation.checks.sentences import Sentence, sentences, whole
from engine.generation.checks.sentences import sentence as split
from engine.generation.checks.support import Embedder, Prose, Vectors, Weights, features
from engine.generation.intent import Intent, Understanding
from engine.generation.redflags import Flag
from engine.parsing.instructions import commands, disarmed
from engine.parsing.korean import squeeze

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
LIFE = (
    "많이 힘드셨겠어요. 이야기해 주셔서 고마워요. 지금 마음이 너무 무겁다면 혼자 견디지 마시고 "
    "자살예방 상담전화 109(24시간, 예전 번호 1393)나 청소년전화 1388에 꼭 전화해 주세요. 당장 "
    "위험하다고 느껴지면 119나 가까운 응급실이 먼저예요. 당신은 도움을 받아도 되는 소중한 분이에요."
)
BREATHING = (
    "숨쉬기가 불편하거나 정신이 흐려지는 건 한시도 기다리면 안 되는 증상이에요. 지금 바로 119에 "
    "전화해 주세요. 바르던 제품은 닦아 내고, 혼자 움직이지 말고 옆 사람에게 알려 주세요. 제품을 "
    "챙겨 가시면 진료에 도움이 돼요."
)
SWELLING = (
    "입술이나 눈, 얼굴이 붓는 건 알레르기 반응일 수 있어서 기다리지 않는 게 좋아요. 바르던 제품을 "
    "멈추고 물로 씻어 낸 뒤 바로 병원에 가 주세요. 붓기가 퍼지거나 숨쉬기 불편하거나 목이 조이면 "
    "지체 없이 119에 전화해 주세요."
)
BURN = (
    "화상이 의심되면 흐르는 시원한 물로 20분쯤 식히고, 얼음이나 크림, 연고는 올리지 말아 주세요. "
    "옷이나 제품이 묻어 있으면 조심히 벗기거나 씻어 내고, 물집이 잡히거나 넓거나 얼굴이라면 바로 "
    "119나 응급실에 가 주세요."
)
EYE = (
    "눈에 들어갔거나 앞이 흐리다면 비비지 말고, 렌즈를 뺀 뒤 흐르는 미지근한 물로 15분 넘게 씻어 "
    "주세요. 아프거나 흐리게 보이거나 충혈이 남으면 바로 안과나 응급실에 가 주세요. 심하면 119에 "
    "전화해 주세요."
)
SWALLOWED = (
    "삼켰다면 억지로 토하게 하지 말고, 입안을 물로 헹군 뒤 바로 119에 전화해 상담을 받아 주세요. "
    "어떤 제품을 얼마나 언제 먹었는지 알려 주시고, 용기를 챙겨 응급실에 가시면 도움이 돼요. 숨쉬기 "
    "힘들거나 축 처지면 지체하지 마세요."
)
PREGNANCY = (
    "임신이나 수유 중에는 레티놀, 레티날 같은 비타민 A 성분은 쓰지 않는 게 안전해요. 이미 "
    "바르셨다면 우선 멈추고 산부인과나 피부과에 제품을 보여 주세요. 다른 제품도 전성분을 챙겨 "
    "의사나 약사에게 먼저 확인해 보시길 권해요. 성분이 궁금하시면 «성분 물어보기»에서 같이 "
    "찾아볼게요."
)
INFECTION = (
    "고름이나 진물, 열이 있다면 감염일 수 있어서 화장품으로 달래기보다 피부과 진료가 먼저예요. "
    "짜거나 만지지 말고, 그 부위에는 아무것도 덧바르지 말아 주세요. 열이 높거나 붉은 곳이 빠르게 "
    "번지면 오늘 바로 병원이나 응급실에 가 주세요."
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
TURNED = (
    "그 부탁은 들어드릴 수 없어요. 저는 화장품과 성분 이야기만 할 수 있어요. 피부 고민이나 궁금한 "
    "제품이 있으면 편하게 물어봐 주세요."
)
KIND = (
    "속상한 일이 있으셨나 봐요. 제가 도울 게 있다면 피부 고민이나 궁금한 제품을 알려 주세요.",
    "마음이 상하셨다면 죄송해요. 어떤 점이 아쉬우셨는지 알려 주시면 다시 찾아볼게요.",
    "답답하셨죠. 제품이나 성분 이름을 적어 주시면 더 또렷하게 답해 볼게요.",
    "그런 말씀을 들으니 제 답이 부족했나 봐요. 무엇이 궁금하신지 다시 말씀해 주시면 찬찬히 볼게요.",
)
"""To insults; which of them depends on the words alone."""
_FLAGS: Final = {
    Flag.LIFE: LIFE,
    Flag.BREATHING: BREATHING,
    Flag.ALLERGY: EMERGENCY,
    Flag.SWELLING: SWELLING,
    Flag.BURN: BURN,
    Flag.EYE: EYE,
    Flag.SWALLOWED: SWALLOWED,
    Flag.PREGNANCY: PREGNANCY,
    Flag.INFECTION: INFECTION,
    Flag.DOCTOR: MEDICAL,
    Flag.REACTION: REACTION,
}
_THANKING = re.compile(r"고마|감사|땡큐|thank|수고", re.IGNORECASE)
_CURE: Final = re.compile(
    r"치료|완치|치유|낫게\s*(?:해|하)|(?<!편이 )(?<!쪽이 )(?<!게 )(?<!것이 )나아(?:요|져|집|질)"
    r"|(?:여드름|기미|주름|잡티|홍조|트러블"
    r"|모공|아토피|흉터|각질|블랙헤드|뾰루지|색소)\S{0,3}\s*(?:\S+\s*){0,4}?"
    r"(?:사라[져집지질진]|없어[져집질진]|없애|지워|낫|해결|완전히|싹|제거(?:돼|해|됩))"
    r"|알레르기\S*\s*(?:\S+\s*){0,4}?(?:가라앉|사라|상관\S*\s*없|문제\s*없|익숙|나아[져지질])"
    r"|(?:가려|간지|붓|부어|따가|따끔)\S*\s*(?:\S+\s*){0,6}?계속\s*(?:바르|쓰)"
    r"|부작용\S{0,2}\s*(?:\S+\s)?없|약\s*대신|약보다|진단|처방(?:해|받|전|약)|의학적|의료|효과\S{0,2}\s*(?:보장"
    r"|확실)|보장(?:해|돼|합|됩)"
    r"|100\s*%\s*(?:효과|안전|만족)"
    r"|병원\S{0,2}\s*(?:\S+\s)?(?:안\s*가|갈\s*필요|가지\s*않아도)"
    r"|임신\S*\s*(?:\S+\s*){0,3}(?:안전|안심|괜찮|써도"
    r"|쓸\s*수|사용해도|발라도)"
)
_SOON: Final = re.compile(
    r"(?:바르자마자|즉시|순식간에|곧바로)\s*(?:\S+\s*){0,4}?(?:펴[져지]|사라|가라앉|밝아|옅어|줄어)"
    r"|(?:\d+|한|두|세|몇|며|일)\s*(?:주일?|일|달|칠|개월|번|시간|일주일)\s?(?:이?면|만에|안에"
    r"|만\s*(?:써|발라|바르)\S*)\s*(?:\S+\s*){0,5}?(?:밝아|옅어|올라|줄어|좋아[져지]|매끈|펴[져지]|작아"
    r"|맑아|탱탱|차올|달라|개선)"
)
_REFERS: Final = re.compile(r"피부과|전문의|병원|의사|약사|진료")
"""Sends them to a doctor, who may do all that."""
_COMPARES: Final = re.compile(r"차례로|각각|쪽이\s*(?:더|\S+원)|\d\S*인\s+\S+보다|의\s*\d\S*보다")
"""It tells of several products and may name one alone."""
_OF_ALL: Final = re.compile(r"(?:둘|셋|넷)\s*다\s|(?:두|세|네)\s*(?:제품|가지)|둘을|셋을")
"""It tells of every product shown, not of the one named last."""
_ABSENT: Final = re.compile(
    r"(?:자료|정보|기록|데이터)\S{0,4}\s*(?:\S+\s*){0,6}?(?:없|않|못|어려|모르|모릅)|(?:알\s*수"
    r"|확인할\s*수|말씀드릴\s*수"
    r"|답할\s*수)\s*(?:는|가)?\s*없|확인(?:되지|하지|이)\s*(?:않|못|어려)"
    r"|잘\s*모르겠|모른다고|말씀드리기\s*(?:\S+\s)?어려|적혀\s*있지\s*않|나와\s*있지\s*않"
    r"|판단(?:할\s*수|하기)\s*(?:없|어려)|단정(?:하기|짓기)\S{0,2}\s*(?:어려|힘들|이르|이른)"
    r"|(?:리뷰|후기)에서\S{0,2}\s*(?:\S+\s)?(?:찾을\s*수\s*없|찾지\s*못|보이지\s*않|안\s*보)"
)
_TOPIC: Final = re.compile(
    r"(?P<what>[가-힣]+?)(?:에\s*(?:대한|관한|대해)|[을를]\s*(?:말한|언급한|적은))\s*"
    r"(?:이야기|얘기|언급|말|내용|평|리뷰|후기|의견)"
)
"""What is said to be spoken of nowhere."""
_LABELS: Final = {
    "가격": "가격", "용량": "용량", "평점": "평점", "별점": "평점",
    "브랜드": "브랜드",
    "배합목적": "배합목적",
}  # fmt: skip
_HARMLESS: Final = re.compile(
    r"^안녕|반가[워웠]|궁금한|궁금하시|언제든|(?:알려|말씀해|적어|남겨|물어봐|불러|골라"
    r"|들려)\s*주(?:세요|시면|시겠)|도움이?\s*되|찾아\s*(?:볼게요"
    r"|드릴게요)|골라\s*(?:볼게요|드릴게요)"
    r"|(?:피부과|전문의|병원|의사|약사)\S{0,3}\s*(?:\S+\s*){0,4}?(?:가\s|보여|보시|가시|가\s?보"
    r"|받[아으]|상담|물어|여쭤|진료|권해"
    r"|좋아요)|좁은\s*부위|소량|귀\s*뒤|팔\s*안쪽|팔뚝|패치|시험해|테스트(?:해|를\s*(?:먼저|해"
    r"|하))|먼저\s*발라|조금씩|천천히|불편하(?:시면|면)"
    r"|멈추|중단|씻어"
    r"|사람마다|피부마다|개인차|다를\s*수|맞지\s*않을\s*수|참고|좋은\s*하루|되세요|힘드셨|속상"
    r"|걱정되시|고민이시|고민되시|신경\s*쓰이|반응을\s*살"
    r"|확인해\s*(?:보|주)|상태를\s*(?:보|살)"
    r"|자외선\s*차단제|선크림을|찾으시(?:는군|네)|이시(?:군요|네요)|도와드릴|보시는\s*게\s*좋"
    r"|보는\s*게\s*좋|살펴보|써\s*보세요|발라\s*보세요"
    r"|비교해\s*보"
)
_FACT: Final = re.compile(
    r"평점|리뷰|후기|추천하는|통과|효과(?:가|를|는)|들어\s*있|함유|가격|원이|저렴|순(?:해|한|하)"
    r"|자극(?:이|은)|보습(?:이|력)|진정(?:에|이|돼)"
    r"|많(?:은|이)\s*(?:찾|사|쓰)|인기|1위|베스트|개선|완화|예방|줄[여어]|촉촉해|사라|효능|기능성"
)


class Reason(StrEnum):
    """Why a sentence goes."""

    NAME = "name"
    """A product or ingredient that does not exist, or was not shown."""
    NUMBER = "number"
    MEDICAL = "medical"
    SUPPORT = "support"
    LEAK = "leak"


def set_answer(understood: Understanding, text: str) -> str | None:
    """The fixed words for what no passage answers to this text, as it was understood; None for the
    rest. A danger comes first, whatever else the question was taken for."""
    if understood.flag is not None:
        return _FLAGS[understood.flag]
    if understood.intent is Intent.MEDICAL:
        return MEDICAL
    if commands(text[:LONGEST]):
        return TURNED
    match understood.intent:
        case Intent.ABUSE:
            return kindly(text)
        case Intent.CHITCHAT:
            return THANKS if _THANKING.search(text) else GREETING
        case Intent.OUTSIDE:
            return OUTSIDE
        case _:
            return None


def nothing_found(understood: Understanding) -> str:
    """The words where no passage answers."""
    return SHOP if understood.intent is Intent.SHOP else NOTHING_FOUND


def kindly(text: str) -> str:
    """An answer to an insult, the same for the same words."""
    return KIND[crc32(text.encode()) % len(KIND)]


@dataclass(frozen=True, slots=True)
class Dropped:
    sentence: str
    reason: Reason
    what: str = ""
    """The name, the number, the kind of leak."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a model's text."""

    text: str
    """Empty where nothing may be shown."""
    cited: tuple[int, ...] = ()
    """Numbers of passages, from 1, in rising order."""
    dropped: tuple[Dropped, ...] = ()

    @property
    def turned(self) -> bool:
        """The model did what somebody's words told it, not what it is for."""
        return any(one.reason is Reason.LEAK and leaks.obeys(one.what) for one in self.dropped)


@dataclass(frozen=True, slots=True)
class _Judged:
    sentence: Sentence
    """Mended."""
    cited: tuple[int, ...] = ()
    reason: Reason | None = None
    what: str = ""
    subject: tuple[str, ...] = ()
    """Products that it is about, squeezed titles."""
    told: bool = False
    """It states something that a passage supports."""
    honest: bool = False
    """It says that the data do not tell."""


class Guard:
    """Judges a model's sentences one by one. Safe in several threads; blocks for milliseconds."""

    def __init__(self, known: Known | None = None, embeddings: Embedder | None = None) -> None:
        """`known`: the catalogue's names, else those of the passages alone exist."""
        self._known = known or Known()
        self._prose = Prose(embeddings)
        self._weights = Weights.shipped(embedded=embeddings is not None)

    def checked(self, text: str, passages: Sequence[Passage], question: str = "") -> Checked:
        """What of a model's whole text a person may see."""
        sheet = _Sheet.of(passages, question)
        found = sentences(text[:LONGEST])
        judged = self._judged(found, sheet)
        hidden = next((one.what for one in judged if one.reason is Reason.LEAK), "")
        if leaks.grave(hidden) or leaks.repeats_system(text):
            return Checked("", (), (Dropped(text, Reason.LEAK, hidden or "system"),))
        return _kept(judged, finished=True)

    def gate(self, passages: Sequence[Passage], question: str = "") -> "Gate":
        """The same while the text is being written."""
        return Gate(self, passages, question)

    def judge(
        self, sentence: str, passages: Sequence[Passage], question: str = ""
    ) -> tuple[bool, Reason | None]:
        """Whether one sentence may be shown, and why not."""
        (judged,) = self._judged([split(sentence)], _Sheet.of(passages, question))
        return judged.reason is None, judged.reason

    def features(
        self, sentence: str, passages: Sequence[Passage], question: str = ""
    ) -> dict[str, float] | None:
        """What its support is weighed by; None where that is decided without weighing."""
        sheet = _Sheet.of(passages, question)
        case = self._case(split(sentence), sheet, ())
        if isinstance(case, _Judged):
            return None
        (vector,) = self._vectors([case])
        return self._weighed(case, sheet, vector)

    def _judged(
        self, found: Sequence[Sentence], sheet: "_Sheet", subject: tuple[str, ...] = ()
    ) -> list[_Judged]:
        cases: list[_Judged | _Case] = []
        for one in found:
            case = self._case(one, sheet, subject)
            cases.append(case)
            subject = case.subject or subject
        open_cases = [one for one in cases if isinstance(one, _Case)]
        vectors = iter(self._vectors(open_cases))
        return [
            one if isinstance(one, _Judged) else self._weigh(one, sheet, next(vectors))
            for one in cases
        ]

    def _case(self, one: Sentence, sheet: "_Sheet", subject: tuple[str, ...]) -> "_Judged | _Case":
        """Judged by rules, or open: then its support is weighed."""
        if hidden := leaks.leak(one.text, sheet.text):
            return _Judged(one, reason=Reason.LEAK, what=hidden)
        names = naming(one.text, sheet.names, self._known, sheet.text, sheet.question)
        if names.invented is not None:
            return _Judged(one, reason=Reason.NAME, what=names.invented)
        mended = Sentence(names.text, one.cited)
        unseen = sheet.unseen(names.products, self._known)
        if unseen and not _absent(mended.text):
            return _Judged(mended, reason=Reason.NAME, what=unseen)
        about = names.products or (() if _OF_ALL.search(mended.text) else subject)
        if is_cure(mended.text):
            return _Judged(mended, reason=Reason.MEDICAL, subject=names.products)
        compares = _COMPARES.search(mended.text) is not None
        scope = sheet.scope(one.cited, about, names.ingredients, compares=compares)
        bad = numbers.wrong(
            names.bare, [sheet.texts[at] for at in scope], sheet.question, sheet.texts
        )
        if bad is not None and not names.products and not sheet.about(names.ingredients):
            wider = [at for at in range(len(sheet.texts)) if at in sheet.about(about) or not about]
            scope = wider or scope
            bad = numbers.wrong(
                names.bare, [sheet.texts[at] for at in scope], sheet.question, sheet.texts
            )
        if bad is not None:
            return _Judged(mended, reason=Reason.NUMBER, what=bad, subject=names.products)
        if _absent(mended.text):
            lie = sheet.tells(mended.text, scope)
            return _Judged(mended, reason=Reason.SUPPORT if lie else None, honest=not lie)
        return self._stated(mended, names, sheet, scope)

    def _stated(
        self, one: Sentence, names: Naming, sheet: "_Sheet", scope: Sequence[int]
    ) -> "_Judged | _Case":
        passages = [sheet.passages[at] for at in scope]
        evidence = claims.Evidence.of(sheet.related(scope))
        verdicts = claims.verdicts(names.bare, evidence, names.products)
        verdicts += claims.holding(names.bare, names.ingredients, passages, names.products)
        if particulars.lacking(one.text, evidence.text):
            verdicts.append(claims.Verdict.CONTRADICTED)
        verdicts += claims.forms(one.text, passages)
        verdicts += claims.drawn(one.text, sheet.question)
        verdicts += _of_owners(one.text, sheet)
        if claims.repeats(one.text, evidence):
            verdicts = [claims.Verdict.CONFIRMED]
        figures = numbers.figures(names.bare)
        if claims.contradicted(verdicts):
            return _Judged(one, reason=Reason.SUPPORT, what="contradicted", subject=names.products)
        if not figures and _HARMLESS.search(one.text) and not _FACT.search(names.bare):
            return _Judged(one, subject=names.products)
        return _Case(one, names, tuple(scope), tuple(verdicts), len(figures))

    def _vectors(self, cases: Sequence["_Case"]) -> Sequence[Vectors | None]:
        vectors = self._prose.vectors([one.names.bare for one in cases])
        return [None] * len(cases) if vectors is None else list(vectors)

    def _weighed(self, case: "_Case", sheet: "_Sheet", vector: Vectors | None) -> dict[str, float]:
        passages = [sheet.passages[at] for at in case.scope]
        named = (*case.names.products, *case.names.ingredients)
        prose = self._prose.of(passages)
        return features(
            case.names.bare,
            passages,
            prose=prose,
            vector=vector,
            verdicts=case.verdicts,
            numbers=case.figures,
            named=named,
        )

    def _weigh(self, case: "_Case", sheet: "_Sheet", vector: Vectors | None) -> _Judged:
        probability = self._weights.probability(self._weighed(case, sheet, vector))
        if probability < self._weights.threshold:
            what = f"{probability:.2f}"
            return _Judged(case.sentence, reason=Reason.SUPPORT, what=what, subject=case.subject)
        cited = sheet.cited(case.sentence, case.scope, case.names.bare)
        return _Judged(case.sentence, cited, subject=case.subject, told=True)


class Gate:
    """Lets whole sentences through while a model writes; what it held back never shows."""

    def __init__(self, guard: Guard, passages: Sequence[Passage], question: str) -> None:
        self._guard = guard
        self._sheet = _Sheet.of(passages, question)
        self._waiting = ""
        self._judged: list[_Judged] = []
        self._text = ""
        self._shut = False
        self._begun = False

    def hears(self, piece: str) -> bool:
        """Whether a sentence is whole now, so that `passes` has something to judge. Quick."""
        self._text += piece
        self._waiting += piece
        return not self._shut and len(self._text) <= LONGEST and whole(self._waiting) > 0

    def passes(self) -> str:
        """Of the whole sentences what may be shown; often nothing."""
        end = whole(self._waiting)
        ready, self._waiting = self._waiting[:end], self._waiting[end:]
        return self._passed(sentences(ready, finished=True))

    def done(self) -> Checked:
        """All that may stand, the last sentence with it."""
        over = max(0, len(self._text) - LONGEST)
        if not self._shut:
            self._passed(sentences(self._waiting[: max(0, len(self._waiting) - over)]))
        if self._shut:
            last = self._judged[-1]
            return Checked("", (), (Dropped(self._text, Reason.LEAK, last.what),))
        return _kept(self._judged, finished=True)

    def _passed(self, found: Sequence[Sentence]) -> str:
        subject = next((one.subject for one in reversed(self._judged) if one.subject), ())
        new = self._guard._judged(found, self._sheet, subject)
        self._judged += new
        graves = [one.what for one in new if one.reason is Reason.LEAK and leaks.grave(one.what)]
        if graves or leaks.repeats_system(self._text):
            self._shut = True
            what = graves[0] if graves else "system"
            self._judged.append(_Judged(split(self._text), reason=Reason.LEAK, what=what))
            return ""
        kept = _kept(new, finished=False).text
        begun, self._begun = self._begun, self._begun or bool(kept)
        return f" {kept}" if kept and begun else kept


@dataclass(frozen=True, slots=True)
class _Case:
    sentence: Sentence
    names: Naming
    scope: tuple[int, ...]
    """Places of the passages that it leans on."""
    verdicts: tuple[claims.Verdict, ...]
    figures: int

    @property
    def subject(self) -> tuple[str, ...]:
        return self.names.products


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One prompt's passages, read once."""

    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    text: str
    names: Known
    question: str

    @classmethod
    def of(cls, passages: Sequence[Passage], question: str) -> "_Sheet":
        """What somebody wrote into them to command a model supports nothing."""
        texts = tuple(disarmed(one.text) for one in passages)
        safe = [replace(one, text=text) for one, text in zip(passages, texts, strict=True)]
        return cls(tuple(safe), texts, "\n".join(texts), of_passages(safe), question)

    def unseen(self, products: Sequence[str], known: Known) -> str:
        """The first of them that was not shown and that nobody asked about."""
        if not products:
            return ""
        shown = {squeeze(one) for one in self.names.products.values()}
        asked = {*found_in(self.question, known)[0], *found_in(self.text, known)[0]}
        return next((one for one in products if one not in shown and one not in asked), "")

    def about(self, products: Sequence[str]) -> list[int]:
        titles = [squeeze(one.title) for one in self.passages]
        return [at for at, title in enumerate(titles) if title in products]

    def scope(
        self,
        cited: Sequence[int],
        products: Sequence[str],
        ingredients: Sequence[str],
        *,
        compares: bool = False,
    ) -> list[int]:
        """Places to look at: what is cited and what the sentence is about; all where neither."""
        given = [one - 1 for one in cited if 1 <= one <= len(self.passages)]
        own = self.about([*products, *ingredients])
        if own and compares:
            return sorted({*own, *given})
        if own:
            return sorted({*own, *(at for at in given if self._may_speak(at, products))})
        return sorted({*given}) or list(range(len(self.passages)))

    def related(self, scope: Sequence[int]) -> list[Passage]:
        """The passages there and all others of the same products: what one of them counts, a
        sentence that cites the other must not deny."""
        titles = {self.passages[at].title for at in scope}
        own = [self.passages[at] for at in scope]
        return own + [one for one in self.passages if one.title in titles and one not in own]

    def _may_speak(self, at: int, products: Sequence[str]) -> bool:
        """A cited passage of another product says nothing of the one that is named."""
        one = self.passages[at]
        is_product = one.kind in (DocumentKind.PRODUCT, DocumentKind.REVIEWS)
        return not (is_product and products and squeeze(one.title) not in products)

    def cited(self, one: Sentence, scope: Sequence[int], bare: str) -> tuple[int, ...]:
        """Its own numbers where they lie in the scope and hold what it says, else mended ones."""
        given = [number for number in one.cited if number - 1 in scope]
        holding = [scope[at] + 1 for at in numbers.holders(bare, [self.texts[at] for at in scope])]
        if given and (not holding or set(given) & set(holding)):
            return tuple(sorted({*given}))
        return tuple(holding[:2]) or tuple(given) or (scope[0] + 1,)

    def tells(self, sentence: str, scope: Sequence[int]) -> bool:
        """Whether what is said to be missing is there."""
        texts = "\n".join(self.texts[at] for at in scope)
        reviewed = any(self.passages[at].kind is DocumentKind.REVIEWS for at in scope)
        if reviewed and re.search(r"(?:후기|리뷰)\S{0,2}\s*(?:자료|정보)", sentence):
            return True
        topic = _TOPIC.search(sentence)
        if topic is not None and topic["what"] in texts:
            return True
        asked = [label for word, label in _LABELS.items() if word in sentence]
        asked += ["가격"] if re.search(r"얼마(?!나)", sentence) else []
        return any(f"{label}: " in texts for label in asked)


def _kept(judged: Sequence[_Judged], *, finished: bool) -> Checked:
    kept = [one for one in judged if one.reason is None]
    dropped = tuple(
        Dropped(one.sentence.text, one.reason, one.what) for one in judged if one.reason is not None
    )
    if finished and not any(one.told or one.honest for one in kept):
        return Checked("", (), dropped)
    cited = sorted({number for one in kept for number in one.cited})
    return Checked(" ".join(one.sentence.shown(one.cited) for one in kept), tuple(cited), dropped)


def _of_owners(text: str, sheet: _Sheet) -> list[claims.Verdict]:
    """Of every product shown, for what is another's lies outside a sentence's own passages."""
    signed = owners.signed(text, sheet.passages)
    if owners.misplaced(signed, sheet.passages, sheet.question):
        return [claims.Verdict.CONTRADICTED]
    every = claims.Evidence.of(sheet.passages)
    told = owners.compared(signed, every.products, every.reviews)
    return [claims.Verdict.CONFIRMED if one else claims.Verdict.CONTRADICTED for one in told]


def is_cure(text: str) -> bool:
    """Whether a sentence promises or decides what is a doctor's."""
    promised = _SOON.search(text) is not None and re.search(r"후기|리뷰", text) is None
    return (promised or _CURE.search(text) is not None) and _REFERS.search(text) is None


def _absent(text: str) -> bool:
    return _ABSENT.search(text) is not None
