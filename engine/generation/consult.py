"""Understand → retrieve → prompt or compose → an answer with its sources."""

import asyncio
import math
import re
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Sequence,
)
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from engine.domain import (
    Answer,
    Conflict,
    DocumentKind,
    Pairing,
    Passage,
    Question,
    Source,
    Trace,
    Writer,
)
from engine.errors import ModelBusy, ModelUnavailable
from engine.generation import guard, unknown
from engine.generation.beyond import VEGAN, animal
from engine.generation.composed import Composed, Step, aside, compose
from engine.generation.facts import ProductFacts, product_facts
from engine.generation.guard import Gate, Guard
from engine.generation.intent import Intent, Understanding, understand
from engine.generation.known_for import known_for
from engine.generation.material import (
    JUST_FOUND,
    NAMED_FROM,
    OF_PRODUCTS,
    Material,
    PassageRetriever,
    material,
)
from engine.generation.model import LanguageModel, Queued
from engine.generation.prompts import PASSAGES, PROMPT_VERSION, prompt
from engine.generation.understanding import Understander, leans, next_talk
from engine.generation.unknown import Stock, What
from engine.parsing.instructions import disarmed
from engine.parsing.privacy import mask

RESTING = "지금 답변 모델이 쉬고 있어서, 자료를 정리해 바로 답해 드려요.\n\n"
BUSY = "지금 문의가 많아서, 자료를 정리해 바로 답해 드려요.\n\n"
WHY_SECONDS = 15.0
"""The grounds themselves are there at once: their retelling is not waited for any longer."""
AGAIN = 0.8
"""The temperature of another answer to the same question; the first one's is a setting."""
FOUND = 10
"""Passages asked of the retriever; products among them are completed with their other document."""
CHOICE = 40
"""Asked where products are to be chosen from: their reviews decide, the likeness only helps."""
_GROUPS = {"AHA": "글라이콜릭애씨드", "BHA": "살리실릭애씨드", "레티노이드": "레티놀"}
"""What a group of ingredients is called → one of them, standing for all."""
HELPFUL = {Intent.CONCERN: 2, Intent.INGREDIENT: 3}
"""Ingredients known to help that are shown where the question names nothing."""
SIDES = 2
_BETWEEN = re.compile(r"이?랑\s|하고\s|[와과]\s|\s(?:vs\.?|대)\s|중에|중\s|,\s*", re.IGNORECASE)
_CALLED = re.compile(r"크림|토너|스킨|로션|에센스|세럼|앰플|미스트|오일|팩|에멀[전젼]|젤|밤")
"""What a product is called."""


Dictionary = Callable[[str], Awaitable[Sequence[Passage]]]
"""A sentence → the ingredients it names."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """The end of a consultation. `Source.product` is None; the caller maps keys to ids."""

    answer: Answer
    keys: tuple[str | None, ...]
    """The shop's product key of each source, in the order of `answer.sources`; None for what is
    about no product."""


def _none(_formulas: Sequence[Collection[str]]) -> Sequence[Conflict]:
    return ()


class Consultant:
    """Answers questions from one retriever; composed where `model` is None or gone."""

    def __init__(
        self,
        retriever: PassageRetriever,
        model: LanguageModel | None = None,
        dictionary: Dictionary | None = None,
        *,
        abroad: bool = False,
        understander: Understander | None = None,
        judge: Guard | None = None,
        conflicts: Callable[[Sequence[Collection[str]]], Sequence[Conflict]] = _none,
        stock: Stock | None = None,
    ) -> None:
        """`dictionary` is asked where the index knows nothing that the question names: most of
        its ingredients are in no product, and not worth a vector.

        `abroad`: the model's server stands abroad. It is sent nothing but the questions of those
        who agreed to that, and nothing of their health (개인정보 보호법 제28조의8).

        `understander`: None reads questions by the rules alone.

        `conflicts`: of formulas, those that are better not put on the skin together.

        `judge` decides what a person sees of a model's words; None knows the passages alone.

        `stock` tells which names nothing bears; without it every name is searched for."""
        self._retriever = retriever
        self._model = model
        self._dictionary = dictionary
        self.judge = judge or Guard()
        self._abroad = abroad
        self._conflicts = conflicts
        self._understander = understander
        self._stock = stock or Stock()

    async def consult(
        self, question: Question, patience: float | None = None
    ) -> AsyncGenerator[str | Queued | Consulted, None]:
        """Pieces of a model's text as they come, before them the place in its queue; at last
        exactly one Consulted.

        The pieces are whole sentences that the guards let through, and progress: what the answer
        says at the end is what stands.
        `patience`: seconds that the model has, those in its queue included; None: its own.
        Raises IndexUnavailable.
        """
        understood = await self._understood(question)
        words = guard.set_answer(understood, question.text)
        if words is None:
            words = await self._unknown(question, understood)
        if words is not None:
            yield _placed(Consulted(Answer(words, writer=Writer.GUARD), ()), question, understood)
            return
        steps = await self._steps(question, understood)
        async with aclosing(self._answers(question, understood, steps, patience)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Consulted):
                    yield _placed(piece, question, understood)
                else:
                    yield piece

    async def _understood(self, question: Question) -> Understanding:
        if self._understander is None:
            return understand(question.text)
        return await self._understander.understand(question)

    async def _unknown(self, question: Question, understood: Understanding) -> str | None:
        """The set answer where the question names what does not exist. The dictionary knows more
        ingredients than the index does."""
        missing = await asyncio.to_thread(
            self._stock.missing, understood, question.text, question.talk
        )
        if missing is None:
            return None
        known = self._dictionary if missing.what is What.INGREDIENT else None
        if known is not None and await known(" ".join(missing.names)):
            return None
        return unknown.said(missing, self._stock)

    async def _answers(
        self,
        question: Question,
        understood: Understanding,
        steps: Sequence[Step],
        patience: float | None,
    ) -> AsyncGenerator[str | Queued | Consulted, None]:
        composed = compose(steps)
        fallback = _composed(composed, understood)
        passages = shown(composed, steps)
        if not passages or not self._may_write(question):
            yield fallback
            return
        gate = self.judge.gate(passages, question.text)
        trace = self._trace(passages)
        lead = _lead(steps)
        try:
            parts = [step.question.text for step in steps]
            written = self._written(question, passages, patience, parts)
            async with aclosing(_guarded(written, gate)) as pieces:
                before = lead
                async for piece in pieces:
                    yield f"{before}{piece}" if isinstance(piece, str) else piece
                    before = before if isinstance(piece, Queued) else ""
        except ModelUnavailable as error:
            yield _told(RESTING if not isinstance(error, ModelBusy) else BUSY, fallback)
            return
        checked = await _checked(gate, passages)
        if checked is None:
            yield _traced(fallback, replace(trace, prompt_version=""))
        else:
            yield _traced(_led_by(lead, checked), trace)

    def _trace(self, passages: Iterable[Passage]) -> Trace:
        """Taken before the model writes: another adapter may be chosen meanwhile."""
        name = "" if self._model is None else self._model.name
        return Trace(PROMPT_VERSION, name, tuple(f"{one.kind}:{one.key}" for one in passages))

    async def why(
        self, question: Question, grounds: Sequence[Passage], patience: float | None = None
    ) -> AsyncGenerator[str | Queued | Consulted, None]:
        """«왜 추천했나요?» from the grounds alone; no Consulted at the end where no model may or
        can tell it."""
        if not grounds or not self._may_write(question):
            return
        gate = self.judge.gate(grounds, question.text)
        with suppress(ModelUnavailable):
            patience = min(patience or WHY_SECONDS, WHY_SECONDS)
            written = self._written(question, grounds, patience)
            async with aclosing(_guarded(written, gate)) as pieces:
                async for piece in pieces:
                    yield piece
            told = await _checked(gate, tuple(grounds))
            if told is not None and told.answer.writer is Writer.MODEL:
                yield told

    def _may_write(self, question: Question) -> bool:
        return (
            self._model is not None and not question.spent and (question.abroad or not self._abroad)
        )

    def _written(
        self,
        question: Question,
        passages: Sequence[Passage],
        patience: float | None = None,
        parts: Sequence[str] = (),
    ) -> AsyncGenerator[str | Queued, None]:
        if self._model is None:
            raise ModelUnavailable("there is no language model")
        sent = _crossing(question) if self._abroad else question
        told = prompt(sent, passages, tuple(map(mask, parts)) if self._abroad else parts)
        temperature = AGAIN if question.again else None
        return self._model.stream(told, temperature=temperature, patience=patience)

    async def _steps(self, question: Question, understood: Understanding) -> tuple[Step, ...]:
        """The question with what was found for it; each of the things that it asks for by itself,
        a later one knowing what the earlier spoke of."""
        steps: list[Step] = []
        talk = question.talk
        for part in understood.parts:
            asked = replace(question, text=part, talk=talk)
            meant = await self._understood(asked)
            if guard.set_answer(meant, part) is None:
                steps.append(Step(asked, meant, await self._retrieve(asked, meant)))
                talk = next_talk(asked, meant, _named_in(steps[-1].found))
        if len(steps) > 1 and {step.understood.intent for step in steps} != {understood.intent}:
            return tuple(steps)
        return (Step(question, understood, await self._retrieve(question, understood)),)

    async def _retrieve(self, question: Question, understood: Understanding) -> Material:
        asked = _asked(question, understood)
        avoided = (*question.profile.unwanted, *understood.without)
        meant = (*understood.products, *understood.ingredients)
        found = await self._retriever.passages(
            asked, _kinds(understood), FOUND, avoided=avoided, meant=meant
        )
        if self._dictionary and not any(one.score >= NAMED_FROM for one in found):
            found = [*await self._dictionary(question.text), *found]
        if understood.intent is Intent.COMPARE and len(understood.products) < SIDES:
            found = [*await self._sides(question.text), *found]
        sought: tuple[Passage, ...] = ()
        if _chooses(understood, found):
            others = understood.alike or understood.cheaper
            if not understood.without:
                sought = tuple(one for one in found if _is_named_ingredient(one))
            like = self._spoken_of(understood) if others else None
            more = await self._retriever.passages(
                asked,
                OF_PRODUCTS,
                CHOICE,
                avoided=avoided,
                holding=[one.key for one in sought],
                strict=False,
                category=like.category if like else None,
                prices=_prices(understood, like),
            )
            woven = _woven(found, more) if understood.intent is Intent.CONCERN else more
            named = [one for one in found if one.score >= NAMED_FROM]
            chooses = understood.intent is Intent.RECOMMEND
            if chooses and (others or not any(one.kind in OF_PRODUCTS for one in named)):
                found = _led_by_choice(woven, [] if understood.without else named)
            else:
                found = [*named, *woven]
        helpful = self._helpful(understood, found, avoided)
        told = material(_once([*helpful, *found]), self._retriever)
        if VEGAN in understood.beyond:
            told = _without_animals(told)
        clash = self._clash(question.text, told)
        return replace(told, sought=sought, helpful=helpful, asked=asked, clash=clash)

    def _helpful(
        self, understood: Understanding, found: Sequence[Passage], avoided: Collection[str]
    ) -> tuple[Passage, ...]:
        """Entries of what is known to help with the concerns, where nothing is asked by name."""
        at_most = HELPFUL.get(understood.intent, 0)
        if not at_most or any(one.score >= NAMED_FROM for one in found):
            return ()
        names = (name for name in known_for(understood.concerns) if name not in avoided)
        entries = (self._retriever.about(name, DocumentKind.INGREDIENT) for name in names)
        there = (replace(one, score=JUST_FOUND) for one in entries if one is not None)
        return tuple(islice(there, at_most))

    def _clash(self, text: str, found: Material) -> tuple[Pairing, tuple[str, str]] | None:
        named = {one.key: one.key for one in found.named_ingredients}
        named |= {member: group for group, member in _GROUPS.items() if group in text.upper()}
        for conflict in self._conflicts([{name} for name in named]):
            one, other = conflict.names
            return conflict.pairing, (named[one], named[other])
        return None

    async def _sides(self, text: str) -> list[Passage]:
        """Of what is compared, the products that are not named rightly: the nearest to each side
        that calls itself one."""
        sides = [side for side in _BETWEEN.split(text) if _CALLED.search(side)]
        if len(sides) < SIDES:
            return []
        nearest = [await self._retriever.passages(one, OF_PRODUCTS, 1) for one in sides[:SIDES]]
        return [replace(one, score=NAMED_FROM) for best in nearest for one in best]

    def _spoken_of(self, understood: Understanding) -> ProductFacts | None:
        """The product that others are compared with: «더 싼 건?»."""
        about = (
            self._retriever.about(key, DocumentKind.PRODUCT) for key in understood.products[:1]
        )
        return next((product_facts(one) for one in about if one is not None), None)


def _without_animals(found: Material) -> Material:
    """Who asks for vegan products is shown none with honey in it, unless by its name."""
    fitting = (case for case in found.products if case.named or not animal(case.formula))
    return replace(found, products=tuple(fitting))


def _lead(steps: Sequence[Step]) -> str:
    """What no data tell of the wishes; a model is not asked to say it, nor trusted to."""
    return "".join(f"{one} " for one in dict.fromkeys(map(aside, steps)) if one)


def _led_by(lead: str, done: Consulted) -> Consulted:
    answer = done.answer
    if answer.writer is not Writer.MODEL:
        return done
    return replace(done, answer=replace(answer, text=lead + answer.text))


def _traced(done: Consulted, trace: Trace) -> Consulted:
    return replace(done, answer=replace(done.answer, trace=trace))


def _once(found: Iterable[Passage]) -> list[Passage]:
    firsts: dict[tuple[DocumentKind, str], Passage] = {}
    for one in found:
        firsts.setdefault((one.kind, one.key), one)
    return [*firsts.values()]


def _named_in(found: Material) -> tuple[str, ...]:
    return tuple(case.key for case in found.named_products)


def _crossing(question: Question) -> Question:
    """What of a question may go abroad."""
    profile = replace(question.profile, health=())
    return replace(question, text=mask(question.text), profile=profile)


def _chooses(understood: Understanding, found: Iterable[Passage]) -> bool:
    """Whether products are to be chosen: also for «촉촉한 크림», which names none."""
    if understood.intent is Intent.PRODUCT:
        return not any(one.score >= NAMED_FROM for one in found)
    return understood.intent in (Intent.RECOMMEND, Intent.CONCERN)


def _led_by_choice(more: Sequence[Passage], named: Sequence[Passage]) -> list[Passage]:
    """Who asks for «X 든 거» or «Y 말고 다른 거» gets two products before X and Y."""
    news = [one for one in more if (one.kind, one.key) not in {(of.kind, of.key) for of in named}]
    first = [*dict.fromkeys(one.key for one in news)][:2]
    led = [one for one in news if one.key in first]
    return [*led, *named, *(one for one in news if one.key not in first)]


def _woven(found: Sequence[Passage], more: Sequence[Passage]) -> list[Passage]:
    """The choice, and between it the ingredients at the places where the search of all had them."""
    woven = list(more)
    for at, one in enumerate(found):
        if one.kind is DocumentKind.INGREDIENT and one.score < NAMED_FROM:
            woven.insert(at, one)
    return woven


def _kinds(understood: Understanding) -> tuple[DocumentKind, ...]:
    """The shop's own answers are of its own matters, and of what nobody knows."""
    match understood.intent:
        case Intent.SHOP:
            return (DocumentKind.FAQ,)
        case Intent.UNCLEAR:
            return tuple(DocumentKind)
        case _:
            return (*OF_PRODUCTS, DocumentKind.INGREDIENT)


def _prices(understood: Understanding, like: ProductFacts | None) -> tuple[float, float] | None:
    """Won, both ends within; None where any will do."""
    low, high = 0.0, math.inf
    if understood.budget is not None:
        low, high = understood.budget.low, understood.budget.high
    if understood.cheaper and like is not None and like.price is not None:
        high = min(high, like.price - 1)
    return None if (low, high) == (0, math.inf) else (low, high)


def _asked(question: Question, understood: Understanding) -> str:
    """The question, with what was asked before where it leans on that («더 싼 건?»), and with the
    person's skin type where products are chosen and it names none."""
    text = question.text
    chosen = understood.intent in (Intent.RECOMMEND, Intent.CONCERN)
    if understood.alike or understood.cheaper or (chosen and leans(text, question.talk)):
        text = f"{question.talk.question} {text}".strip()
    skin_type = question.profile.skin_type
    chooses = understood.intent not in (Intent.INGREDIENT, Intent.SHOP)
    if understood.skin_type or skin_type is None or not chooses:
        return text
    return f"{text} {skin_type} 피부"


def _is_named_ingredient(passage: Passage) -> bool:
    return passage.kind is DocumentKind.INGREDIENT and passage.score >= NAMED_FROM


def shown(composed: Composed | None, steps: Sequence[Step]) -> tuple[Passage, ...]:
    """What a model reads: first what the rules would have leant on, then what else was found, of
    each step in turn; nothing in it that commands."""
    first = composed.cited if composed else ()
    turns = zip_longest(*(step.found.passages for step in steps))
    others = (one for turn in turns for one in turn if one is not None)
    found = tuple(dict.fromkeys((*first, *others)))[:PASSAGES]
    return tuple(replace(one, text=disarmed(one.text)) for one in found)


def _composed(composed: Composed | None, understood: Understanding) -> Consulted:
    if composed is None:
        return Consulted(Answer(guard.nothing_found(understood), writer=Writer.GUARD), ())
    numbered = enumerate(composed.cited, start=1)
    return _consulted(composed.text, numbered, Writer.COMPOSED)


def _placed(done: Consulted, question: Question, understood: Understanding) -> Consulted:
    """With what it was understood to want, and what the next question may refer to."""
    sources = done.answer.sources
    named = (one.title for one in sources if one.kind is DocumentKind.INGREDIENT)
    answer = replace(
        done.answer,
        intent=understood.intent,
        said=understood.said,
        talk=next_talk(question, understood, filter(None, done.keys), named),
    )
    return replace(done, answer=answer)


def _told(why: str, fallback: Consulted) -> Consulted:
    """The composed answer, and why it is that."""
    answer = fallback.answer
    return replace(fallback, answer=replace(answer, text=why + answer.text, writer=Writer.FALLBACK))


async def _guarded(
    written: AsyncGenerator[str | Queued, None], gate: Gate
) -> AsyncGenerator[str | Queued, None]:
    """What may be shown, as it comes; judging takes milliseconds that the loop is not held for."""
    async with aclosing(written) as pieces:
        async for piece in pieces:
            if isinstance(piece, Queued):
                yield piece
            elif gate.hears(piece) and (shown := await asyncio.to_thread(gate.passes)):
                yield shown


async def _checked(gate: Gate, passages: tuple[Passage, ...]) -> Consulted | None:
    """None where nothing of the model's text may stand."""
    passed = await asyncio.to_thread(gate.done)
    if passed.turned:
        return Consulted(Answer(guard.TURNED, writer=Writer.GUARD), ())
    cited = ((number, passages[number - 1]) for number in passed.cited)
    return _consulted(passed.text, cited, Writer.MODEL) if passed.text else None


def _consulted(text: str, cited: Iterable[tuple[int, Passage]], writer: Writer) -> Consulted:
    pairs = list(cited)
    sources = tuple(Source(number, one.kind, one.title) for number, one in pairs)
    keys = tuple(one.key if one.kind in OF_PRODUCTS else None for _, one in pairs)
    return Consulted(Answer(text, sources, writer), keys)
