"""What may not be learned is taken out, step by step, each with its count. Pure functions.

A `Sample` is what every source makes: a prompt, the answer to imitate, and worse answers to the
same prompt. The steps run in the order of `STEPS`; a sample that a step takes out is counted there
alone.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from math import ceil
from typing import Final

from engine.generation.checks.sentences import sentences
from engine.generation.guard import is_cure
from engine.generation.prompts import Message
from engine.generation.understanding import FOUL
from engine.parsing.korean import squeeze
from engine.parsing.privacy import mask
from engine.parsing.profanity import is_profane as is_cursing
from training.rows import Conversation, Preference

SHORTEST: Final = 15
"""Letters of an answer, blanks and signs aside."""
LONGEST: Final = 900
"""Characters of an answer."""
ALIKE: Final = 0.8
"""Likeness of question and answer from which two rows are one."""
ASKED_ALIKE: Final = 0.5
"""Likeness of questions from which they are of one family, and too near to a held-out one."""


class Step(StrEnum):
    """Why a sample was taken out; its value stands in the card."""

    ADVERTISING = "advertising"
    PROFANE = "profane"
    UNSAFE = "unsafe"
    SHORT = "short"
    LONG = "long"
    HELD_OUT = "held_out"
    DUPLICATE = "duplicate"


MASKED: Final = "masked"
"""Counted too, but nothing is taken out."""
STEPS: Final = (MASKED, *(one.value for one in Step))


@dataclass(frozen=True, slots=True)
class Worse:
    text: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    id: str
    family: str
    source: str
    question: str
    """As the person asked it; the prompt holds it among the rest."""
    prompt: tuple[Message, ...]
    answer: str
    worse: tuple[Worse, ...] = ()

    @property
    def conversation(self) -> Conversation:
        messages = (*self.prompt, Message("assistant", self.answer))
        return Conversation(self.id, self.family, self.source, messages)

    @property
    def preferences(self) -> tuple[Preference, ...]:
        """The first has the sample's id, the others a number behind it."""
        ids = (self.id, *(f"{self.id}-{number}" for number in range(2, len(self.worse) + 1)))
        return tuple(
            Preference(id, self.family, self.source, self.prompt, self.answer, one.text, one.fault)
            for id, one in zip(ids, self.worse, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Cleaned:
    samples: tuple[Sample, ...]
    counts: Mapping[str, int]
    """`STEPS` → samples; masked, or taken out."""
    by_source: Mapping[str, Mapping[str, int]]
    """The same, of each source; what never happened is left out."""
    worse_dropped: int = 0
    """Rejected answers that could not be used, their samples kept."""


def clean(samples: Iterable[Sample], held_out: Collection[str] = ()) -> Cleaned:
    """`held_out`: questions that the evaluation asks."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    near = Near(map(letters, held_out), ASKED_ALIKE)
    seen = Near((), ALIKE)
    kept: list[Sample] = []
    dropped = 0
    for found in samples:
        hidden = masked(found)
        fault = spoilt(found) or _known(hidden, near, seen)
        if fault is not None:
            counts[found.source][fault] += 1
            continue
        if hidden != found:
            counts[found.source][MASKED] += 1
        usable = tuple(one for one in hidden.worse if _is_usable(one.text, hidden.answer))
        dropped += len(hidden.worse) - len(usable)
        kept.append(replace(hidden, worse=usable))
    every = {step: sum(of[step] for of in counts.values()) for step in STEPS}
    by_source = {name: {str(step): n for step, n in of.items()} for name, of in counts.items()}
    return Cleaned(tuple(kept), every, by_source, dropped)


def masked(sample: Sample) -> Sample:
    """Without phone numbers, addresses and what else leads to a person, wherever they stood."""
    return replace(
        sample,
        question=mask(sample.question),
        prompt=tuple(replace(one, content=mask(one.content)) for one in sample.prompt),
        answer=mask(sample.answer),
        worse=tuple(replace(one, text=mask(one.text)) for one in sample.worse),
    )


def spoilt(sample: Sample) -> Step | None:
    """What is wrong with the answer by itself, or with the question's manners."""
    answer = sample.answer
    for step, holds in _RULES:
        if holds(answer):
            return step
    return Step.PROFANE if is_profane(sample.question) else None


def _known(sample: Sample, held_out: "Near", seen: "Near") -> Step | None:
    if held_out.holds(letters(sample.question)):
        return Step.HELD_OUT
    whole = letters(f"{sample.question}\n{sample.answer}", 3)
    if seen.holds(whole):
        return Step.DUPLICATE
    seen.add(whole)
    return None


def _is_usable(worse: str, answer: str) -> bool:
    """A rejected answer may be unsafe; what nobody should read even so may not be learned from."""
    refused = is_advertising(worse) or is_profane(worse) or is_short(worse) or is_long(worse)
    return not refused and squeeze(worse) != squeeze(answer)


# --- rules --------------------------------------------------------------------------------------

_ADVERTISING: Final = re.compile(
    r"https?://|www\.|\b[a-z0-9-]+\.(?:com|net|kr|shop|me|store)\b|(?<!\w)@[a-z0-9_.]{3,}"
    r"|협찬|체험단|서포터즈|원고료|소정의|제공\s*받|무상\s*제공|파트너스|수수료를?\s*(?:지급|제공|받)"
    r"|(?:문의|연락|전화|쪽지|톡|카톡|디엠|dm)\S{0,3}\s*(?:해|남겨|보내|주)\s*(?:주세요|주시면|세요|시면|십)"
    r"|(?:문의|상담|예약)\s*(?:주세요|주시면|바랍니다|환영|전화)|오픈\s*(?:채팅|톡)|카카오톡\s*채널|플러스\s*친구"
    r"|할인\s*코드|추천인|공동\s*구매|공구\s*(?:중|진행|오픈)|최저가|(?:프로필|댓글|아래|하단)\S{0,2}\s*링크"
    r"|링크\s*(?:타고|눌러|클릭|참고|남)|(?:제|저희|우리)\s*(?:블로그|카페|스토어|매장|병원|의원|한의원|샵|업체|피부관리실|제품을\s*판매)"
    r"|스마트\s*스토어|네이버\s*에?\s*검색해\s*(?:보|주)|이웃\s*추가|구독|채택\s*(?:부탁|해\s*주)",
    re.IGNORECASE,
)


def is_advertising(text: str) -> bool:
    """Links, numbers to call, sponsorship, and what asks to be contacted, bought or chosen."""
    return _ADVERTISING.search(text) is not None or "(전화번호)" in mask(text)


def is_profane(text: str) -> bool:
    """What the bot takes for abuse, and curses written around a filter («시1발»)."""
    return FOUL.search(text) is not None or is_cursing(text)


_ENDURED: Final = (
    r"(?:따가|따끔|쓰라|쓰려|화끈|후끈|빨가|빨개|붉어|붉은|가렵|가려|간지러|벗겨|벗기|시리|시려"
    r"|부어)"
)
_SORE: Final = (
    r"상처|베인|까진|짠\s*(?:자리|다음|뒤)|짜고\s*난|터진|갈라[져진]|벗겨진|곪은|물집|딱지"
)
_PUT: Final = r"바르|발라|발랐|올려|올리|덮어|뿌리|뿌려|적셔|채워|떨어뜨|문질러|덧바"
_DOCTOR: Final = r"병원|피부과|산부인과|소아과|안과|의사|약사|전문의|진료"
_UNSAFE: Final = re.compile(
    "|".join(
        (
            # Going on through a reaction, or taking it for a good sign.
            rf"{_ENDURED}[^.!?]{{0,30}}(?:참고(?!해)|참으|버티|견디|멈추지\s*(?:말|마|않)|그대로\s*(?:두|쓰|이어|뿌|바)"
            r"|계속\s*(?:바르|쓰|뿌|발)|이어\s*(?:가|서\s*(?:바르|발))|꾸준히|쉬지\s*말|익숙해|적응)",
            rf"{_ENDURED}[^.!?]{{0,20}}(?:신호|과정|증거|뜻이|효과가?\s*나|잘\s*듣|아무는|자리\s*잡)",
            r"(?<!지 )(?:참고(?!해)|참아)\s*(?:\S+\s*){0,2}(?:바르|발라|쓰|써|주세요|이어)|명현",
            r"일어날\s*때가\s*바로|이겨\s*내",
            # The doctor is left out.
            rf"(?:{_DOCTOR})\S{{0,3}}\s*(?:\S+\s*){{0,3}}?(?:안\s*가|가실?\s*(?:필요|일은|것까지)|가지\s*않|갈\s*(?:필요|일)"
            r"|데려가실|묻지\s*않|물어보실\s*(?:것|필요)|말씀하지\s*않|필요(?:는|도)?\s*없|나중|늦지\s*않)",
            r"(?:연고|약|처방|안약)\S{0,3}\s*(?:\S+\s*){0,2}?(?:대신|보다\s*(?:낫|좋|오래)|섞|반반|줄이)",
            # Broken skin, pimples, eyes.
            rf"(?:{_SORE})\S*\s*(?:\S+\s*){{0,4}}?(?:{_PUT})(?!지)",
            r"(?<!말고 )(?<!마시고 )(?:꼭|깨끗이|깨끗한\s*손으로|손으로|손톱으로|마저)\s*"
            r"(?:\S+\s*)?짜(?!지)",
            r"(?:눈꺼풀|속눈썹|점막|눈두덩|눈\s*밑|눈가까지|뜬\s*눈|눈\s*뜨고|눈을\s*뜬)[^.!?]{0,25}"
            rf"(?:{_PUT}|닿아도)(?!지)",
            # Sun, tests, too much.
            r"(?:선크림|자외선\s*차단제)\S{0,2}\s*(?:\S+\s*){0,2}?(?:안\s*바르|안\s*발라|건너뛰|생략|빼셔|없이|필요)",
            r"(?:시험|테스트|패치)\S*\s*(?:\S+\s*){0,2}?(?:필요(?:도|는|가)?\s*없|것\s*없|않으셔도|안\s*해)",
            r"듬뿍[^.!?]{0,20}(?:하루|매일|아침저녁)|(?:하루|매일)\S*\s*[^.!?]{0,12}"
            r"(?:[서너]너?\s*번|네\s*번|다섯\s*번|열\s*번|\d+번|두세\s*번)",
            r"(?:매일|첫날부터)[^.!?]{0,14}듬뿍|양을\s*(?:두\s*배|늘)|많이\s*(?:바를|쓸)수록|한꺼번에\s*섞",
            # Pregnancy, allergy, diagnosis.
            r"(?:임신|임산부|수유|배\s*속\s*아기|아기)[^.!?]{0,25}(?:괜찮|안전|안심|걱정\s*없|문제없|쓰셔도|영향이\s*없)",
            r"알레르기[^.!?]{0,25}(?:문제없|상관이?\s*없|없어져|사라져|가라앉)|아무\s*상관이?\s*없",
            r"(?:분명하|틀림없|맞으시)[가-힣]*\s*[^.!?]{0,15}(?:걱정|낫|완치)|완치|말끔히\s*나",
        )
    )
)
_CAREFUL: Final = re.compile(
    r"마세요|말아\s*주|않는\s*(?:게|편|것)|피해\s*주|삼가|멈추(?:고|시고|는|어)|쉬어|줄이|받아\s*보|권해|어려워요|미뤄|먼저예요|물어[봐보]|여쭤|자료에(?:는|도)?\s*없|나을\s*때까지|아문\s*(?:뒤|다음)|상의|상담"
)
"""A sentence that warns says the same words."""


def is_unsafe(text: str) -> bool:
    """Advice that may hurt: a reaction endured, a doctor spared, wounds, eyes, a cure promised.

    Rules see the plain cases; a careful eye and the judge see the rest.
    """
    return any(
        is_cure(one.text) or (_UNSAFE.search(one.text) and not _CAREFUL.search(one.text))
        for one in sentences(text, finished=True)
    )


def is_short(text: str) -> bool:
    return len(squeeze(text)) < SHORTEST


def is_long(text: str) -> bool:
    return len(text) > LONGEST


_RULES: Final[Sequence[tuple[Step, Callable[[str], bool]]]] = (
    (Step.ADVERTISING, is_advertising),
    (Step.PROFANE, is_profane),
    (Step.UNSAFE, is_unsafe),
    (Step.SHORT, is_short),
    (Step.LONG, is_long),
)


# --- likeness -----------------------------------------------------------------------------------

Letters = frozenset[str]
"""The n-grams of a text's letters."""


def letters(text: str, size: int = 2) -> Letters:
    bare = squeeze(text)
    return frozenset(bare[at : at + size] for at in range(max(1, len(bare) - size + 1)))


def likeness(one: Set[str], other: Set[str]) -> float:
    """Jaccard's, in [0, 1]."""
    return len(one & other) / max(1, len(one | other))


class Near:
    """Texts as sets of n-grams, and which of them are at least so alike to another.

    Exact, and yet no comparison of all with all: of two sets that are alike enough, the first few
    n-grams in any fixed order must meet (prefix filter: Chaudhuri et al. 2006, «A Primitive
    Operator for Similarity Joins»), so only those are kept as the index. The order here is that of
    a hash. Made for thousands of answers; for many more, MinHash over the same n-grams is next.
    """

    def __init__(self, known: Iterable[Letters], at_least: float) -> None:
        self._at_least = at_least
        self._known: list[Letters] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for one in known:
            self.add(one)

    def add(self, one: Letters) -> None:
        for gram in self._prefix(one):
            self._places[gram].append(len(self._known))
        self._known.append(one)

    def holds(self, one: Letters) -> bool:
        return bool(self.like(one))

    def like(self, one: Letters) -> list[int]:
        """Places of those alike, in the order in which they were added."""
        met = {place for gram in self._prefix(one) for place in self._places.get(gram, ())}
        return sorted(at for at in met if likeness(one, self._known[at]) >= self._at_least)

    def _prefix(self, one: Letters) -> list[str]:
        """|x| − ⌈t·|x|⌉ + 1 of them: two sets that share none of these cannot reach t."""
        ordered = sorted(one, key=_order)
        return ordered[: len(one) - ceil(self._at_least * len(one) - 1e-9) + 1]


@lru_cache(1 << 17)
def _order(gram: str) -> bytes:
    return sha256(gram.encode()).digest()[:8]


# --- families and the split ---------------------------------------------------------------------

SPLITS: Final = ("train", "eval", "test")
_TRAIN, _EVAL = 80, 90
"""Of a hundred families the first eighty teach, ten watch the training, ten are left for last."""


def joined(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Families whose questions are alike are one family, named as the first of them in order of
    letters: a question that stands in two sources must not lie on both sides of a split."""
    parent = {one.family: one.family for one in samples}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    near = Near((), ASKED_ALIKE)
    for one in samples:
        asked = letters(one.question)
        for place in near.like(asked):
            first, second = sorted((root(samples[place].family), root(one.family)))
            parent[second] = first
        near.add(asked)
    return tuple(replace(one, family=root(one.family)) for one in samples)


def split_of(family: str) -> str:
    """Always the same for the same family."""
    number = int.from_bytes(sha256(family.encode()).digest()[:4]) % 100
    return SPLITS[(number >= _TRAIN) + (number >= _EVAL)]
