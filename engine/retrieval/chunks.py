"""What of a document is embedded: pieces short enough that a vector still means something."""

import re
from collections.abc import Iterator
from typing import Final

from langchain_core.documents import Document

PIECE_AT_MOST: Final = 300
"""Characters; the default embedder blurs longer text."""
PIECES_AT_MOST: Final = 12
"""Of one document."""
TITLE_AT_MOST: Final = 60
_SENTENCE: Final = re.compile(r"(?<=[.!?…。])\s+")


def pieces_of(document: Document) -> list[str]:
    """The texts whose vectors all lead to the document: each line of its gist, split by sentences
    where it is long; what follows the first piece of a line begins with the title."""
    title = str(document.metadata.get("title", ""))[:TITLE_AT_MOST]
    lines = str(document.metadata.get("gist", document.page_content)).split("\n")
    found = [piece for line in lines for piece in _pieces(line, title)]
    return list(dict.fromkeys(found))[:PIECES_AT_MOST] or [title]


def shortened(text: str, most: int = PIECE_AT_MOST) -> str:
    """Whole sentences up to that length; a longer first one is cut at a blank."""
    kept = ""
    for sentence in _SENTENCE.split(text):
        if len(kept) + 1 + len(sentence) > most:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or next(_cut(text, most), "")


def _pieces(line: str, title: str) -> Iterator[str]:
    room = PIECE_AT_MOST - len(title) - 2
    piece = ""
    begun = False
    for sentence in _SENTENCE.split(line.strip()):
        for part in _cut(sentence, room):
            if piece and len(piece) + 1 + len(part) > room:
                yield _under(title, piece) if begun else piece
                piece, begun = "", True
            piece = f"{piece} {part}".strip()
    if piece:
        yield _under(title, piece) if begun else piece


def _under(title: str, piece: str) -> str:
    return f"{title}. {piece}" if title else piece


def _cut(sentence: str, most: int) -> Iterator[str]:
    """The sentence in parts of at most that length, cut at blanks where there are any."""
    rest = sentence.strip()
    while len(rest) > most:
        at = rest.rfind(" ", 1, most + 1)
        at = at if at > 0 else most
        yield rest[:at].strip()
        rest = rest[at:].strip()
    if rest:
        yield rest
