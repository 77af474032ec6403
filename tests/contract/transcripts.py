"""A transcript: what a person does and what is then read, in a small text file.

    # a comment
    < agreed                      begins as beginnings/agreed.txt ends
    > /start                      says it
    > [추천 받기]                 presses the newest button of this label, on the screen or not
    > [👍] 달빛 수분 크림         … of the card of this product
    > <pick:999>                  presses a button that carries this
    > (sticker)                   sends a sticker, photo, voice or other
    > (the same again)            the last event comes a second time, under its first id
    >> 천천히 …                   does not wait for the answer's end, only until it grows
    ! restart                     every process ends, and another starts over the same store
    ! the shop fails: unavailable (any Failure) … ! the shop works
    ! forgotten                   the store keeps nothing of the person but the proof of consent

Under an event stands what is read, in this order, gaps allowed: `[label] [label]`, a piece of
text, or `{NAME}`, a sentence of `bot.dialogue.texts` (`{FAILURES.unavailable}` of a table,
`{consent(365)}` made for a number).
`- …` is not read. `=` alone: nothing is read at all.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.dialogue import texts
from bot.dialogue.model import Failure, Media

FOLDER = Path(__file__).parent / "transcripts"
_LABEL = re.compile(r"\[.*?\](?= \[|$)")
_SENTENCE = re.compile(r"\{(\w+)(?:\.(\w+)|\((\d+)\))?\}")


@dataclass(frozen=True)
class Say:
    text: str


@dataclass(frozen=True)
class Press:
    label: str
    about: str = ""


@dataclass(frozen=True)
class PressRaw:
    written: str


@dataclass(frozen=True)
class Send:
    media: Media


@dataclass(frozen=True)
class Again:
    """The last event once more."""


Doing = Say | Press | PressRaw | Send | Again


@dataclass(frozen=True)
class Restart:
    pass


@dataclass(frozen=True)
class ShopFails:
    failure: Failure | None


@dataclass(frozen=True)
class Forgotten:
    pass


@dataclass
class Step:
    line: int
    what: Doing | Restart | ShopFails | Forgotten
    waits: bool = True
    """Until all that came of it was shown."""
    read: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    silent: bool = False


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def transcript(name: str) -> list[Step]:
    """Raises ValueError where a line cannot be understood."""
    return _read(FOLDER / f"{name}.txt")


def _read(file: Path) -> list[Step]:
    steps: list[Step] = []
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("< "):
            steps += _read(FOLDER / "beginnings" / f"{line[2:]}.txt")
        elif line[0] in ">!":
            steps.append(_step(number, line))
        elif not steps:
            raise ValueError(f"{file.name}:{number}: nothing was done yet")
        elif line == "=":
            steps[-1].silent = True
        elif line.startswith("- "):
            steps[-1].unread += _wanted(line[2:])
        else:
            steps[-1].read += _wanted(line)
    return steps


def _step(number: int, line: str) -> Step:
    mark, _, rest = line.partition(" ")
    if mark == "!":
        return Step(number, _circumstance(rest))
    return Step(number, _doing(rest), waits=mark == ">")


def _doing(text: str) -> Doing:
    if text == "(the same again)":
        return Again()
    if found := re.fullmatch(r"\((\w+)\)", text):
        return Send(Media(found[1]))
    if found := re.fullmatch(r"<(.+)>", text):
        return PressRaw(found[1])
    if found := re.fullmatch(r"\[(.+)\](?: (.+))?", text):
        return Press(found[1], found[2] or "")
    return Say(_filled(text))


def _circumstance(text: str) -> Restart | ShopFails | Forgotten:
    if found := re.fullmatch(r"the shop fails: (\w+)", text):
        return ShopFails(Failure(found[1]))
    known: dict[str, Restart | ShopFails | Forgotten] = {
        "restart": Restart(),
        "forgotten": Forgotten(),
        "the shop works": ShopFails(None),
    }
    return known[text]


def _wanted(line: str) -> tuple[str, ...]:
    if line.startswith("["):
        return tuple(_LABEL.findall(line))
    return tuple(part for part in _filled(line).splitlines() if part)


def _filled(line: str) -> str:
    return _SENTENCE.sub(lambda found: _sentence(*found.groups()), line)


def _sentence(name: str, key: str | None, number: str | None) -> str:
    found = getattr(texts, name)
    if number is not None:
        return str(found(int(number)))
    return str(found if key is None else {str(each): said for each, said in found.items()}[key])
