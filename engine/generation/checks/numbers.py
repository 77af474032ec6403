"""Numbers of a sentence against those of the passages it leans on."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final

from engine.domain import Effect, Irritation, SkinType

_DIGITS: Final = dict(zip("일이삼사오육칠팔구", range(1, 10), strict=True))
_NUMBER: Final = r"\d[\d,]*(?:\.\d+)?"
_FIGURE: Final = re.compile(
    rf"(?P<won>(?:{_NUMBER}\s*만)(?:\s*{_NUMBER}\s*천)?(?:\s*{_NUMBER}\s*백)?(?:\s*\d{{1,4}})?(?=\s*원"
    rf"|\s*대|\s|$)"
    rf"|{_NUMBER}\s*천(?:\s*{_NUMBER}\s*백)?(?=\s*원)"
    r"|[일이삼사오육칠팔구]?\s?만(?:\s?[일이삼사오육칠팔구]?천)?(?:\s?[일이삼사오육칠팔구]?백)?(?=\s?원)"
    r"|[일이삼사오육칠팔구]?천(?:\s?[일이삼사오육칠팔구]?백)?(?=\s?원))(?P<wonunit>\s*원)?"
    rf"|(?P<plain>{_NUMBER})\s*(?P<unit>원|₩|%p?|퍼센트|프로|점|개월|개|명|건|분(?!류)|사람|ml|mL"
    rf"|㎖|밀리|미리|g\b|그램"
    r"|위|배|가지|종|번|회|주|일|년|시간|세|살|대|등|/)?"
)
_UNITS: Final = {
    "원": "won", "₩": "won", "%": "percent", "%p": "percent", "퍼센트": "percent",
    "프로": "percent", "점": "points", "개": "count", "명": "count", "건": "count",
    "분": "count", "사람": "count", "ml": "volume", "mL": "volume", "㎖": "volume",
    "밀리": "volume", "미리": "volume", "g": "volume", "그램": "volume", "위": "rank",
    "등": "rank", "배": "times", "가지": "count", "종": "count", "/": "count",
}  # fmt: skip
_FOLD: Final = {"두": 2, "세": 3, "네": 4, "다섯": 5}
_TIMES: Final = re.compile(r"(?<![가-힣])(두|세|네|다섯)\s?배")
_NAME_ENDS: Final = re.compile(r"[가-힣A-Za-z]-$")
"""What a number after it counts nothing: «펜타펩타이드-4»."""
_NATIVE: Final = {
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
    "열": 10, "열한": 11, "열두": 12, "열세": 13, "열네": 14, "열다섯": 15,
}  # fmt: skip
_SPOKEN: Final = re.compile(
    r"(?P<ratio>열\s?(?:명|분|사람)\s*(?:중|가운데)\S?\s*\S+\s?(?:명|분|사람))"
    r"|(?<![가-힣])(?<!고 )(?<!신 )(?:(?P<one>한)\s?(?P<whom>명|건)(?!도)"
    r"|(?P<many>열(?:한|두|세|네|다섯)?|두|세|네|다섯|여섯|일곱|여덟|아홉)\s?"
    r"(?P<what>명|분|사람|건|개(?!\s?(?:째|월|모두|다\s|전부|를|중|제품))))(?!\s?(?:씩\s*)?사시)"
)
"""Counts in words: «여덟 분», «다섯 개»."""
_ABOUT: Final = re.compile(r"(?:약|대략|거의)\s*$")
_ROUGHLY: Final = re.compile(
    r"^\s*(?:원|점|개|명|%)?\s*(?:정도|쯤|가량|남짓|여\s|안팎|내외|가까|넘)"
)
_GRADE: Final = re.compile(
    r"^\s*(?:원|점|%)?\s*대(?!\s*비|[가-힣])|^\s*(?:원|점|%)?\s*대(?=[의로에예인이는은가를라\s])"
)
_LIMIT: Final = re.compile(
    r"^\s*(?:원)?\s*(?:이하|미만|안쪽|이내|아래|밑|대|정도|예산|안에서|안으로)"
)
_OF_WHAT: Final = re.compile(r"보다|비해|리뷰|후기|가격|값|용량|평점|더\s")
"""Without one of these, «두 배» is of nothing that is counted."""
_MORE: Final = re.compile(r"차이|더\s|보다|훨씬")
_CONTENT: Final = re.compile(r"들어\s?(?:있|가|간)|함유|배합|담[겨은]|고함량")
"""A percentage of what a product holds is written or is made up."""
_SCALE: Final = re.compile(
    r"5\s*점\s*(?:만점|중|기준)|만점|10\s*(?:ml|g)\s*(?:당|에|로\s*(?:따|치|나|계|환))"
    r"|100\s*(?:ml|g)\s*당"
)
_APART: Final = re.compile(r"차이|더|저렴|비싸|비싼|싸|높|낮|많|(?<!끈)적|덜|절약|아끼")
_BOTH: Final = re.compile(r"(?:두|세|네)\s*\S{0,4}\s*(?:모두|다\s|전부)|둘\s*다\s|셋\s*다\s")
"""What is said holds of every product shown."""
_OF_SOME: Final = re.compile(r"(?:그|이)\s?(?:중|가운데)|그분|\d\s*(?:명|개|분)\s*(?:중|가운데)")
"""Without it and without a skin type, a count is none of one skin type."""
_OVERALL: Final = re.compile(r"전체|평균|총평|모든|리뷰\s*\d+개의?\s*평점|용\s|인데|이시?라면")
_OF_PRODUCT: Final = re.compile(r"^가격: ", re.MULTILINE)
_SKINS: Final = re.compile("|".join(sorted((one.value for one in SkinType), key=len, reverse=True)))
_EFFECTS: Final[dict[str, re.Pattern[str]]] = {
    Effect.MOISTURE: re.compile(r"보습|촉촉|수분"),
    Effect.SOOTHING: re.compile(r"진정|가라앉"),
    Effect.AGEING: re.compile(r"주름|미백|탄력|톤"),
    Irritation.GENTLE: re.compile(
        r"순하|순한(?!\s*정도)|순해|순함|자극\s*(?:이|은)?\s*(?:없|적(?![이인]))"
    ),
    Irritation.IRRITATING: re.compile(
        r"자극적[이인]|자극(?!\s*(?:이|은|을|도)?\s*(?:없|적|덜|\S*\s*(?:적어|말한|남긴)))|따가|따갑"
    ),
    Irritation.NORMAL: re.compile(r"보통"),
    "scent": re.compile(r"(?<![가-힣])(?:향|냄새)[이은도가을]"),
    "sticky": re.compile(r"끈적"),
    "absorbed": re.compile(r"흡수"),
    "spread": re.compile(r"발려|발리|발림"),
    "price": re.compile(r"비싸|비싼|저렴|(?<![가-힣])싸|가성비"),
    "amount": re.compile(r"양[이은]\s"),
    "holder": re.compile(r"용기"),
}
"""What reviews are counted by."""


@dataclass(frozen=True, slots=True)
class Figure:
    value: float
    unit: str
    """won, percent, points, count, volume, rank, times; empty where it has none of these."""
    written: str
    roughly: float = 0.0
    """How far a true value may lie away, as a share."""
    grade: float = 0.0
    """«4점대»: the true value lies in [value, value + grade)."""
    bound: str = ""
    """under: the true value is a little less; over: it is more."""
    skins: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    """Effects and degrees of irritation that it counts."""
    whole: bool = False
    """«18명 중»: others are counted among them."""
    line: int = 0

    def is_told_by(self, known: "Figure") -> bool:
        if self.unit and known.unit and self.unit != known.unit:
            return False
        if self.unit == "percent" and known.unit != "percent":
            return False
        if self.grade:
            return self.value <= known.value < self.value + self.grade
        if self.bound == "under":
            return 0.65 * self.value <= known.value < self.value
        if self.bound == "over":
            return self.value <= known.value <= 1.5 * self.value
        return abs(self.value - known.value) <= max(1e-9, self.roughly * known.value)

    def holds_for(self, known: "Figure") -> bool:
        """As `is_told_by`, but «1만 원이 넘는» may be far from it."""
        if self.bound and self.unit == known.unit:
            over = known.value >= self.value
            return over if self.bound == "over" else not over
        return self.is_told_by(known)

    def agrees(self, known: "Figure") -> bool:
        """Nothing else is counted there than what the sentence says."""
        if known.skins and self.skins and not (known.skins & self.skins):
            return False
        if self.skins and not known.skins and known.labels:
            return False
        if self.labels and self.unit == "count" and not self.whole and not known.labels:
            return False
        return not (known.labels and self.labels) or bool(known.labels & self.labels)


def figures(text: str) -> list[Figure]:
    """Of a sentence, with what stands around each; «5점 만점» is none."""
    text = _TIMES.sub(lambda found: f"{_FOLD[found[1]]}배", _in_digits(text))
    scales = [found.span() for found in _SCALE.finditer(text)]
    found = []
    for match in _FIGURE.finditer(text):
        if not any(start <= match.start() < end for start, end in scales):
            found += [one for one in (_figure(text, match),) if one is not None]
    return found


def _in_digits(text: str) -> str:
    """«민감성 여덟 분» → «민감성 8분»."""
    return _SPOKEN.sub(_digit, text)


def _digit(found: re.Match[str]) -> str:
    if found["ratio"]:
        return found[0]
    number = _NATIVE[found["one"] or found["many"]]
    return f"{number}{found['whom'] or found['what']}"


@lru_cache(4096)
def told(text: str) -> tuple[Figure, ...]:
    """Every number of a passage with what it counts, and what follows from those by adding up."""
    return tuple(_told(text))


def wrong(
    sentence: str, scope: Sequence[str], question: str = "", others: Sequence[str] = ()
) -> str | None:
    """The first number that neither the passages `scope` nor plain sums over them and the
    `others` tell; None where all are right."""
    of_some = _SKINS.search(sentence) is not None or _OF_SOME.search(sentence) is not None
    known = [
        one for text in scope for one in told(text) if of_some or not (one.skins and one.labels)
    ]
    overall = [one for one in known if one.unit == "points" and not one.skins]
    of_all = overall and not of_some and not _SKINS.search(question)
    every = [one for one in scope if _OF_PRODUCT.search(one)] if _BOTH.search(sentence) else []
    for figure in figures(sentence):
        if figure.unit in ("won", "points") and any(
            not any(figure.holds_for(one) for one in told(text)) for text in every
        ):
            return figure.written
        rated: Sequence[Figure] = overall if of_all and figure.unit == "points" else known
        rated = _of_skin(figure, sentence, rated)
        if any(figure.is_told_by(one) and figure.agrees(one) for one in _counting(figure, rated)):
            continue
        if _is_wish(figure, question) or _follows(figure, sentence, [*scope, *others]):
            continue
        return figure.written
    return None


def _of_skin(figure: Figure, sentence: str, known: Sequence[Figure]) -> Sequence[Figure]:
    """«복합성은 … 똑같이 4.8점»: the one rating of a sentence on one skin type is that type's."""
    skins = frozenset(_SKINS.findall(sentence))
    points = [one for one in figures(sentence) if one.unit == "points"]
    if figure.unit != "points" or len(skins) != 1 or len(points) != 1 or _OVERALL.search(sentence):
        return known
    return [one for one in known if one.unit != "points" or one.skins & skins] or known


def _counting(figure: Figure, known: Sequence[Figure]) -> Sequence[Figure]:
    """Where it is known what of a skin type a number counts, only what counts just that."""
    if figure.whole or not (figure.skins and figure.labels):
        return known
    return [
        one for one in known if one.skins & figure.skins and one.labels & figure.labels
    ] or known


def holders(sentence: str, passages: Sequence[str]) -> list[int]:
    """Places of the passages that tell a number of the sentence."""
    asked = figures(sentence)
    return [
        place
        for place, text in enumerate(passages)
        if any(one.is_told_by(known) and one.agrees(known) for one in asked for known in told(text))
    ]


def _figure(text: str, match: re.Match[str]) -> Figure | None:
    unit = "won" if match["won"] else _UNITS.get(match["unit"] or "", "")
    value = _won(match["won"]) if match["won"] else float(match["plain"].replace(",", ""))
    after, before = (
        text[match.end("won") if match["won"] else match.end("plain") :],
        text[: match.start()],
    )
    clause = re.split(r",|(?:(?<![다라])고|며|지만|는데)\s", before)[-1]
    skins = [one[0] for one in _SKINS.finditer(before) if one.end() > len(before) - 14]
    skins = skins or _SKINS.findall(after[:10])[:1]
    return Figure(
        value,
        unit,
        match[0].strip(),
        roughly=0.1 if _ABOUT.search(before) or _ROUGHLY.match(after) else 0.0,
        grade=_graded(value, unit) if _GRADE.match(after) else 0.0,
        bound=_bound(after),
        whole=re.match(r"\s*(?:개|명|건|분)?\S{0,2}\s*(?:중|가운데)", after) is not None,
        skins=frozenset(skins[-1:]),
        labels=_counted(clause, after) if unit in ("count", "percent") else frozenset(),
    )


def _bound(after: str) -> str:
    if re.match(
        (
            r"\s*(?:원|점|개|명|%)?(?:이|도)?\s*(?:채\s*)?(?:안\s*(?:되|돼)|못\s*(?:되|미치)"
            r"|넘지\s*않|미만)"
        ),
        after,
    ):
        return "under"
    if re.match(
        r"\s*(?:원|점|개|명|%)?(?:이|을|를)?\s*(?:훌쩍\s*|조금\s*|살짝\s*|약간\s*)?(?:넘[는어었]|이상(?!한|해))",
        after,
    ):
        return "over"
    return ""


def _counted(before: str, after: str) -> frozenset[str]:
    """What a count counts: the words just before it, else just after it."""
    own = re.split(r"[,.]|중|(?:(?<![다라])고|며|지만|는데)\s", after)[0][:16]
    return _nearest(before[-24:]) or frozenset(
        name for name, said in _EFFECTS.items() if said.search(own)
    )


def _nearest(words: str) -> frozenset[str]:
    """What is named last; of one thing called by two words, both."""
    ends = {
        name: max((one.end() for one in said.finditer(words)), default=0)
        for name, said in _EFFECTS.items()
    }
    last = max(ends.values())
    return frozenset(name for name, end in ends.items() if end and end == last)


def _graded(value: float, unit: str) -> float:
    if unit == "won":
        return 10_000.0 if value % 10_000 == 0 else 1_000.0
    return 1.0 if unit == "points" else 10.0


def _won(text: str) -> float:
    """«1만 5천 8백», «만오천», «3천»."""
    total, number = 0.0, 0.0
    for part in re.findall(rf"{_NUMBER}|[만천백일이삼사오육칠팔구]", text):
        match part:
            case "만":
                total, number = (total + (number or (0 if total else 1))) * 10_000, 0.0
            case "천" | "백":
                total, number = total + (number or 1) * (1_000 if part == "천" else 100), 0.0
            case _ if part in _DIGITS:
                number = _DIGITS[part]
            case _:
                number = float(part.replace(",", ""))
    return total + number


def _told(text: str) -> Iterator[Figure]:
    for line, written in enumerate(_in_digits(text).split("\n")):
        label, _, body = written.partition(": ")
        if not body:
            body = written
        parts = re.split(r",\s(?!\d{3})|\s/\s", body)
        for part in parts:
            yield from _of_part(part, line)
        if label == "성분":
            more = re.search(r"외 (\d+)가지$", body)
            total = len(body.split(", ")) + int(more[1] if more else 0)
            yield Figure(total, "count", f"{total}가지", line=line)
        if label == "순한 정도":  # a review may name several effects: their sum counts nobody
            counts = [one.value for part in parts for one in _of_part(part, line)]
            yield Figure(sum(counts), "count", "", line=line)


def _of_part(part: str, line: int) -> Iterator[Figure]:
    skins = frozenset(_SKINS.findall(part)[:1])
    labels = frozenset(name for name, said in _EFFECTS.items() if said.search(part))
    for match in _FIGURE.finditer(part):
        one = _figure(part, match)
        if one is not None and (one.unit or not _NAME_ENDS.search(part[: match.start()])):
            counted = labels if one.unit in ("count", "") else frozenset()
            yield Figure(
                one.value,
                one.unit,
                one.written,
                skins=skins,
                labels=_share(part, match, counted),
                line=line,
            )


def _share(part: str, match: re.Match[str], labels: frozenset[str]) -> frozenset[str]:
    """«건성 9개 4.7점 순함 8/9»: 9 people, of whom 9 told and 8 said it was mild."""
    if "/" not in part:
        return labels
    return labels if part[match.end() - 1 : match.end()] == "/" else frozenset()


def _is_wish(figure: Figure, question: str) -> bool:
    """A limit that the person named: «2만 원 이하에서는»."""
    return any(
        figure.unit == one.unit and figure.value == one.value and _LIMIT.match(question[place:])
        for one, place in placed(question)
    )


def placed(text: str) -> Iterator[tuple[Figure, int]]:
    """Each figure and where it ends."""
    for match in _FIGURE.finditer(text):
        one = _figure(text, match)
        if one is not None:
            yield one, match.end("won") if match["won"] else match.end("plain")


def _follows(figure: Figure, sentence: str, texts: Sequence[str]) -> bool:
    """By one plain sum: a difference, a share, how many times, won for 10 ml."""
    known = [[one for one in told(text) if one.written] for text in texts]
    match figure.unit:
        case "percent" if _CONTENT.search(sentence):
            return False
        case "times" if not _OF_WHAT.search(sentence):
            return False
        case "percent" | "times":
            scale = 100 if figure.unit == "percent" else 1
            return any(_is_share(figure, list(told(text)), scale) for text in texts)
        case "count" if not _MORE.search(sentence):
            return False
        case "won" | "points" | "count" | "volume" if _APART.search(sentence):
            values = sorted({one.value for row in known for one in row if one.unit == figure.unit})
            pairs = combinations(values, 2)
            return any(figure.is_told_by(_bare(round(b - a, 2), figure.unit)) for a, b in pairs)
        case "won" if re.search(r"10\s*(?:ml|g)", sentence):
            return any(_is_unit_price(figure, row) for row in known)
        case _:
            return False


def _is_share(figure: Figure, known: Sequence[Figure], scale: int) -> bool:
    """A percentage of nobody knows what is none."""
    if scale == 100 and not figure.labels and not figure.skins:
        return False
    counts = [one for one in known if one.unit == "count" and one.value]
    slack = 0.6 if scale == 100 else 0.06
    return any(
        a.value <= b.value * (1 if scale == 100 else 99)
        and figure.agrees(a)
        and a.skins <= figure.skins
        and (bool(figure.labels) <= bool(a.labels))
        and abs(scale * a.value / b.value - figure.value)
        <= max(slack, figure.roughly * figure.value)
        for a in counts
        for b in counts
        if a is not b
    )


def _is_unit_price(figure: Figure, row: Sequence[Figure]) -> bool:
    prices = [one.value for one in row if one.unit == "won"]
    volumes = [one.value for one in row if one.unit == "volume" and one.value]
    return any(
        abs(price * 10 / volume - figure.value) <= max(1.0, figure.roughly * figure.value)
        or (figure.bound == "over" and 0 < price * 10 / volume - figure.value < 1_000)
        for price in prices
        for volume in volumes
    )


def _bare(value: float, unit: str) -> Figure:
    return Figure(value, unit, "")
