"""Understand → retrieve → prompt or compose → an answer with its sources."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from engine.domain import Answer, DocumentKind, Passage, Question, Source, Writer
from engine.errors import ModelUnavailable
from engine.generation import guard
from engine.generation.composed import Composed, compose
from engine.generation.intent import Intent, Understanding, understand
from engine.generation.material import NAMED_FROM, Material, PassageRetriever, material
from engine.generation.model import LanguageModel
from engine.generation.prompts import PASSAGES, prompt
from engine.parsing.privacy import mask

RESTING = "지금 답변 모델이 쉬고 있어서, 자료를 정리해 바로 답해 드려요.\n\n"
FOUND = 10
CHOICE = 40
"""Asked where products are to be chosen from: their reviews decide, the likeness only helps."""
"""Passages asked of the retriever; products among them are completed with their other document."""
_OF_PRODUCTS = (DocumentKind.PRODUCT, DocumentKind.REVIEWS)


Dictionary = Callable[[str], Awaitable[Sequence[Passage]]]
"""A sentence → the ingredients it names."""


@dataclass(frozen=True, slots=True)
class Consulted:
    """The end of a consultation. `Source.product` is None; the caller maps keys to ids."""

    answer: Answer
    keys: tuple[str | None, ...]
    """The shop's product key of each source, in the order of `answer.sources`; None for an
    ingredient."""


class Consultant:
    """Answers questions from one retriever; composed where `model` is None or gone."""

    def __init__(
        self,
        retriever: PassageRetriever,
        model: LanguageModel | None = None,
        dictionary: Dictionary | None = None,
        *,
        abroad: bool = False,
    ) -> None:
        """`dictionary` is asked where the index knows nothing that the question names: most of
        its ingredients are in no product, and not worth a vector.

        `abroad`: the model's server stands abroad. It is sent nothing but the questions of those
        who agreed to that, and nothing of their health (개인정보 보호법 제28조의8)."""
        self._retriever = retriever
        self._model = model
        self._dictionary = dictionary
        self._abroad = abroad

    async def consult(self, question: Question) -> AsyncGenerator[str | Consulted, None]:
        """Pieces of a model's text as they come, at last exactly one Consulted.

        The pieces are progress: what the answer says at the end is what stands.
        Raises IndexUnavailable.
        """
        understood = understand(question.text)
        words = guard.set_answer(understood.intent, question.text)
        if words is not None:
            yield Consulted(Answer(words, writer=Writer.GUARD), ())
            return
        found = await self._retrieve(question, understood)
        composed = compose(question, understood, found)
        fallback = _composed(composed)
        if self._model is None or not found.passages or (self._abroad and not question.abroad):
            yield fallback
            return
        sent = _crossing(question) if self._abroad else question
        passages = _shown(composed, found)
        text = ""
        try:
            async with aclosing(self._model.stream(prompt(sent, passages))) as pieces:
                async for piece in pieces:
                    text += piece
                    yield piece
        except ModelUnavailable:
            yield _resting(fallback)
            return
        yield _checked(text, passages) or fallback

    async def _retrieve(self, question: Question, understood: Understanding) -> Material:
        asked = _asked(question, understood)
        avoided = (*question.profile.unwanted, *understood.without)
        found = await self._retriever.passages(asked, n=FOUND, avoided=avoided)
        if self._dictionary and not any(one.score >= NAMED_FROM for one in found):
            found = [*await self._dictionary(question.text), *found]
        sought: tuple[Passage, ...] = ()
        if _chooses(understood, found):
            if not understood.without and not understood.alike:
                sought = tuple(one for one in found if _is_named_ingredient(one))
            more = await self._retriever.passages(
                asked,
                _OF_PRODUCTS,
                CHOICE,
                avoided=avoided,
                holding=[one.key for one in sought],
                strict=False,
            )
            found = [one for one in found if one.score >= NAMED_FROM] + more
        return replace(material(found, self._retriever), sought=sought)


def _crossing(question: Question) -> Question:
    """What of a question may go abroad."""
    profile = replace(question.profile, health=())
    return replace(question, text=mask(question.text), profile=profile)


def _chooses(understood: Understanding, found: Iterable[Passage]) -> bool:
    """Whether products are to be chosen: also for «촉촉한 크림», which names none."""
    if understood.intent is Intent.PRODUCT:
        return not any(one.score >= NAMED_FROM for one in found)
    return understood.intent in (Intent.RECOMMENDATION, Intent.CONCERN)


def _asked(question: Question, understood: Understanding) -> str:
    """The question with the person's skin type, where it names none."""
    skin_type = question.profile.skin_type
    if understood.skin_type or skin_type is None:
        return question.text
    return f"{question.text} {skin_type} 피부"


def _is_named_ingredient(passage: Passage) -> bool:
    return passage.kind is DocumentKind.INGREDIENT and passage.score >= NAMED_FROM


def _shown(composed: Composed | None, found: Material) -> tuple[Passage, ...]:
    """What a model reads: first what the rules would have leant on, then what else was found."""
    first = composed.cited if composed else ()
    return (*first, *(one for one in found.passages if one not in first))[:PASSAGES]


def _composed(composed: Composed | None) -> Consulted:
    if composed is None:
        return Consulted(Answer(guard.NOTHING_FOUND, writer=Writer.GUARD), ())
    numbered = enumerate(composed.cited, start=1)
    return _consulted(composed.text, numbered, Writer.COMPOSED)


def _resting(fallback: Consulted) -> Consulted:
    answer = fallback.answer
    told = replace(answer, text=RESTING + answer.text, writer=Writer.FALLBACK)
    return replace(fallback, answer=told)


def _checked(text: str, passages: tuple[Passage, ...]) -> Consulted | None:
    passed = guard.checked(text, len(passages))
    if passed is None:
        return None
    shown, numbers = passed
    cited = ((number, passages[number - 1]) for number in numbers)
    return _consulted(shown, cited, Writer.MODEL)


def _consulted(text: str, cited: Iterable[tuple[int, Passage]], writer: Writer) -> Consulted:
    pairs = list(cited)
    sources = tuple(Source(number, one.kind, one.title) for number, one in pairs)
    keys = tuple(None if one.kind is DocumentKind.INGREDIENT else one.key for _, one in pairs)
    return Consulted(Answer(text, sources, writer), keys)
