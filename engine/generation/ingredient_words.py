"""Sentences about an ingredient."""

import re

from engine.domain import Pairing
from engine.generation.facts import IngredientFacts
from engine.parsing.korean import with_particle

TOGETHER = "함께 써도 되는지는 제 자료에 없으니, 며칠 간격을 두고 하나씩 발라 보시길 권해요."
_CLASHES = {
    Pairing.RETINOID_ACID: "겹쳐 바르면 자극이 커질 수 있어서, 같은 날 밤에 함께 쓰지 마세요.",
    Pairing.RETINOID_PEROXIDE: (
        "겹쳐 바르면 비타민 A가 약해질 수 있어서, 아침과 밤으로 나눠 써 주세요."
    ),
    Pairing.RETINOIDS: "둘 다 비타민 A 계열이라, 같은 날에는 하나만 써 주세요.",
}
_FORMAL = ((re.compile(r"입니다$"), "이에요"), (re.compile(r"습니다$"), "어요"))
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FINITE = re.compile(r"(?:요|다)$")


def clash(pairing: Pairing, names: tuple[str, str]) -> str:
    """«레티놀과 글라이콜릭애씨드는 …»."""
    one, other = names
    return f"{with_particle(one, '과/와')} {with_particle(other, '은/는')} {_CLASHES[pairing]}"


def answer(facts: IngredientFacts, *, brief: bool, sentences: int = 1) -> list[str]:
    """What it is, its limits, what it is for and who holds it; so many of the first where brief."""
    if brief:
        return _meaning(facts)[:sentences] if facts.definition else [_purpose(facts, "어요")]
    return [*_meaning(facts), *_limits(facts), _use(facts)]


def _meaning(facts: IngredientFacts) -> list[str]:
    if facts.definition is None:
        return []
    first, *rest = _SENTENCE.split(facts.definition.strip())
    first = polite(first.rstrip(". "))
    if not first.startswith(facts.name):
        first = f"{with_particle(facts.name, '은/는')} {first}"
    return [first, *(polite(sentence.rstrip(". ")) for sentence in rest[:1])]


def _limits(facts: IngredientFacts) -> list[str]:
    if not facts.limits:
        return []
    what, colon, rule = facts.limits.rstrip(". ").partition(": ")
    quoted = f"«{rule if colon else what}»"
    standard = f"{what} 기준은" if colon else "사용 기준은"
    return [f"{standard} {with_particle(quoted, '이에요/예요')}"]


def _use(facts: IngredientFacts) -> str:
    """«주로 보습제로 넣고, 저희 제품 42개에 들어 있어요»."""
    if not facts.roles:
        return _holders(facts)
    return f"{_purpose(facts, '고')}, {_holders(facts)}"


def _purpose(facts: IngredientFacts, ending: str) -> str:
    subject = "" if facts.definition else f"{with_particle(facts.name, '은/는')} "
    if not facts.roles:
        return f"{subject}배합목적이 적혀 있지 않{'은 성분이에요' if ending == '어요' else '고'}"
    roles = with_particle(_joined(facts.roles[:3]), "으로/로")
    return f"{subject}화장품에 주로 {roles} 넣{ending}"


def _holders(facts: IngredientFacts) -> str:
    match facts.titles:
        case ():
            return "지금 저희 제품 가운데 이 성분이 든 것은 없어요"
        case (first, second, *_) if facts.holders > 2:
            return f"저희 제품 {facts.holders}개에 들어 있어요(예: {first}, {second})"
        case titles:
            return f"저희 제품 중에는 {_joined(titles)}에 들어 있어요"


def polite(sentence: str) -> str:
    """A definition as it would be said: 해요체, without the full stop."""
    for pattern, spoken in _FORMAL:
        if pattern.search(sentence):
            return pattern.sub(spoken, sentence)
    return sentence if _FINITE.search(sentence) else with_particle(sentence, "이에요/예요")


def _joined(names: tuple[str, ...]) -> str:
    *first, last = names
    if not first:
        return last
    return f"{', '.join((*first[:-1], with_particle(first[-1], '과/와')))} {last}"
