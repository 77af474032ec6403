"""The composed answer: Korean sentences made from passages by rules, no model.

Every sentence that states a fact ends in the number of the passage it was read from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.domain import (
    Concern,
    DocumentKind,
    Effect,
    Passage,
    Question,
    SkinProfile,
    SkinType,
)
from engine.generation import ingredient_words, product_words
from engine.generation.facts import ingredient_facts
from engine.generation.intent import Intent, Understanding
from engine.generation.material import Material, ProductCase
from engine.generation.product_words import Sides, Wish
from engine.parsing.korean import with_particle

CLOSING = "리뷰와 제품 정보를 정리한 답이에요."
PICKS = 3
BODY_AT_MOST = 4
"""Sentences before the closing one."""

EFFECTS: dict[Concern, Effect] = {
    Concern.ACNE: Effect.SOOTHING,
    Concern.REDNESS: Effect.SOOTHING,
    Concern.DRYNESS: Effect.MOISTURE,
    Concern.FLAKES: Effect.MOISTURE,
    Concern.WRINKLES: Effect.AGEING,
    Concern.SPOTS: Effect.AGEING,
}
"""What reviews can tell of a concern; they have no word for pores, blackheads and bumps."""


@dataclass(slots=True)
class Citations:
    """Numbers the passages in the order they are first leant on."""

    passages: list[Passage] = field(default_factory=list)

    def cite(self, sentence: str, *passages: Passage | None) -> str:
        """The sentence with its numbers before the full stop: «… 4.3점이에요 [1].»"""
        numbers = sorted({self._number(one) for one in passages if one is not None})
        marks = "".join(f"[{number}]" for number in numbers)
        body = sentence.rstrip(".")
        return f"{body} {marks}." if marks else f"{body}."

    def _number(self, passage: Passage) -> int:
        if passage not in self.passages:
            self.passages.append(passage)
        return self.passages.index(passage) + 1


@dataclass(frozen=True, slots=True)
class Composed:
    text: str
    cited: tuple[Passage, ...]
    """In the order of their numbers."""


def compose(question: Question, understood: Understanding, found: Material) -> Composed | None:
    """Two to five sentences; None where the material says nothing of the question."""
    citations = Citations()
    sentences = _Writing(question, understood, found, citations).sentences()
    if not sentences:
        return None
    body = " ".join(sentences[:BODY_AT_MOST])
    if not citations.passages:
        return Composed(body, ())
    return Composed(f"{body}\n\n{CLOSING}", tuple(citations.passages))


@dataclass(frozen=True, slots=True)
class _Writing:
    question: Question
    understood: Understanding
    found: Material
    citations: Citations

    def sentences(self) -> list[str]:
        named, ingredients = self.found.named_products, self.found.named_ingredients
        match self.understood.intent:
            case Intent.COMPARISON:
                return self._comparison(named, ingredients)
            case Intent.RECOMMENDATION:
                return self._suggestions(self._others(named))
            case _ if named:
                return self._product(named[0], ingredients)
            case Intent.INGREDIENT:
                return self._ingredients(ingredients or self.found.ingredients[:2])
            case _ if ingredients:
                return self._ingredients(ingredients)
            case Intent.UNCLEAR if self.found.leads_with is DocumentKind.INGREDIENT:
                return self._ingredients(self.found.ingredients[:1])
            case _:
                return self._suggestions(self.found.products)

    @property
    def skin_type(self) -> SkinType | None:
        return self.understood.skin_type or self.question.profile.skin_type

    @property
    def concerns(self) -> tuple[Concern, ...]:
        return self.understood.concerns

    def _others(self, named: Sequence[ProductCase]) -> Sequence[ProductCase]:
        """«A랑 비슷한 거 추천해 줘»: A itself is not news."""
        others = [case for case in self.found.products if case not in named]
        return others or named

    # --- one product ----------------------------------------------------------------------------

    def _product(self, case: ProductCase, ingredients: Sequence[Passage]) -> list[str]:
        sides = Sides.of(case)
        told = product_words.answer(
            sides,
            aspects=self.understood.aspects,
            skin_type=self.skin_type,
            asked_skin=self.understood.skin_type is not None,
            effects=_effects(self.concerns),
            ingredients=[ingredient_facts(one).name for one in ingredients],
        )
        return self._cited(told)

    # --- several products -----------------------------------------------------------------------

    def _suggestions(self, cases: Sequence[ProductCase]) -> list[str]:
        wish = Wish(self.skin_type, _effects(self.concerns))
        sides = product_words.ranked([Sides.of(case) for case in cases], wish)[:PICKS]
        if not sides:
            return []
        opening = _opening(self.concerns, self.understood.skin_type, self.question.profile)
        told = product_words.suggestions(sides, wish, opening)
        return [*self._cited(told), _invitation(len(sides), self.question.profile)]

    def _comparison(
        self, named: Sequence[ProductCase], ingredients: Sequence[Passage]
    ) -> list[str]:
        if len(named) >= 2:
            one, other = Sides.of(named[0]), Sides.of(named[1])
            return self._cited(product_words.comparison(one, other, self.skin_type))
        if len(ingredients) >= 2:
            return self._ingredients(ingredients)
        if named:
            return self._product(named[0], ())
        if ingredients:
            return self._ingredients(ingredients)
        return ["비교할 제품 두 가지의 이름을 함께 적어 주시면 가격과 리뷰를 나란히 놓고 볼게요."]

    # --- ingredients ----------------------------------------------------------------------------

    def _ingredients(self, passages: Sequence[Passage]) -> list[str]:
        several = len(passages) > 1
        told = [
            (sentence, (one,))
            for one in passages[:PICKS]
            for sentence in ingredient_words.answer(ingredient_facts(one), brief=several)
        ]
        sentences = self._cited(told)
        if several and self.found.named_ingredients:
            return [*sentences[: BODY_AT_MOST - 1], ingredient_words.TOGETHER]
        return sentences

    def _cited(self, told: Iterable[tuple[str, tuple[Passage | None, ...]]]) -> list[str]:
        return [self.citations.cite(sentence, *passages) for sentence, passages in told]


def _effects(concerns: Iterable[Concern]) -> tuple[Effect, ...]:
    return tuple(dict.fromkeys(EFFECTS[one] for one in concerns if one in EFFECTS))


def _opening(concerns: Sequence[Concern], said: SkinType | None, profile: SkinProfile) -> str:
    """How the first suggestion is led in; empty where nothing is known of the person."""
    skin = said or profile.skin_type
    unspoken = [one for one in concerns if one not in EFFECTS]
    if concerns and len(unspoken) == len(concerns):
        topic = with_particle("·".join(unspoken), "을/를")
        return f"{topic} 따로 적은 리뷰 항목은 없어서 말씀과 가장 가까운 제품으로 골랐어요:"
    if concerns:
        return f"{with_particle('·'.join(concerns), '이/가')} 고민이라면"
    return f"{skin} 피부라면" if skin else ""


def _invitation(shown: int, profile: SkinProfile) -> str:
    if profile.skin_type is None:
        return "피부 설문까지 해 주시면 «추천 받기»에서 취향에 맞춰 더 골라 드릴게요."
    if shown == 1:
        return "다른 제품도 보고 싶다면 «추천 받기»를 눌러 주세요."
    return "좋아하는 제품을 알려 주시면 «추천 받기»에서 취향까지 맞춰 볼게요."
