"""What reviews praise and blame, counted: «흡수가 빨라요 12개», «끈적여요 5개».

A small lexicon read clause by clause. A word that is denied counts for the other side («끈적임이
하나도 없어요»); what was before («푸석하던 볼») or is only wished («촉촉했으면») for none.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

SAID_AT_LEAST: Final = 2
"""Reviews; what one alone says is not the reviews' opinion."""
SHOWN: Final = 3
READ_AT_MOST: Final = 2000
"""Characters of one review."""

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Opinions:
    """Labels with the number of reviews that say so, most first."""

    praise: Counts = ()
    blame: Counts = ()
    feel: Counts = ()
    """How it feels on the skin, which one likes and another does not."""


@dataclass(frozen=True, slots=True)
class _Aspect:
    praise: str
    blame: str
    good: re.Pattern[str] | None
    bad: re.Pattern[str] | None


def _aspect(praise: str, blame: str, good: str = "", bad: str = "") -> _Aspect:
    def compiled(pattern: str) -> re.Pattern[str] | None:
        return re.compile(pattern) if pattern else None

    return _Aspect(praise, blame, compiled(good), compiled(bad))


_BLEMISH = r"(?:트러블|뾰루지|뽀루지|여드름|좁쌀)"
_ASPECTS: Final = (
    _aspect(
        "촉촉해요",
        "보습이 모자라요",
        r"촉촉|(?:보습|수분)[가-힣]{0,3}\s*(?:정말\s*|참\s*|아주\s*)?(?:좋|뛰어|충분|오래|가득)",
        r"건조[해한하했함가]|당[기겨김]|푸석|보습[가-힣]{0,3}\s*(?:\S+\s)?(?:기대|모자|부족|아쉬|약[해하])",
    ),
    _aspect(
        "흡수가 빨라요",
        "흡수가 느려요",
        r"흡수[가-힣]{0,2}\s*(?:\S+\s)?(?:빠르|빨라|빨리|좋|잘)"
        r"|(?:쏙|금방|금세|바로|빠르게|빨리|가볍게)\s*(?:스며|스미|흡수|녹아들)",
        r"흡수[가-힣]{0,2}\s*(?:\S+\s)?(?:느리|느려|더디|늦|안\s)|겉[도돌]",
    ),
    _aspect(
        "향이 좋아요",
        "향이 거슬려요",
        r"(?<![취방경고영동])향[이도은]?\s*(?:\S+\s){0,2}?(?:좋|은은|마음에)",
        r"(?<![취방경고영동])향[이도은만]?\s*(?:\S+\s)?(?:강[해하한]|진[해하한]|독[해하한]|거슬|별로|부담)"
        r"|향만\s*(?:\S+\s)?약[가-힣]*|냄새[가-힣]?\s*(?:\S+\s)?(?:나|심|거슬|별로|역)",
    ),
    _aspect("끈적이지 않아요", "끈적여요", bad=r"끈적|번들|미끈거"),
    _aspect("밀리지 않아요", "밀려요", bad=r"밀[려리림린]"),
    _aspect(
        "자극이 없어요",
        "자극이 있어요",
        r"(?<![가-힣])순[해하한했](?!지)|저자극|무자극",
        r"(?<![저무])자극|따[갑가]|따끔|화끈|가려[워웠]|가렵|붉어[져졌지]|빨개[져졌지]",
    ),
    _aspect(
        "트러블이 안 나요",
        "트러블이 났어요",
        "",
        _BLEMISH
        + r"[가-힣]{0,2}\s*(?:\S+\s){0,2}?(?:나|났|올라|생[겼기겨]|없|줄|가라앉|안\s)|뒤집[어혔혀]",
    ),
    _aspect(
        "가성비가 좋아요",
        "값이 비싸요",
        r"가성비[가-힣]?\s*(?:\S+\s)?(?:좋|최고|괜찮)|저렴|(?:가격|값)[이도]\s*(?:착|싸|괜찮)",
        r"비[싸싼쌌]|(?:가격|값)[이은도]\s*(?:\S+\s)?(?:부담|아쉬)|가성비[가-힣]?\s*(?:별로|떨어|아쉬)",
    ),
    _aspect(
        "양이 넉넉해요",
        "양이 적어요",
        r"(?:용량|(?<![가-힣])양)[이도은]?\s*(?:\S+\s)?(?:넉넉|많|푸짐)|넉넉하게\s*써|조금만\s*발라도",
        r"(?:용량|(?<![가-힣])양)[이도은]?\s*(?:\S+\s)?(?:적[어은다]|작|부족)|금방\s*(?:다\s*)?(?:써\s|떨어)",
    ),
    _aspect(
        "부드럽게 발려요",
        "뻑뻑해요",
        r"발림성?[이도은]?\s*(?:\S+\s)?좋|(?:부드럽게|매끄럽게|가볍게|잘)\s*(?:발[려리]|펴)",
        r"뻑뻑|뻣뻣|발림성?[이은]?\s*(?:\S+\s)?(?:별로|아쉬|나쁘)",
    ),
    _aspect(
        "용기가 편해요",
        "용기가 불편해요",
        r"(?:용기|펌프|뚜껑)[가-힣]{0,2}\s*(?:\S+\s)?편[해하]",
        r"(?:용기|펌프|뚜껑)[가-힣]{0,2}\s*(?:\S+\s){0,2}?(?:불편|아쉬|새[서요]|샜|열려)|번거로"
        r"|짜\s*쓰기가\s*어려",
    ),
)
_CONTRARY: Final = {one.praise: one.blame for one in _ASPECTS} | {"꾸덕해요": "가벼워요"}
_FEELS: Final = tuple(
    (label, re.compile(words))
    for label, words in (
        (
            "가벼워요",
            r"물처럼|산뜻|가볍[게고다](?!\s*$)|가벼[워운]|무겁지\s*(?:는\s*)?않|찰랑|유분감[이은]?\s*적",
        ),
        ("쫀쫀해요", r"쫀쫀|쫀득|점성|묽지\s*않|착\s*감"),
        ("꾸덕해요", r"꾸덕|되직|밀도|묵직|한\s*겹\s*덮|두툼|도톰"),
        ("젤 같아요", r"젤\s*(?:제형|타입|처럼|이|같)|젤리|탱글"),
        ("우유 같아요", r"우유처럼|우윳빛|밀키"),
        ("시원해요", r"시원|개운|청량|쿨링"),
    )
)
_SPLIT: Final = re.compile(
    r"[.!?~\n…]+|(?:다만|그런데|근데|하지만|그래도)\s|(?<=지만)\s|(?<=는데)\s|(?<=은데)\s"
)
_DENIED_BEFORE: Final = re.compile(r"(?:안|덜|못|별로)\s*$")
_ONLY_THEN: Final = re.compile(r"때(?:만|뿐)\s*$")
_DENIED_AFTER: Final = re.compile(
    r"^[가-힣]{0,3}?(?:(?:지(?:도|는|가|를)?|진)\s*(?:않|못|안)|거나\s+\S{1,6}지(?:도|는)?\s*(?:않|못|안))"
    r"|^[가-힣]{0,4}\s*(?:\S+\s+){0,2}?(?:없|덜|줄(?!\s*(?:몰|알))|가라앉|잠잠|사라|모자라|부족"
    r"|모르겠|오래\s*(?:안|못)|오래가지|별로|안\s)"
)
_GOES_ON: Final = re.compile(r"^[가-힣]{0,3}?(?:서|며|니까?|고)\s")
"""What follows is said of something else: «끈적여서 손이 안 가요»."""
_NOT_NOW: Final = re.compile(
    r"^[가-힣]{0,3}?(?:던|[었았했]으면|으면|면\s|[할될질]까|길\s*바)|^[가-힣]?\s*(?:\S+\s+)?(?:무난|보통)"
)


def contrary(label: str) -> str:
    """What reviews say where they say the opposite; empty where there is none."""
    return _CONTRARY.get(label, "")


def opinions(texts: Iterable[str]) -> Opinions:
    """Of one product's reviews; a review counts once for each label."""
    praise: Counter[str] = Counter()
    blame: Counter[str] = Counter()
    feel: Counter[str] = Counter()
    for text in texts:
        feel.update(_felt(text[:READ_AT_MOST]))
        told = set(_told(text[:READ_AT_MOST]))
        praise.update(aspect.praise for aspect, liked in told if liked)
        blame.update(aspect.blame for aspect, liked in told if not liked)
    return Opinions(_most(praise), _most(blame), _most(feel))


def _felt(text: str) -> set[str]:
    return {
        label
        for label, words in _FEELS
        for match in words.finditer(text)
        if not _NOT_NOW.match(text[match.end() :])
        and not _DENIED_BEFORE.search(text[: match.start()])
    }


def _most(counts: Counter[str]) -> Counts:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(pair for pair in ordered if pair[1] >= SAID_AT_LEAST)[:SHOWN]


def _told(text: str) -> Iterator[tuple[_Aspect, bool]]:
    """(aspect, whether it is praised)."""
    for clause in _SPLIT.split(text):
        for aspect in _ASPECTS:
            yield from ((aspect, liked) for liked in _heard(aspect, clause))


def _heard(aspect: _Aspect, clause: str) -> Iterator[bool]:
    for pattern, liked in ((aspect.good, True), (aspect.bad, False)):
        if pattern is None:
            continue
        for match in pattern.finditer(clause):
            after, before = clause[match.end() :], clause[: match.start()]
            if _NOT_NOW.match(after):
                continue
            yield liked is not _denied(before, match[0], after)


def _denied(before: str, word: str, after: str) -> bool:
    return bool(
        _DENIED_BEFORE.search(before)
        or _ONLY_THEN.search(before)
        or (_DENIED_AFTER.match(after) and not _GOES_ON.match(after))
        or re.search(r"(?:없|줄|가라앉|안\s)$", word)
    )
