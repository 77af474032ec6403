"""Pages: outputs and quick replies dealt out over responses that KakaoTalk takes.

«더 보기» leads to the next page, «앞 화면 보기» back: quick replies are gone from the screen as
soon as one of them was pressed.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.dialogue import texts
from bot.dialogue.actions import written
from bot.dialogue.labels import key
from bot.dialogue.model import Action
from bot.kakao.schema import OUTPUTS, QUICK_REPLIES, Output, QuickReply, Say, SimpleText
from bot.kakao.schema import SkillResponse as Page
from bot.kakao.words import head

OUTPUT_BYTES: Final = 26_000
"""Of a body's 30,720; the rest is for quick replies."""
SAID: Final = 60
"""Of a long label, what the person is seen to say."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button that means something here; links are drawn apart."""

    label: str
    action: Action
    about: str = ""
    leads: bool = False
    """The way on: it stands on the first page."""

    def tap(self, version: int) -> Say:
        """The person is seen to say the label, which means the same where it is typed."""
        return Say(head(self.label, SAID), carried(written(self.action), version))


@dataclass(frozen=True, slots=True)
class Piece:
    """What one reply becomes."""

    outputs: tuple[Output, ...]
    chips: tuple[Press, ...] = ()
    """Under the last output; their labels fit."""


def carried(action: str, version: int) -> Mapping[str, Any]:
    """What a button brings back in `clientExtra`."""
    return {"action": action, "v": version}


def paged(pieces: Sequence[Piece], version: int) -> tuple[Page, ...]:
    screens = tuple(_screens(pieces))
    shared = _shared(chip for _, chips in screens for chip in chips)
    drawn: list[Page] = []
    for outputs, chips in screens:
        last = len(screens) == 1 or outputs is screens[-1][0]
        rest, shown = _distinct(chips), outputs
        while shown:
            room = QUICK_REPLIES - bool(drawn)
            ends = last and len(rest) <= room
            now, rest = _dealt(rest, room if ends else room - 1)
            turns = _turns(len(drawn), version, ends=ends)
            replies = (*(_chip(one, shared, version) for one in now), *turns)
            drawn.append(Page(shown, replies))
            shown = (SimpleText(texts.MORE_BELOW),) if rest else ()
    return tuple(drawn)


def _screens(pieces: Sequence[Piece]) -> Iterator[tuple[tuple[Output, ...], tuple[Press, ...]]]:
    """Outputs of one response each, and the chips that belong under them."""
    outputs: list[Output] = []
    chips: list[Press] = []
    for piece in pieces:
        for output in piece.outputs:
            if outputs and not _fit([*outputs, output]):
                yield tuple(outputs), tuple(chips)
                outputs, chips = [], []
            outputs.append(output)
        chips += piece.chips
    if outputs:
        yield tuple(outputs), tuple(chips)


def _fit(outputs: Sequence[Output]) -> bool:
    drawn = json.dumps([each.to_json() for each in outputs], ensure_ascii=False)
    return len(outputs) <= OUTPUTS and len(drawn.encode("utf-8", "replace")) <= OUTPUT_BYTES


def _shared(chips: Iterable[Press]) -> frozenset[str]:
    """Labels of several meanings: 👍 under three cards."""
    meanings: dict[str, set[Action]] = {}
    for chip in chips:
        meanings.setdefault(key(chip.label), set()).add(chip.action)
    return frozenset(label for label, actions in meanings.items() if len(actions) > 1)


def _distinct(chips: Sequence[Press]) -> tuple[Press, ...]:
    """One for each label, where the first stands."""
    first: dict[str, Press] = {}
    for chip in chips:
        first.setdefault(key(chip.label), chip)
    return tuple(first.values())


def _dealt(chips: tuple[Press, ...], room: int) -> tuple[tuple[Press, ...], tuple[Press, ...]]:
    """As many as there is room for, and the rest. The way on is among the first."""
    if len(chips) <= room:
        return chips, ()
    leading = [chip for chip in chips if chip.leads][:room]
    others = [chip for chip in chips if chip not in leading]
    now = (*others[: room - len(leading)], *leading)
    return now, tuple(chip for chip in chips if chip not in now)


def _chip(press: Press, shared: frozenset[str], version: int) -> QuickReply:
    """A label of several meanings is only said: the core asks which is meant."""
    if key(press.label) not in shared:
        return QuickReply(press.label, press.tap(version))
    bare = press.label.removeprefix(texts.CHOSEN)
    return QuickReply(bare, Say(bare))


def _turns(page: int, version: int, *, ends: bool) -> Iterator[QuickReply]:
    back = ((texts.LESS, page - 1),) if page else ()
    on = () if ends else ((texts.MORE, page + 1),)
    for label, to in (*back, *on):
        yield QuickReply(label, Say(label, carried(f"more:{version}:{to}", version)))
