"""Ingredients that a wish refuses: «레티놀은 겁나서», «향료랑 알콜 둘 다 없는». Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from engine.parsing.korean import squeeze
from engine.store.avoidance import GROUPS

_SEPARATE: Final = r"(?:성분)?(?:이나|나|이랑|랑|와|과|도|하고|이며|및)?[\s,·/+&]*"
_REFUSED: Final = (
    r"(?:성분|계열|종류|류)?\s*(?:같은\s*(?:거|것|건))?(?:은|는|이|가|을|를|도|만|로)?\s*"
    r"(?:(?:둘|셋)\s*다|모두|전부|다|하나도|아예|절대|좀|너무)?\s*"
    r"(?:없[는이었으구고]|안\s*(?:든|들|쓴|맞|받|넣)|빠진|뺀|빼[고줘]|무첨가|프리(?![가-힣])|말고|제외|싫|시러|겁[나이]|무서|무섭"
    r"|피하고|피해|못\s*[쓰써]|부담|ㄴㄴ|노노)"
)
_ALSO_GOODS: Final = frozenset({"오일", "기름", "유분", "oil", "향"})
"""Of the groups' words those that mean a product or a feel as often as an ingredient."""
_GROUPS: Final = (
    frozenset(word for group in GROUPS for word in group.words if len(word) > 1) - _ALSO_GOODS
)


def refused(text: str, named: Iterable[str]) -> tuple[str, ...]:
    """Of the ingredients that the text names, and of what whole groups are called, those that it
    refuses; squeezed. `named` likewise."""
    listed, each = _patterns(frozenset(named))
    found = (name for match in listed.finditer(text) for name in each.findall(match["names"]))
    return tuple(dict.fromkeys(map(squeeze, found)))


@lru_cache(256)
def _patterns(named: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """(a list of names that is refused, one name); most questions name none, and share these."""
    names = sorted(named | _GROUPS, key=lambda name: (-len(name), name))
    one = "|".join(r"[\s·./()-]*".join(map(re.escape, name)) for name in names)
    listed = re.compile(rf"(?P<names>(?:{one})(?:{_SEPARATE}(?:{one}))*){_REFUSED}", re.IGNORECASE)
    return listed, re.compile(one, re.IGNORECASE)
