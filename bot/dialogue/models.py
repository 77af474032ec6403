"""Who writes the answers: what the shop's admins choose, load and unload while the bot runs."""

from collections.abc import Sequence
from typing import Final

from bot.dialogue import models_texts as words
from bot.dialogue.model import (
    ADAPTER,
    Adapt,
    AskModels,
    Bubble,
    Button,
    Deed,
    Dialogue,
    Menu,
    ModelsListed,
    Open,
    Rows,
    Turn,
    ViewingModels,
)
from bot.dialogue.turns import TO_HOME, ask, column, moved, say

OFFERED: Final = 12
"""Adapters of a kind."""


def show(dialogue: Dialogue) -> Turn:
    return ask(moved(dialogue, ViewingModels()), AskModels)


def adapt(dialogue: Dialogue, action: Adapt) -> Turn:
    """Drawn again after a crash, the scene only looks what is so."""
    here = moved(dialogue, ViewingModels())
    return ask(here, lambda ticket: AskModels(ticket, action.deed, action.adapter))


def listed(dialogue: Dialogue, result: ModelsListed) -> Turn:
    text = "\n\n".join(filter(None, (words.came_of(result), words.state(result))))
    return say(dialogue, Bubble(text, _rows(result), replaces=True))


def _rows(result: ModelsListed) -> Rows:
    again = Button(words.LOOK_AGAIN, Open(Menu.MODELS))
    if not result.base:
        return ((again, TO_HOME),)
    others = [one for one in _named(result.loaded) if one != result.chosen]
    buttons = [
        *(() if result.chosen == result.base else (_button(Deed.SPEAK, ""),)),
        *(_button(Deed.SPEAK, one) for one in others),
        *(_button(Deed.LOAD, one) for one in _named(result.loadable)),
        *(_button(Deed.UNLOAD, one) for one in others),
    ]
    return (*column(buttons), (again, TO_HOME))


def _named(adapters: Sequence[str]) -> list[str]:
    return [one for one in adapters if ADAPTER.fullmatch(one)][:OFFERED]


def _button(deed: Deed, adapter: str) -> Button:
    tone = "danger" if deed is Deed.UNLOAD else "plain"
    return Button(words.label(deed, adapter), Adapt(deed, adapter), tone=tone)
