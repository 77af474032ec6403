"""Dialogue ↔ versioned JSON in the store, and facts → rows, in one transaction."""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, assert_never

import cattrs
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from bot.conversation import Remembered
from bot.dialogue.model import (
    AnswerPreferred,
    ConfirmationAsked,
    ConsentDecided,
    ConsentWithdrawn,
    Dialogue,
    Event,
    Fact,
    FeedbackGiven,
    Milestone,
    Noted,
    PersonErased,
    ProductLiked,
    ProductUnliked,
    ProfileAmended,
    QuestionAnswered,
    Request,
    Resting,
    Scene,
    SurveyCompleted,
    Turn,
)
from bot.dialogue.proofs import stands
from engine.domain import Person, Purpose
from engine.store.people import Keeping, People

FORM = 1
"""Version of the written form; a reader of another form keeps what it still understands."""
TOLD = ("retention_days", "shop", "contact", "abroad", "daily_answers", "admin")
"""What the operator says now, put in at every recall: it is not written."""
LAST_SEEN = 1000
"""Dialogues held beside the store; each takes a few KiB."""

logger = logging.getLogger(__name__)


def _converter() -> cattrs.Converter:
    converter = make_converter(omit_if_default=True)
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
    for name in TOLD:
        content.pop(name, None)
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
    """Two things spare the store work at every press.

    The dialogue that was kept last is held here too. It may be old (another process serves the
    same person), which the version's check in `keep` finds out: then nothing is kept, and the
    store is asked.

    Who waits for `shown` while another's mark is being written is marked together with all who
    wait, in one transaction.
    """

    def __init__(
        self,
        people: People,
        retention_days: int = 365,
        admins: Collection[Person] = frozenset(),
        *,
        shop: str = "",
        abroad: bool = False,
        daily_answers: int = 0,
        contact: str = "",
    ) -> None:
        """`shop`: the operator's name, `contact`: how to reach them. `abroad`: the language model
        stands abroad.
        `daily_answers`: of the model, for each person; 0: no limit."""
        self._people = people
        self._retention_days = retention_days
        self._admins = admins
        self._shop = shop
        self._contact = contact
        self._abroad = abroad
        self._daily_answers = daily_answers
        self._last: OrderedDict[Person, Remembered] = OrderedDict()
        self._shown: dict[Person, int] = {}
        """Waiting to be written."""
        self._marking = asyncio.Lock()

    async def recall(self, person: Person, *, fresh: bool) -> Remembered:
        if not fresh and person in self._last:
            return self._last[person]
        record = await self._people.recall(person)
        if record is None:
            return Remembered(self._told(Dialogue(), person))
        dialogue = self._told(read(record.state), person)
        remembered = Remembered(dialogue, record.version, record.shown)
        self._hold(person, remembered)
        return remembered

    async def keep(
        self, person: Person, remembered: Remembered, turn: Turn, event: Event | None
    ) -> int:
        """Dialogue, facts, event id and open request, all or nothing."""
        # Whatever ends this early, a cancelled task too, leaves nothing behind to mislead.
        self._last.pop(person, None)
        forgotten = turn.forget or any(isinstance(fact, PersonErased) for fact in turn.facts)
        async with self._people.keeping(
            person,
            at=_moment(event),
            event=getattr(event, "id", None),
            expected=remembered.version,
        ) as keeping:
            for fact in turn.facts:
                await _record(keeping, fact, known=bool(turn.dialogue.agreed))
            if forgotten:
                await keeping.forget()
            else:
                if person.address and stands(turn.dialogue, Purpose.ADVERTISING):
                    await keeping.address(person.address)  # it may be another by now
                await keeping.state(written(turn.dialogue), waiting=turn.dialogue.open is not None)
        if forgotten:
            return 0
        version = remembered.version + 1
        self._hold(person, Remembered(turn.dialogue, version, remembered.shown))
        return version

    async def shown(self, person: Person, version: int) -> None:
        self._shown[person] = version
        async with self._marking:
            if person not in self._shown:
                return  # written along with another's
            marks, self._shown = self._shown, {}
            try:
                await self._people.all_shown(marks)
            except BaseException:
                # Also where only this one's page went: the others' marks are tried by the next.
                self._shown = marks | self._shown
                raise

    async def unfinished(self, channel: str) -> tuple[Person, ...]:
        """People who are owed a reply, as a start of the process finds them."""
        return await self._people.unfinished(channel)

    def _told(self, dialogue: Dialogue, person: Person) -> Dialogue:
        """With what the operator says now, whatever it was when the dialogue was kept."""
        admin = person in self._admins
        return replace(
            dialogue,
            retention_days=self._retention_days,
            admin=admin,
            shop=self._shop,
            contact=self._contact,
            abroad=self._abroad,
            daily_answers=self._daily_answers,
        )

    def _hold(self, person: Person, remembered: Remembered) -> None:
        self._last[person] = remembered
        self._last.move_to_end(person)
        if len(self._last) > LAST_SEEN:
            self._last.popitem(last=False)


async def _record(keeping: Keeping, fact: Fact, *, known: bool) -> None:
    """`known`: the person agreed to be."""
    match fact:
        case ConsentDecided(at, agreed, version, text, purpose):
            await keeping.consent(agreed=agreed, version=version, text=text, at=at, purpose=purpose)
            if agreed and purpose is Purpose.SERVICE:
                await keeping.note(Milestone.CONSENTED.value, "", at, known=known)
        case ConfirmationAsked(at):
            await keeping.asked_to_confirm(at)
        case SurveyCompleted(at, profile) | ProfileAmended(at, profile):
            await keeping.profile(profile, at)
        case ConsentWithdrawn():
            await keeping.withdraw()
        case ProductLiked(at, product, rating):
            await keeping.like(product, rating, at)
        case ProductUnliked(_, product):
            await keeping.unlike(product)
        case QuestionAnswered(at, ticket, question, answer, again_of):
            await keeping.answer(ticket, question, answer, at, again_of=again_of)
        case AnswerPreferred(_, ticket, second):
            await keeping.prefer(ticket, second)
        case FeedbackGiven(at, good, product, answer, reason):
            await keeping.feedback(
                good=good, product=product, answer=answer, at=at, reason=reason or ""
            )
        case Noted(at, milestone, detail):
            await keeping.note(milestone.value, detail, at, known=known)
        case PersonErased():
            pass  # the caller forgets the whole person
        case _:
            assert_never(fact)


def _moment(event: Event | None) -> datetime:
    return datetime.now(UTC) if event is None else event.at
