"""Which documents may come up, as masks over them: Chroma's metadata filter costs far more."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from langchain_core.documents import Document

from engine.domain import DocumentKind
from engine.parsing.korean import squeeze
from engine.store.avoidance import group_of, stem

Mask = npt.NDArray[np.bool_]
"""(documents,)"""

_PARTICLE = r"(?:으로|이랑|하고|중에서?|은|는|이|가|을|를|도|만|의|로|랑|과|와|좀)?"
_CALLED_TOO = {"에센스": ("세럼", "앰플"), "로션": ("에멀전", "에멀젼"), "토너": ("화장수",)}


class Shelves:
    """The documents by kind, category, stock and formula."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.by_key = {
            (DocumentKind(one.metadata["kind"]), str(one.metadata["key"])): place
            for place, one in enumerate(documents)
        }
        self.formulas = [_split(one.metadata.get("ingredients", "")) for one in documents]
        self._kind = np.array([one.metadata["kind"] for one in documents], dtype=np.str_)
        self._category = np.array(
            [one.metadata.get("category", "") for one in documents], dtype=np.str_
        )
        self._on_sale = np.array([one.metadata.get("on_sale", True) for one in documents], bool)
        self._categories = [str(one) for one in np.unique(self._category) if one]
        self._brand = np.array([one.metadata.get("brand", "") for one in documents], dtype=np.str_)
        self._brands = [str(one) for one in np.unique(self._brand) if one]
        self._roles = {
            one.metadata["key"]: _split(one.metadata.get("roles", ""))
            for one in documents
            if one.metadata["kind"] == DocumentKind.INGREDIENT
        }

    def of_kinds(self, kinds: Iterable[DocumentKind]) -> Mask:
        wanted: Mask = np.isin(self._kind, [kind.value for kind in kinds])
        return wanted

    def kinds_in(self, allowed: Mask) -> list[DocumentKind]:
        return [kind for kind in DocumentKind if (allowed & (self._kind == kind.value)).any()]

    def offered(self, avoided: Collection[str]) -> Mask:
        """On sale and free of what is avoided, a name or a group («알코올») as it was typed."""
        refused = [_refusal(name) for name in avoided if squeeze(name)]
        if not refused:
            return self._on_sale
        shunned = {
            name
            for name in {name for formula in self.formulas for name in formula}
            if any(refuses(name, self._roles.get(name, ())) for refuses in refused)
        }
        free = np.array([shunned.isdisjoint(formula) for formula in self.formulas], dtype=bool)
        # A product whose label is not known may hold anything.
        listed = np.array([bool(formula) for formula in self.formulas], dtype=bool)
        offered: Mask = self._on_sale & free & (listed | (self._category == ""))
        return offered

    def holding(self, names: Collection[str]) -> Mask:
        """Products that hold one of these ingredients."""
        return np.array([not set(names).isdisjoint(one) for one in self.formulas], dtype=bool)

    def of_brand(self, question: str) -> Mask:
        """Everything; where the question says brands, of the products theirs alone."""
        said = [one for one in self._brands if re.search(rf"(?<![^\W_]){re.escape(one)}", question)]
        if not said:
            return np.ones(len(self._kind), dtype=bool)
        meant: Mask = (self._brand == "") | np.isin(self._brand, said)
        return meant

    def of_category(self, question: str) -> Mask:
        """Everything; where the question says categories, of the products theirs alone."""
        said = [category for category in self._categories if _says(question, category)]
        if not said:
            return np.ones(len(self._kind), dtype=bool)
        meant: Mask = (self._category == "") | np.isin(self._category, said)
        return meant


def _refusal(avoided: str) -> Callable[[str, Collection[str]], bool]:
    """Whether an ingredient of this name and roles is meant; a part of a name means the whole."""
    word = stem(avoided)
    group = group_of(word)
    if group is not None:
        return group.holds
    return lambda name, _roles: word in squeeze(name)


def _says(question: str, category: str) -> bool:
    """Whether a word of the question ends in the category: «수분크림을», «오일 말고»."""
    return any(
        re.search(rf"{re.escape(part)}{_PARTICLE}(?![^\W_])", question)
        for part in _spellings(category)
    )


def _spellings(category: str) -> Iterator[str]:
    for part in category.split("/"):
        yield part
        yield from _CALLED_TOO.get(part, ())


def _split(joined: str) -> tuple[str, ...]:
    return tuple(name for name in joined.split("|") if name)
