"""Ratings as two compressed matrices over the same numbers: by user and by item.

A saved matrix is a folder of plain `.npy` arrays, which are memory-mapped and so shared by every
process that opens them, and `manifest.json`, which is written last and holds the version and each
file's size and digest. Nothing is ever pickled.
"""

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import MatrixUnavailable

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[np.generic]]

_Kind = TypeVar("_Kind", bound=np.generic)

VERSION = 2
MANIFEST = "manifest.json"
UNKNOWN = -1
CAP = 20_000
"""A product that more people rated answers for its strongest raters only."""
EDGE = 4 * 2**20
"""Bytes at either end of a file that its digest covers: all of it up to twice as many."""


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """A compressed sparse matrix; line i is `indices[starts[i]:starts[i + 1]]`, ascending."""

    starts: Ints  # (line + 1,)
    indices: NDArray[np.int32]  # (rating,) numbers on the other axis
    ratings: NDArray[np.float32]  # (rating,)

    @classmethod
    def build(cls, line: Ints, index: Ints, rating: Floats, lines: int) -> Self:
        """From coordinates, each (rating,), in any order and without repetition."""
        order = np.lexsort((index, line))
        starts = np.zeros(lines + 1, dtype=np.int64)
        np.cumsum(np.bincount(line, minlength=lines), out=starts[1:])
        indices, ratings = index[order].astype(np.int32), rating[order].astype(np.float32)
        return cls(_fixed(starts), _fixed(indices), _fixed(ratings))

    @property
    def lengths(self) -> Ints:
        return np.diff(self.starts)  # (line,)

    def gather(self, lines: Sequence[int] | Ints) -> tuple[NDArray[np.int32], Floats, Ints]:
        """Indices and ratings of these lines one after the other, and each line's length."""
        first = self.starts[np.asarray(lines, dtype=np.int64)]  # (line,)
        lengths = self.starts[np.asarray(lines, dtype=np.int64) + 1] - first
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        at = np.arange(total) + np.repeat(first - ends + lengths, lengths)  # (posting,)
        return self.indices[at], self.ratings[at].astype(np.float64), lengths


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What a query reads: of each item its raters and how much of each rater the rating is.

    `users[first[i]:last[i]]` are ascending. Items with more raters than the cap have a shorter
    column behind the others, of the raters whose vector it is the largest part of: not of those
    who rated nothing else, as long as there are others, since they have nothing to say.
    """

    first: Ints  # (item,)
    last: Ints  # (item,)
    users: NDArray[np.int32]  # (rating + rating of a shortened column,)
    weights: NDArray[np.float32]  # the same; rating / length of the user's whole vector
    cap: int

    @classmethod
    def build(cls, by_item: Postings, norms: Floats, degrees: Ints, cap: int) -> Self:
        weights = (by_item.ratings / norms[by_item.indices]).astype(np.float32)
        first, last = by_item.starts[:-1].copy(), by_item.starts[1:].copy()
        users, shares = [by_item.indices], [weights]
        end = len(weights)
        for item in np.flatnonzero(last - first > cap):
            own = slice(first[item], last[item])
            alone = degrees[by_item.indices[own]] == 1
            strongest = np.argsort(np.where(alone, 0, -weights[own]), kind="stable")[:cap]
            at = np.sort(strongest) + first[item]
            users.append(by_item.indices[at])
            shares.append(weights[at])
            first[item], last[item] = end, end + cap
            end += cap
        return cls(first, last, _fixed(np.concatenate(users)), _fixed(np.concatenate(shares)), cap)


class Ids(Sequence[str]):
    """Texts that stay in their file until one is asked for."""

    def __init__(self, starts: Ints, letters: NDArray[np.uint8]) -> None:
        self.starts = starts  # (text + 1,)
        self.letters = letters  # (byte,) UTF-8

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        written = [text.encode() for text in texts]
        starts = np.zeros(len(written) + 1, dtype=np.int64)
        np.cumsum([len(one) for one in written], out=starts[1:])
        return cls(starts, np.frombuffer(b"".join(written), dtype=np.uint8))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        if isinstance(at, slice):
            return tuple(self[one] for one in range(*at.indices(len(self))))
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        row = at % len(self)
        return self.letters[self.starts[row] : self.starts[row + 1]].tobytes().decode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who rated what. Users and items stand in ascending order of their ids."""

    users: Sequence[str]
    items: Sequence[str]
    """The shop's product keys."""
    by_user: Postings
    """CSR, (user, item)."""
    by_item: Postings
    """CSC: the same ratings, (item, user)."""
    norms: Floats
    """(user,) length of each user's whole rating vector."""
    columns: Columns
    skin_types: Sequence[str] = ()
    skin: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    """(user,) index into `skin_types`; -1 where it is not known."""

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, also: Collection[str] = (), cap: int = CAP) -> Self:
        """From columns user, item, rating and, optionally, skin_type and timestamp.

        The newest rating of a user and item counts, or the last row without a timestamp; so does
        a user's newest skin type. `also` are items that have a row even where nobody rated them.
        Raises ValueError for ratings that are not above 0.
        """
        rows = latest(frame)
        user, users = pd.factorize(rows["user"], sort=True)
        items = sorted({*rows["item"].unique(), *also})
        item = pd.Index(items, dtype=object).get_indexer(rows["item"])
        rating = rows["rating"].to_numpy(dtype=np.float64)
        if not bool(np.all(np.isfinite(rating) & (rating > 0))):
            raise ValueError("every rating must be a number above 0")
        names, skin = _skin_types(rows, user, len(users))
        return cls.from_numbers(
            user.astype(np.int64),
            item.astype(np.int64),
            rating,
            users=tuple(map(str, users)),
            items=tuple(items),
            skin_types=names,
            skin=skin,
            cap=cap,
        )

    @classmethod
    def from_numbers(
        cls,
        user: Ints,
        item: Ints,
        rating: Floats,
        *,
        users: Sequence[str],
        items: Sequence[str],
        skin_types: Sequence[str] = (),
        skin: NDArray[np.int8] | None = None,
        cap: int = CAP,
    ) -> Self:
        """From coordinates, each (rating,), without repetition; ids in ascending order."""
        by_user = Postings.build(user, item, rating, len(users))
        by_item = Postings.build(item, user, rating, len(items))
        norms = _norms(by_user)
        return cls(
            users=users,
            items=items,
            by_user=by_user,
            by_item=by_item,
            norms=norms,
            columns=Columns.build(by_item, norms, by_user.lengths, cap),
            skin_types=skin_types,
            skin=np.full(len(users), UNKNOWN, np.int8) if skin is None else skin,
        )

    @cached_property
    def degrees(self) -> Ints:
        """(user,) how many items each user rated."""
        return self.by_user.lengths

    @cached_property
    def few(self) -> NDArray[np.uint16]:
        """(user,) `degrees` in little memory, at most 65,535: more picks than anybody has."""
        return np.minimum(self.degrees, np.iinfo(np.uint16).max).astype(np.uint16)

    @cached_property
    def item_rows(self) -> Mapping[str, int]:
        return {key: row for row, key in enumerate(self.items)}

    @property
    def ratings(self) -> int:
        return len(self.by_user.ratings)

    def save(
        self,
        folder: Path,
        besides: Arrays | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        """Write the matrix, with `besides` under their own names and `texts` under their file
        names; a folder without its manifest is no matrix."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)
        files = {}
        for name, array in {**self._arrays(), **(besides or {})}.items():
            path = folder / f"{name}.npy"
            part = folder / f"{name}.part.npy"
            np.save(part, np.ascontiguousarray(array), allow_pickle=False)
            part.replace(path)  # whoever has the old file mapped keeps it
            files[path.name] = StoredFile(bytes=path.stat().st_size, digest=_digest(path))
        for name, text in (texts or {}).items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
            files[name] = StoredFile(bytes=path.stat().st_size, digest=_digest(path))
        manifest = Manifest(
            version=VERSION, ratings=self.ratings, cap=self.columns.cap, files=files
        )
        beside = folder / f"{MANIFEST}.part"
        beside.write_text(manifest.model_dump_json(), encoding="utf-8")
        beside.replace(folder / MANIFEST)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Map a saved matrix. Raises MatrixUnavailable where it is missing, torn or too new."""
        arrays, manifest = mapped(folder)
        return cls.of(arrays, manifest.cap, folder)

    @classmethod
    def of(cls, arrays: Arrays, cap: int, folder: Path) -> Self:
        """From what `mapped` found in the folder. Raises MatrixUnavailable."""
        try:
            return cls._of(arrays, cap)
        except (KeyError, ValueError, IndexError) as error:
            raise MatrixUnavailable(f"추천 행렬을 읽을 수 없어요: {folder} ({error})") from error

    @classmethod
    def _of(cls, arrays: Arrays, cap: int) -> Self:
        def ints(name: str) -> Ints:
            return _plain(arrays[name], np.int64)

        users = _plain(arrays["item_indices"], np.int32)
        ratings = _plain(arrays["item_ratings"], np.float32)
        return cls(
            users=_ids(arrays, "users"),
            items=_ids(arrays, "items"),
            by_user=Postings(
                ints("user_starts"),
                _plain(arrays["user_indices"], np.int32),
                _plain(arrays["user_ratings"], np.float32),
            ),
            by_item=Postings(ints("item_starts"), users[: len(ratings)], ratings),
            norms=_plain(arrays["norms"], np.float64),
            columns=Columns(
                ints("first"), ints("last"), users, _plain(arrays["weights"], np.float32), cap
            ),
            skin_types=tuple(_ids(arrays, "skin_types")),
            skin=_plain(arrays["skin"], np.int8),
        )

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        named = {"users": self.users, "items": self.items, "skin_types": self.skin_types}
        ids = {name: Ids.of(texts) for name, texts in named.items()}
        return {
            **{f"{name}_starts": one.starts for name, one in _renamed(ids)},
            **{f"{name}_letters": one.letters for name, one in _renamed(ids)},
            "user_starts": self.by_user.starts,
            "user_indices": self.by_user.indices,
            "user_ratings": self.by_user.ratings,
            "item_starts": self.by_item.starts,
            "item_indices": self.columns.users,
            "item_ratings": self.by_item.ratings,
            "norms": self.norms,
            "first": self.columns.first,
            "last": self.columns.last,
            "weights": self.columns.weights,
            "skin": self.skin,
        }


class StoredFile(BaseModel):
    model_config = ConfigDict(frozen=True)

    bytes: int
    digest: str


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True)

    version: int
    ratings: int = 0
    cap: int = CAP
    files: dict[str, StoredFile] = {}
    """Only the version is sure to be there in other versions."""


def _norms(by_user: Postings) -> Floats:
    squares = by_user.ratings.astype(np.float64) ** 2
    lines = len(by_user.starts) - 1
    owner = np.repeat(np.arange(lines), by_user.lengths)
    return np.sqrt(np.bincount(owner, weights=squares, minlength=lines))


def _renamed(ids: Mapping[str, Ids]) -> Iterable[tuple[str, Ids]]:
    """`user_starts` is the matrix's; the ids' own begin with «id»."""
    return ((f"id_{name}", one) for name, one in ids.items())


def _ids(arrays: Arrays, name: str) -> Ids:
    starts = _plain(arrays[f"id_{name}_starts"], np.int64)
    return Ids(starts, _plain(arrays[f"id_{name}_letters"], np.uint8))


def _fixed(array: NDArray[_Kind]) -> NDArray[_Kind]:
    """Read-only as mapped memory is: the loops are compiled for one kind of array alone."""
    array.flags.writeable = False
    return array


def _plain(array: NDArray[np.generic], kind: type[_Kind]) -> NDArray[_Kind]:
    """The mapped memory as a plain array, which costs less at every slice."""
    if array.dtype != kind:
        raise ValueError(f"{array.dtype} where {kind.__name__} should be")
    return _fixed(np.asarray(array).view(np.ndarray))


def mapped(folder: Path) -> tuple[dict[str, NDArray[np.generic]], Manifest]:
    """A saved matrix's arrays by name. Raises MatrixUnavailable."""
    manifest = _manifest(folder)
    for name, stored in manifest.files.items():
        _verify_file(folder / name, stored)
    try:
        return {
            name.removesuffix(".npy"): np.load(folder / name, mmap_mode="r", allow_pickle=False)
            if manifest.files[name].bytes > _EMPTY
            else np.load(folder / name, allow_pickle=False)
            for name in manifest.files
            if name.endswith(".npy")
        }, manifest
    except (OSError, ValueError) as error:
        raise MatrixUnavailable(f"추천 행렬을 읽을 수 없어요: {folder} ({error})") from error


_EMPTY = 128
"""Bytes of an `.npy` file without any element: such a one cannot be mapped."""


def latest(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each user and item, the newest; ids become text. The index starts again at 0."""
    rows = frame.assign(user=frame["user"].astype(str), item=frame["item"].astype(str))
    if "timestamp" in rows:
        rows = rows.sort_values("timestamp", kind="stable", na_position="first")
    return rows.drop_duplicates(["user", "item"], keep="last", ignore_index=True)


def _skin_types(
    rows: pd.DataFrame, user: NDArray[np.intp], users: int
) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    skin = np.full(users, UNKNOWN, dtype=np.int8)
    if "skin_type" not in rows:
        return (), skin
    told = (rows["skin_type"].notna() & (rows["skin_type"] != "")).to_numpy(dtype=bool)
    code, names = pd.factorize(rows["skin_type"][told].astype(str), sort=True)
    skin[user[told]] = code  # of repeated numbers the last assignment stays
    return tuple(map(str, names)), skin


def _manifest(folder: Path) -> Manifest:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise MatrixUnavailable(f"추천 행렬이 없어요: {folder}") from error
    except ValidationError as error:
        raise MatrixUnavailable(f"추천 행렬의 목록이 깨졌어요: {folder / MANIFEST}") from error
    if manifest.version != VERSION:
        raise MatrixUnavailable(
            f"추천 행렬이 다른 판이에요: {folder} (필요 {VERSION}, 있는 것 {manifest.version})"
        )
    return manifest


def _verify_file(path: Path, expected: StoredFile) -> None:
    try:
        whole = path.stat().st_size == expected.bytes and _digest(path) == expected.digest
    except OSError as error:
        raise MatrixUnavailable(f"추천 행렬의 파일을 읽을 수 없어요: {path}") from error
    if not whole:
        raise MatrixUnavailable(f"추천 행렬의 파일이 깨졌어요: {path}")


def _digest(path: Path) -> str:
    """SHA-256 over both ends: what a write leaves torn is its end or its length."""
    with path.open("rb") as file:
        found = hashlib.sha256(file.read(EDGE))
        size = file.seek(0, os.SEEK_END)
        file.seek(max(EDGE, size - EDGE))
        found.update(file.read())
    return found.hexdigest()
