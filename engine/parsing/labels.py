"""What was read off a photographed label: where its list of ingredients stands, and which known
names its letters mean.

A reader of pictures takes commas for dots, loses some, breaks names at the label's edge and
mistakes strokes («소등» for «소듐»). So nothing here trusts a separator: the text is cut into
pieces at every one, and the pieces are put together again as the known names say.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.parsing.korean import squeeze

LETTERS_AT_MOST: Final = 6_000
"""Of a label; a list of a hundred names has about 1,500."""
PIECES_AT_MOST: Final = 400
SPAN_AT_MOST: Final = 6
"""Pieces of one name."""
ALIKE_FROM: Final = 78.0
"""Of 100; less alike is not the same name."""
UNKNOWN_AT_MOST: Final = 20

_HEAD: Final = re.compile(
    r"[전천진]\s*[성싱정]\s*[분본북]\s*[:;.\]】)>]?|성\s*분\s*[:;]|INGREDIENTS?\s*[:;]?", re.I
)
_TAIL: Final = re.compile(
    r"사용\s*할?\s*때의|사용\s*시의?\s*주의|주의\s*사항|사용\s*(?:방법|법|기한)|[화하]장품\s*책임|책임\s*판매"
    r"|제조\s*(?:업자|번호|원|국)|소비자\s*상담|고객\s*(?:센터|상담)|내용량|직사광선|보관\s*(?:방법|시)|유통\s*기한"
)
_SEPARATOR: Final = re.compile(r"[,;|、，।.·ㆍ:]|[^\S\n]{2,}")
_LOCANTS: Final = re.compile(r"(?<![\d가-힣])(\d)\s*[,.]?\s*(\d)(?=\s*[-~]?\s*[가-힣])")
_PIECE: Final = re.compile(r"[^\s,;|、，।.·ㆍ:]+")
_HANGUL: Final = re.compile(r"[가-힣]")

Known = Callable[[str], tuple[int, float] | None]
"""A squeezed text → the id of the name nearest to it and their likeness of 100; None where nothing
is near, or several are equally."""


@dataclass(frozen=True, slots=True)
class LabelNames:
    known: tuple[int, ...]
    """Ids in the label's order, each once."""
    unknown: tuple[str, ...]
    """What looks like a name and is like none that is known."""


def listed_part(text: str) -> str | None:
    """From after «전성분» to where the label speaks of something else; None without a heading."""
    head = _HEAD.search(text)
    if head is None:
        return None
    part = text[head.end() :]
    tail = _TAIL.search(part)
    return part[: tail.start()] if tail else part


def label_names(text: str, known: Known) -> LabelNames:
    """The names in the list that `text`, read off a label, holds.

    Where its heading was not read, names are looked for everywhere, and what is like none is no
    name: most of it is other sentences.
    """
    text = text[:LETTERS_AT_MOST]
    part = listed_part(text)
    pieces = _pieces(text if part is None else part)
    chosen = _chosen(pieces, known)
    ids: dict[int, None] = {}
    missed: list[list[_Piece]] = [[]]
    place = 0
    while place < len(pieces):
        if place in chosen:
            length, found = chosen[place]
            ids[found] = None
            missed.append([])
            place += length
        else:
            if pieces[place].begins:
                missed.append([])
            missed[-1].append(pieces[place])
            place += 1
    names = (" ".join(piece.text for piece in run) for run in missed)
    unknown = dict.fromkeys(name for name in names if part is not None and _is_name(name))
    return LabelNames(tuple(ids), tuple(unknown)[:UNKNOWN_AT_MOST])


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    begins: bool
    """A separator stands before it."""


def _pieces(text: str) -> list[_Piece]:
    text = _LOCANTS.sub(r"\1\2", text)
    pieces, end = [], 0
    for match in _PIECE.finditer(text):
        between = text[end : match.start()]
        pieces.append(_Piece(match[0], bool(_SEPARATOR.search(between)) or not end))
        end = match.end()
    return pieces[:PIECES_AT_MOST]


def _chosen(pieces: Sequence[_Piece], known: Known) -> dict[int, tuple[int, int]]:
    """Place of a name's first piece → its number of pieces and its id: those names that together
    explain most letters."""
    best = [0.0] * (len(pieces) + 1)
    step: dict[int, tuple[int, int]] = {}
    for place in reversed(range(len(pieces))):
        best[place] = best[place + 1]
        for length in range(1, min(SPAN_AT_MOST, len(pieces) - place) + 1):
            run = pieces[place : place + length]
            text = squeeze("".join(piece.text for piece in run))
            found = known(text) if len(text) <= 80 else None
            if found is None or found[1] < ALIKE_FROM:
                continue
            inner = sum(piece.begins for piece in run[1:])
            gain = len(text) * (found[1] - 60) / 40 - 0.6 * inner - 0.3 * (not run[0].begins)
            if gain + best[place + length] > best[place]:
                best[place] = gain + best[place + length]
                step[place] = (length, found[0])
    chosen, place = {}, 0
    while place < len(pieces):
        if place in step:
            chosen[place] = step[place]
            place += step[place][0]
        else:
            place += 1
    return chosen


def _is_name(text: str) -> bool:
    return len(_HANGUL.findall(text)) >= 3
