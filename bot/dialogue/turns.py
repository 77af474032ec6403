"""How a scene makes its turn: say, ask, or both; and the rows that several scenes share."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.dialogue import texts
from bot.dialogue.actions import read
from bot.dialogue.model import (
    Action,
    Button,
    Dialogue,
    Fact,
    Finding,
    FinishPicking,
    Menu,
    Milestone,
    Noted,
    Open,
    Picking,
    Planning,
    ReadingWhy,
    Recommending,
    Reply,
    Request,
    Rows,
    Scene,
    Turn,
)
from engine.domain import SkinProfile
from engine.parsing.privacy import mask

TO_HOME = Button(texts.HOME, Open(Menu.HOME))
SEARCH_KEPT: Final = 60
"""Characters of a search in vain that are counted by."""


def say(dialogue: Dialogue, *replies: Reply) -> Turn:
    return Turn(dialogue, replies)


def ask(dialogue: Dialogue, request: Callable[[int], Request], *replies: Reply) -> Turn:
    """A turn whose request carries the next ticket."""
    ticket = dialogue.ticket + 1
    wanted = request(ticket)
    return Turn(replace(dialogue, ticket=ticket, open=wanted), replies, request=wanted)


def moved(dialogue: Dialogue, scene: Scene) -> Dialogue:
    """Going somewhere closes what was asked for (its result will come too late) and leaves a
    round of recommendations open for coming back, and the lists where they are."""
    here = isinstance(scene, Recommending | ReadingWhy)  # these hold their round themselves
    return replace(
        dialogue,
        scene=scene,
        open=None,
        round=None if here else round_of(dialogue),
        picker=scene if isinstance(scene, Picking) else dialogue.picker,
        planner=scene if isinstance(scene, Planning) else dialogue.planner,
        finder=scene if isinstance(scene, Finding) and scene.text is not None else dialogue.finder,
    )


def round_of(dialogue: Dialogue) -> Recommending | None:
    """The round of recommendations that the person is in, or left to read something."""
    match dialogue.scene:
        case Recommending() as scene:
            return scene
        case ReadingWhy(_, back):
            return back
        case _:
            return dialogue.round


def back_to_cards(dialogue: Dialogue) -> Rows:
    """«추천으로 돌아가기» where the person came from recommendations."""
    return () if dialogue.round is None else ((Button(texts.BACK_TO_CARDS, FinishPicking()),),)


def with_facts(turn: Turn, *facts: Fact) -> Turn:
    return replace(turn, facts=(*turn.facts, *facts))


def preceded(turn: Turn, *replies: Reply) -> Turn:
    return replace(turn, replies=(*replies, *turn.replies))


def searched_in_vain(turn: Turn, text: str, at: datetime) -> Turn:
    """Counted by what was searched for, without personal data."""
    words = " ".join(mask(text).casefold().split())[:SEARCH_KEPT]
    return with_facts(turn, Noted(at, Milestone.SEARCHED_IN_VAIN, words)) if words else turn


def column(buttons: Iterable[Button]) -> Rows:
    return tuple((button,) for button in buttons)


def grid(buttons: Sequence[Button], width: int) -> Rows:
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def page_row(page: int, pages: int, show: Callable[[int], Action]) -> Rows:
    """«◀ 이전» and «다음 ▶», each only where it leads somewhere."""
    back = (Button(texts.PREVIOUS, show(page - 1)),) if page > 1 else ()
    on = (Button(texts.NEXT, show(page + 1)),) if page < pages else ()
    return (back + on,) if back or on else ()


def leafing(dialogue: Dialogue) -> tuple[Action, ...]:
    """What the page buttons on the screen mean: their list's bubble is turned in place."""
    actions = (
        read(offer.action)
        for offer in dialogue.offers
        if offer.label in (texts.PREVIOUS, texts.NEXT)
    )
    return tuple(action for action in actions if action is not None)


def profile_of(dialogue: Dialogue) -> SkinProfile:
    return dialogue.profile or SkinProfile()
