"""Dialogue ↔ versioned JSON in the store, and facts → rows, in one transaction."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, assert_never

import cattrs
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from bot.conversation import Remembered
from bot.dialogue.model import (
    ConsentDecided,
    Dialogue,
    Event,
    Fact,
    FeedbackGiven,
    PersonErased,
    ProductLiked,
    ProductUnliked,
    QuestionAnswered,
    Request,
    Resting,
    Scene,
    SurveyCompleted,
    Turn,
)
from engine.domain import Person
from engine.store.people import Keeping, People

FORM = 1
"""Version of the written form; a reader of another form keeps what it still understands."""

logger = logging.getLogger(__name__)


def _converter() -> cattrs.Converter:
    converter = make_converter()
    configure_tagged_union(Scene, converter)
    configure_tagged_union(Request, converter)
    known, maybe = converter.get_structure_hook(Request), Request | None
    converter.register_structure_hook(maybe, lambda value, _: value and known(value, Request))
    converter.register_unstructure_hook(
        maybe, lambda value: value and converter.unstructure(value, unstructure_as=Request)
    )
    return converter


_CONVERTER = _converter()


def written(dialogue: Dialogue) -> str:
    """JSON, at most 8 KiB for any dialogue the scenes can make."""
    content = _CONVERTER.unstructure(dialogue)
    return json.dumps(
        {"form": FORM, "dialogue": content}, ensure_ascii=False, separators=(",", ":")
    )


def read(text: str) -> Dialogue:
    """The dialogue; where its scene is of another version, the menu, everything else kept."""
    content: dict[str, Any] = json.loads(text)["dialogue"]
    try:
        return _CONVERTER.structure(content, Dialogue)
    except (cattrs.BaseValidationError, KeyError, ValueError) as error:
        logger.warning("a dialogue of another version goes on at the menu: %s", error)
        home = {
            "scene": _CONVERTER.unstructure(Resting(), Scene),
            "open": None,
            "offers": [],
            "rated": {},
        }
        return _CONVERTER.structure(content | home, Dialogue)


class StoredMemory:
    def __init__(self, people: People) -> None:
        self._people = people

    async def recall(self, person: Person) -> Remembered:
        record = await self._people.recall(person)
        if record is None:
            return Remembered(Dialogue())
        return Remembered(read(record.state), record.version, record.shown)

    async def keep(
        self, person: Person, remembered: Remembered, turn: Turn, event: Event | None
    ) -> int:
        """Dialogue, facts, event id and open request, all or nothing."""
        name = getattr(event, "id", None)
        async with self._people.keeping(
            person, at=_moment(event), event=name, expected=remembered.version
        ) as keeping:
            for fact in turn.facts:
                await _record(keeping, fact)
            if turn.forget or any(isinstance(fact, PersonErased) for fact in turn.facts):
                await keeping.forget()
                return 0
            await keeping.state(written(turn.dialogue), waiting=turn.dialogue.open is not None)
        return remembered.version + 1

    async def shown(self, person: Person, version: int) -> None:
        await self._people.shown(person, version)

    async def unfinished(self, channel: str) -> tuple[Person, ...]:
        """People who are owed a reply, as a start of the process finds them."""
        return await self._people.unfinished(channel)


async def _record(keeping: Keeping, fact: Fact) -> None:
    match fact:
        case ConsentDecided(at, agreed, version, text):
            await keeping.consent(agreed=agreed, version=version, text=text, at=at)
        case SurveyCompleted(at, profile):
            await keeping.profile(profile, at)
        case ProductLiked(at, product, rating):
            await keeping.like(product, rating, at)
        case ProductUnliked(_, product):
            await keeping.unlike(product)
        case QuestionAnswered(at, ticket, question, answer):
            await keeping.answer(ticket, question, answer, at)
        case FeedbackGiven(at, good, product, answer):
            await keeping.feedback(good=good, product=product, answer=answer, at=at)
        case PersonErased():
            pass  # the caller forgets the whole person
        case _:
            assert_never(fact)


def _moment(event: Event | None) -> datetime:
    return datetime.now(UTC) if event is None else event.at
