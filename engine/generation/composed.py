"""The composed answer: Korean sentences made from passages by rules, no model.

Every sentence that states a fact ends in the number of the passage it was read from.
"""

import re
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
from engine.generation import beyond, ingredient_words, product_words, wants
from engine.generation.facts import faq_facts, ingredient_facts
from engine.generation.intent import Aspect, Intent, Understanding, heard
from engine.generation.known_for import known_for
from engine.generation.material import OF_PRODUCTS, Material, ProductCase
from engine.generation.product_words import Sides, Told, Wish
from engine.generation.ranking import ranked
from engine.parsing.korean import Pair, squeeze, with_particle
from engine.parsing.measure import measure

CLOSING = "리뷰와 제품 정보를 정리한 답이에요."
WHICH = "어떤 제품을 말씀하시는지 이름을 적어 주시면 바로 찾아볼게요."
SHOPS_OWN = "매장에서 알려 드리는 안내예요."
ROUTINE = (
    "바르는 순서와 아침·저녁 짜임, 함께 쓰면 좋지 않은 짝은 «루틴 추천»에서 제품을 골라 한 번에 "
    "살펴 드릴게요."
)
IN_ORDER = (
    "보통은 세안 뒤에 토너, 에센스나 세럼, 로션, 크림, 오일 차례로 묽은 것부터 발라요. "
    "아침에는 자외선 차단제로 마무리해요."
)
NONE_CHEAPER = "그보다 저렴하면서 어울리는 제품은 제 자료에서 찾지 못했어요."
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


_MARK = re.compile(r"\[(\d+)\]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_TOGETHER = re.compile(r"같이|함께|섞|조합|궁합|병행")
_ORDER = re.compile(
    r"순서|차례|다음|전에|후에|뒤에|먼저|뭐부터|나중|단계|언제\s*(?:바르|발라|쓰|써)"
)
_TONE = re.compile(r"미백|톤|칙칙")


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


@dataclass(frozen=True, slots=True)
class Step:
    """A question, or one of the things that it asks for."""

    question: Question
    understood: Understanding
    found: Material


def compose(steps: Sequence[Step]) -> Composed | None:
    """Two to five sentences, their share for each step; None where the material says nothing."""
    citations = Citations()
    sentences = list(dict.fromkeys(one for step in steps for one in _share(step, steps, citations)))
    if not sentences:
        return None
    body, cited = _numbered(" ".join(sentences), citations.passages)
    if not cited:
        return Composed(body, ())
    shops = all(one.kind is DocumentKind.FAQ for one in cited)
    return Composed(f"{body}\n\n{SHOPS_OWN if shops else CLOSING}", cited)


def _share(step: Step, steps: Sequence[Step], citations: Citations) -> list[str]:
    """What no data tell of the wish, then the rest of it, which is never left out for that."""
    body = _Writing(step.question, step.understood, step.found, citations).sentences()
    lead = [one for one in (aside(step),) if one and body]
    return [*lead, *body[: max(1, BODY_AT_MOST // len(steps) - len(lead))]]


def aside(step: Step) -> str:
    """«비건인지는 자료에 없어서 알 수 없어요.», where products are spoken of; else empty."""
    wishes, found = step.understood.beyond, step.found
    match step.understood.intent:
        case Intent.RECOMMEND | Intent.CONCERN | Intent.PRODUCT:
            of_products = bool(found.products)
        case Intent.COMPARE:
            of_products = bool(found.named_products)
        case Intent.UNCLEAR:
            of_products = found.leads_with in OF_PRODUCTS
        case _:
            of_products = False
    of_others = step.understood.intent in (Intent.RECOMMEND, Intent.COMPARE)
    named = () if of_others else found.named_products[:1]
    if any(beyond.animal(case.formula) for case in named):
        wishes = tuple(one for one in wishes if one != beyond.VEGAN)  # the formula tells
    return beyond.told(wishes) if wishes and of_products else ""


def _numbered(body: str, passages: Sequence[Passage]) -> tuple[str, tuple[Passage, ...]]:
    """From 1 again, without what only sentences that were left out lean on."""
    old = sorted({int(number) for number in _MARK.findall(body)})
    new = {before: now for now, before in enumerate(old, start=1)}
    renumbered = _MARK.sub(lambda mark: f"[{new[int(mark[1])]}]", body)
    return renumbered, tuple(passages[number - 1] for number in old)


@dataclass(frozen=True, slots=True)
class _Writing:
    question: Question
    understood: Understanding
    found: Material
    citations: Citations

    def sentences(self) -> list[str]:
        named, ingredients = self.found.named_products, self.found.named_ingredients
        match self.understood.intent:
            case _ if self.found.clash is not None and not named:
                return self._ingredients(ingredients)
            case Intent.PRODUCT if self.understood.lost and not named:
                return [WHICH]
            case Intent.SHOP:
                return self._shops_own()
            case Intent.UNCLEAR if self.found.leads_with is DocumentKind.FAQ:
                return self._shops_own()
            case Intent.COMPARE:
                return self._comparison(named, ingredients)
            case Intent.RECOMMEND if self.understood.cheaper:
                return self._cheaper(named)
            case Intent.RECOMMEND if not named or self.understood.alike:
                return self._suggestions(self._others(named))
            case Intent.ROUTINE:
                order = [IN_ORDER] if _ORDER.search(self.question.text) else []
                return [*order, *self._routine_of(named, ingredients), ROUTINE]
            case _ if named:
                return self._product(named[0], ingredients)
            case Intent.INGREDIENT:
                return self._ingredients(ingredients or self.found.ingredients[:2])
            case Intent.CONCERN if self.found.helpful:
                told = self._ingredients(self.found.helpful)[:2]
                return [*told, *self._suggestions(self.found.products)]
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
        """The question's; the survey's where it names none and simply wants something good."""
        if self.understood.concerns or self.understood.intent is not Intent.RECOMMEND:
            return self.understood.concerns
        return self.question.profile.concerns

    @property
    def wish(self) -> Wish:
        asked = self.found.asked or self.question.text
        untold = [one for one in self.concerns if one not in EFFECTS]
        return Wish(
            self.skin_type,
            self._wished_effects(asked),
            gentle=Aspect.GENTLENESS in self.understood.aspects,
            budget=self.understood.budget,
            feels=wants.feels(asked),
            words=wants.words(asked),
            helps=tuple(known_for(untold)),
            extreme=measure(asked).extreme,
            like=self._like(),
        )

    def _wished_effects(self, asked: str) -> tuple[Effect, ...]:
        """Of the concerns, and what is said outright; not «주름은 아직 없어요»."""
        denied = set(_effects(self.understood.not_concerns)) - set(_effects(self.concerns))
        wished = dict.fromkeys((*_effects(self.concerns), *wants.effects(asked)))
        return tuple(one for one in wished if one not in denied)

    def _like(self) -> tuple[str, ...]:
        named = self.found.named_products
        others = self.understood.alike or self.understood.cheaper
        return named[0].formula if others and named else ()

    def _others(self, named: Sequence[ProductCase]) -> Sequence[ProductCase]:
        """«A랑 비슷한 거 추천해 줘»: A itself is not news."""
        others = [case for case in self.found.products if case not in named]
        return others or named

    def _cheaper(self, named: Sequence[ProductCase]) -> list[str]:
        """«더 싼 건?»: what costs more is no answer to that."""
        others = [case for case in self.found.products if case not in named]
        return self._suggestions(others) or [NONE_CHEAPER]

    def _routine_of(
        self, named: Sequence[ProductCase], ingredients: Sequence[Passage]
    ) -> list[str]:
        """What is known of what is to be put in order; nothing where nothing is named."""
        if ingredients:
            return self._ingredients(ingredients)[: BODY_AT_MOST - 1]
        return self._product(named[0], ())[:2] if named else []

    def _shops_own(self) -> list[str]:
        """What the shop answers to such a question; nothing where it says nothing of it."""
        return [
            self.citations.cite(sentence, one)
            for one in self.found.answers[:1]
            for sentence in _SENTENCE.split(faq_facts(one).answer)
        ]

    # --- one product ----------------------------------------------------------------------------

    def _product(self, case: ProductCase, ingredients: Sequence[Passage]) -> list[str]:
        sides = Sides.of(case)
        text = _without_name(self.question.text, sides.title)
        asked = heard(text)
        wish = Wish(asked.skin_type or self.question.profile.skin_type, _effects(asked.concerns))
        told = product_words.answer(
            sides,
            aspects=asked.aspects,
            wish=wish,
            asked_skin=asked.skin_type is not None,
            ingredients=[ingredient_facts(one).name for one in ingredients],
            text=text,
        )
        asks_scent = beyond.FRAGRANCE in self.understood.without and not ingredients
        return self._cited([*self._by_formula(sides, asks_scent), *told])

    def _by_formula(self, sides: Sides, asks_scent: bool) -> list[Told]:
        """What its formula tells of such a wish: fragrance, and what only comes from an animal."""
        said: list[str] = []
        if asks_scent and sides.formula:
            said.append(f"{sides.title} {_scent_of(sides.formula)}")
        if beyond.VEGAN in self.understood.beyond and (held := beyond.animal(sides.formula)):
            names = _listed(held[:2], "이/가")
            said.append(f"{sides.title}에는 {names} 들어 있어서 비건으로 보기 어려워요")
        return [(one, (sides.source,)) for one in said]

    # --- several products -----------------------------------------------------------------------

    def _suggestions(self, cases: Sequence[ProductCase]) -> list[str]:
        sides = ranked([Sides.of(case) for case in cases], self.wish)[:PICKS]
        if not sides:
            return []
        told = product_words.suggestions(sides, self.wish, self._opening(), self.skin_type)
        return [*self._cited(told), _invitation(len(sides), self.question.profile)]

    def _opening(self) -> str:
        """How the first suggestion is led in; empty where nothing is known of the wish."""
        held = [ingredient_facts(one).name for one in self.found.sought]
        if self.understood.without:
            return f"{_listed(self.understood.without, '이/가')} 들지 않은 제품 가운데"
        if held:
            return f"{_listed(held, '이/가')} 든 제품 가운데"
        concerns = self.concerns
        if concerns and not _effects(concerns):
            topic = _listed(concerns, "을/를")
            return f"리뷰에 {topic} 따로 적는 칸은 없어서 가까운 제품으로 골라 봤는데,"
        if concerns and _TONE.search(self.question.text):
            return "피부 톤이 고민이라면"
        return f"{_listed(concerns, '이/가')} 고민이라면" if concerns else ""

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
        several, named = len(passages) > 1, bool(self.found.named_ingredients)
        told = [
            (sentence, (one,))
            for one in passages[:PICKS]
            for sentence in ingredient_words.answer(
                ingredient_facts(one), brief=several, sentences=1 if named else 2
            )
        ]
        sentences = self._cited(told)
        if self.found.clash is not None:
            return [ingredient_words.clash(*self.found.clash), *sentences[: BODY_AT_MOST - 2]]
        if several and named and _TOGETHER.search(self.question.text):
            return [*sentences[: BODY_AT_MOST - 1], ingredient_words.TOGETHER]
        return sentences

    def _cited(self, told: Iterable[tuple[str, tuple[Passage | None, ...]]]) -> list[str]:
        return [self.citations.cite(sentence, *passages) for sentence, passages in told]


def _scent_of(formula: Sequence[str]) -> str:
    held = beyond.fragrant(formula)
    if beyond.FRAGRANCE in held:
        return "전성분에는 향료가 들어 있어요"
    if held:
        name = with_particle(held[0], "이/가")
        return f"전성분에 향료라는 이름은 없지만 향을 낼 수 있는 {name} 들어 있어요"
    return "전성분에 향료는 들어 있지 않아요"


def _without_name(text: str, title: str) -> str:
    """The question less the words of the product's name: «수분 크림» asks nothing of moisture."""
    name = squeeze(title)
    return " ".join(word for word in text.split() if not _is_part(squeeze(word), name))


def _is_part(word: str, name: str) -> bool:
    """Both squeezed; the word may carry a particle of one syllable."""
    return word in name or (len(word) > 2 and word[:-1] in name)


def _effects(concerns: Iterable[Concern]) -> tuple[Effect, ...]:
    return tuple(dict.fromkeys(EFFECTS[one] for one in concerns if one in EFFECTS))


def _listed(names: Iterable[str], pair: Pair) -> str:
    return with_particle("·".join(names), pair)


def _invitation(shown: int, profile: SkinProfile) -> str:
    if profile.skin_type is None:
        return "피부 설문까지 해 주시면 «추천 받기»에서 취향에 맞춰 더 골라 드릴게요."
    if shown == 1:
        return "다른 제품도 보고 싶다면 «추천 받기»를 눌러 주세요."
    return "좋아하는 제품을 알려 주시면 «추천 받기»에서 취향까지 맞춰 볼게요."
