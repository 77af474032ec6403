"""What reviews are said to praise and blame: for and against, thing by thing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.domain import Irritation
from engine.generation.facts import ReviewFacts
from engine.parsing.korean import squeeze

_REPORTED: Final = re.compile(
    r"다는|라는|칭찬|아쉬움|아쉬운|평[이가도은]|후기|의견|리뷰[가도에]|다고\s*(?:해|했|하|말|적)"
)


@dataclass(frozen=True, slots=True)
class _Thing:
    liked: re.Pattern[str]
    disliked: re.Pattern[str]


_THINGS: Final = tuple(
    _Thing(re.compile(liked), re.compile(disliked))
    for liked, disliked in (
        (
            r"(?:값|가격)\S{0,2}\s*(?:\S+\s)?(?:좋|착|싸|저렴|괜찮|합리)|가성비|(?<!비)싸서",
            r"비싸|비싼|(?:값|가격)\S{0,2}\s*(?:\S+\s)?(?:부담|높|아쉬)",
        ),
        (
            r"양[이은도]?\s*(?:\S+\s)?(?:많|넉넉)|넉넉|충분|대용량",
            r"양[이은도]?\s*(?:\S+\s)?(?:적|모자|작|부족)|헤프|금방\s*(?:써|떨어|없|동)",
        ),
        (
            r"(?:잘|부드럽게|수월하게)\s*발[라리려린]|발림\S{0,2}\s*(?:좋|부드)|뻑뻑하지",
            r"뻑뻑(?!하지)|안\s*발[라리려린]|발림\S{0,2}\s*(?:나쁘|별로|아쉬)",
        ),
        (
            r"밀리지|밀림\S{0,2}\s*없",
            r"밀[려린리](?!지)|때처럼",
        ),
        (
            r"용기\S{0,2}\s*(?:\S+\s)?(?:편|예쁘|예뻐|좋|고급)|펌프\S*\s*편",
            r"용기\S{0,2}\s*(?:\S+\s)?(?:불편|아쉬|별로)|쓰기\s*불편",
        ),
        (
            r"촉촉(?!하지\S*\s*(?:않|못))|보습(?:이|력이)?\s*(?:\S+\s)?(?:좋|뛰|충분|오래)",
            r"촉촉하지\S*\s*(?:않|못)|보습\S*\s*(?:\S+\s)?(?:모자|부족|약|아쉬)|건조|당[기긴겨]",
        ),
        (
            r"흡수\S{0,2}\s*(?:\S+\s)?(?:빠르|빨|잘|좋)|스며",
            r"흡수\S{0,2}\s*(?:\S+\s)?(?:느리|늦|안|더디)|겉돌",
        ),
        (
            r"끈적(?:이지|임\S*\s*(?:하나도\s*|전혀\s*|거의\s*)?(?:없|적)|거리지|하지\s*않)|산뜻",
            r"끈적(?!이지|임\S*\s*(?:하나도\s*|전혀\s*|거의\s*)?(?:없|적)|거리지|하지\s*않)|번들",
        ),
        (
            r"향[이은도]?\s*(?!없)(?:\S+\s)?(?:좋|은은|마음에|과하지|상쾌)",
            r"향[이은도]?\s*(?:\S+\s)?(?:거슬|강[해하한]|독|싫|진[해하])",
        ),
        (
            r"(?:탄력|주름|톤|결|안색)\S*\s*(?:\S+\s){0,3}?(?:좋아[졌지]|생[겼기]|올라|개선|덜|옅|고와|맑아)",
            r"(?:탄력|주름|톤|결|안색)\S*\s*(?:\S+\s){0,2}?(?:변화\S{0,2}\s*(?:없|모르)|그대로|모르겠)",
        ),
        (
            r"향[이은도]?\s*(?:\S+\s)?(?:약[하해한]|옅|연[하해한])",
            r"향[이은도]?\s*(?:\S+\s)?(?:강[하해한]|진[하해한]|독)",
        ),
        (
            r"향[이은도]?\s*(?:없|안\s*나|나지\s*않)|무향|무취",
            r"향[이은도]?\s*(?:좋|은은|거슬|강|과하지)",
        ),
        (
            r"(?:주름|톤|결|안색|잡티)\S*\s*(?:\S+\s){0,2}?(?:옅|덜\s|흐려|고와|맑아)",
            r"(?:주름|톤|결|안색|잡티)\S*\s*(?:\S+\s){0,2}?(?:깊어|심해|진해|짙어|칙칙|늘[었어])",
        ),
    )
)  # fmt: skip
_SPEAKER: Final = r"(?:말|리뷰|후기|의견|평|분|사람|불만|얘기|이야기|아쉬움|칭찬|경우)"
_NONE: Final = re.compile(
    rf"{_SPEAKER}\S{{0,2}}\s*(?:아무도|하나도|한\s*(?:건|개|명|분)도|전혀|아예)?\s*"
    r"(?:없|안\s*보|보이지\s*않|찾을\s*수\s*없)"
)
_ALONE: Final = re.compile(rf"{_SPEAKER}만\s*있|{_SPEAKER}뿐")
_MORE_THAN: Final = re.compile(
    rf"(?P<one>\S.*?다[는고]\s*{_SPEAKER})(?:가|이|은|는|도)?\s+(?P<other>.*?)\S*보다\s+"
    r"(?:\S+\s)?(?P<more>많|적)"
    rf"|(?P<than>\S.*?)보다\s+(?P<of>.*?다[는고]\s*{_SPEAKER})\S{{0,2}}\s*(?:\S+\s)?"
    r"(?P<most>많|적)"
)
_IRRITATION: Final = {
    Irritation.GENTLE: re.compile(r"순하|순해|순한"),
    Irritation.IRRITATING: re.compile(r"자극|따갑|따가"),
    Irritation.NORMAL: re.compile(r"보통"),
}
_GRUDGE: Final = re.compile(r"다는\s*(?:점이\s*)?(?:아쉬|불만|불평|지적|단점)")
_COMPLIMENT: Final = re.compile(r"다는\s*(?:점이\s*)?(?:칭찬|장점|호평)")
_DENIED: Final = re.compile(r"않|못|없|덜\s|안\s|지만|모자|부족")
_HANDFUL: Final = re.compile(
    r"(?:한두|두세|서너|몇)\s*(?:명|개|건|분)\S{0,2}(?:뿐|\s*밖에|에\s*그)"
)
_FEW: Final = 4
_QUOTE: Final = re.compile(
    r"(?:(?:반대로|다만|하지만|그래도|그런데|한편|또|물론)\s)?(?P<said>\S.*?)[다라]는\s*"
    r"(?:\S+\s)?(?:후기|리뷰|의견|평|말|칭찬|아쉬움)\S{0,2}\s*(?:있|보이|눈에|남)\S*"
    r"(?:\s(?:참고|알아|염두)\S*(?:\s\S+){0,2}|\s\S{1,3})?"
)
"""A report and no more than that."""
_LISTED: Final = re.compile(r"칭찬|아쉬움|아쉬운\s*점")
"""What passages list with counts: what is not there is not said."""


def quoted(sentence: str, reviews: Sequence[ReviewFacts]) -> bool:
    """«탄력에 변화가 없다는 후기도 있고요»: one line of the reviews, handed on as it stands."""
    found = _QUOTE.fullmatch(sentence.strip(" .!~"))
    if found is None:
        return False
    said = squeeze(found["said"])
    pairs = {said[at : at + 2] for at in range(len(said) - 1)}
    lines = [line for one in reviews for line in (*one.quotes, *one.praise, *one.blame)]
    return len(said) > 3 and any(
        sum(pair in squeeze(line) for pair in pairs) >= 0.8 * len(pairs)
        and (_DENIED.search(found["said"]) is None) == (_DENIED.search(line) is None)
        for line in lines
    )


def misreported(sentence: str, reviews: Sequence[ReviewFacts]) -> bool:
    """Whether reviews are said to like or dislike what they say the opposite of alone, or to
    praise or blame by the list what that does not have."""
    if len(reviews) == 1:
        one = reviews[0]
        if _denies(sentence, one) or _upside(sentence, one) or _few(sentence, one):
            return True
    if not reviews or not _REPORTED.search(sentence):
        return False
    if _other_way(sentence):
        return True
    said = "\n".join(line for one in reviews for line in (*one.praise, *one.blame, *one.quotes))
    effects = " ".join(name for one in reviews for name in one.effects)
    listed = _LISTED.search(sentence) is not None
    for thing in _THINGS:
        for side, other in ((thing.liked, thing.disliked), (thing.disliked, thing.liked)):
            if not side.search(sentence) or side.search(said):
                continue
            counted = side is thing.liked and side.search(effects) is not None
            if listed or (other.search(said) and not counted):
                return True
    return False


def _other_way(sentence: str) -> bool:
    """«보습이 오래간다는 아쉬움», «따갑다는 칭찬»: praise told as blame and the other way round."""
    for pattern, good in ((_GRUDGE, False), (_COMPLIMENT, True)):
        for found in pattern.finditer(sentence):
            said = re.split(r"[,.]|고\s|며\s|은\s|는\s", sentence[: found.start() + 1])[-1]
            if not _DENIED.search(said) and _is_said(said, liked=not good):
                return True
    return False


def _is_said(said: str, *, liked: bool) -> bool:
    """That side alone: «향이 좋다» is for scent and against having none."""
    sides = [(thing.liked, thing.disliked) for thing in _THINGS]
    pairs = sides if liked else [side[::-1] for side in sides]
    meant = any(side.search(said) for side, _ in pairs)
    return meant and not any(other.search(said) for _, other in pairs)


def _denies(sentence: str, one: ReviewFacts) -> bool:
    """«향이 거슬린다는 말은 없어요», «향이 좋다는 후기만 있고», and some say otherwise."""
    said = "\n".join((*one.praise, *one.blame, *one.quotes))
    for clause in re.split(r"(?<=[가-힣](?:고|며))\s|지만\s", sentence):
        topic = _topic(sentence)
        told = clause if topic in clause else f"{topic} {clause}"
        for thing in _THINGS:
            sides = (thing.liked, thing.disliked)
            for side, other in (sides, sides[::-1]):
                if side.search(told) and _NONE.search(clause) and side.search(said):
                    return True
                if side.search(told) and _ALONE.search(clause) and other.search(said):
                    return True
    return False


def _few(sentence: str, one: ReviewFacts) -> bool:
    """«촉촉하다는 칭찬은 두세 명뿐» of many."""
    found = _HANDFUL.search(sentence)
    count = _count(sentence[: found.start()], _topic(sentence), one) if found else None
    return count is not None and count > _FEW


def _topic(sentence: str) -> str:
    """«향이» of «향이 좋다는 후기만 있고 거슬린다는 말은 없어요»."""
    found = re.search(r"(?:향|양|값|가격|보습|흡수|용기)[이가은는도]?(?=\s)", sentence)
    return found[0] if found else ""


def _upside(sentence: str, one: ReviewFacts) -> bool:
    """«A라는 리뷰가 B라는 리뷰보다 많아요» the other way round."""
    found = _MORE_THAN.search(sentence)
    if found is None:
        return False
    above, below = (found["one"], found["other"]) if found["one"] else (found["of"], found["than"])
    counts = [_count(part, _topic(sentence), one) for part in (above, below)]
    if None in counts or not above:
        return False
    first, second = (count or 0 for count in counts)
    return first <= second if (found["more"] or found["most"]) == "많" else first >= second


def counted(part: str, one: ReviewFacts) -> int | None:
    """How many reviews say it, where they are counted by that."""
    return _count(part, _topic(part), one)


def _count(part: str, topic: str, one: ReviewFacts) -> int | None:
    for name, said in _IRRITATION.items():
        if said.search(part):
            return one.irritation.get(name, 0)
    told = part if topic in part else f"{topic} {part}"
    lines = {**one.praise, **one.blame}
    for thing in _THINGS:
        for side in (thing.liked, thing.disliked):
            if side.search(told):
                return sum(count for line, count in lines.items() if side.search(line))
    return None
