"""An ingredient's sheet as an item card, where its text has that form."""

import re
from typing import Final

from bot.kakao.schema import ITEM_CARD_TEXT, ITEM_HEAD, ITEMS, Item, ItemCard, Output, SimpleText
from bot.kakao.words import joined, split

_FACT: Final = re.compile(r"([^\s:·][^:·]{0,5}): (\S.{0,25})")
"""A name of at most six characters, and what two lines of a phone hold."""
_NAMED: Final = re.compile(r"(\S.{0,14}) \(([^()]{1,44})\)")
"""«글리세린 (Glycerin)»."""


def sheet(text: str) -> tuple[Output, ...]:
    """A name, then lines of «role: value» among others, then what else there is to say; nothing
    for a text of another form."""
    name, *others = text.split("\n\n")
    if not others:
        return ()
    found = [(line, _FACT.fullmatch(line)) for line in others[0].splitlines()]
    items = [Item(fact[1], fact[2].strip()) for _, fact in found if fact]
    named = _NAMED.fullmatch(name)
    if named and len(name) > ITEM_HEAD:
        items, name = [Item("INCI", named[2]), *items], named[1]
    if len(name) > ITEM_HEAD or "\n" in name or not 2 <= len(items) <= ITEMS:
        return ()
    said = "\n".join(line for line, fact in found if not fact)
    return _item_card(tuple(items), name, said, "\n\n".join(others[1:]))


def _item_card(items: tuple[Item, ...], name: str, said: str, rest: str) -> tuple[Output, ...]:
    """With as much of the text as it holds in whole paragraphs."""
    for within, after in ((joined(said, rest), ""), (said, rest), ("", joined(said, rest))):
        if len(within) <= ITEM_CARD_TEXT:
            return (ItemCard(items, name, description=within), *map(SimpleText, split(after)))
    return ()
