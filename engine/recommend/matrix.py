"""Ratings as two compressed matrices over the same numbers: by user and by item.

A saved matrix is a folder of three files: `ratings.npz` (the arrays), `ids.json` (who and what
the rows are) and `manifest.json`, which is written last and holds the version and the checksum
of the other two. Nothing is ever pickled.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import MatrixUnavailable

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

VERSION = 1
MANIFEST = "manifest.json"
RATINGS = "ratings.npz"
IDS = "ids.json"
UNKNOWN = -1


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
        return cls(starts, index[order].astype(np.int32), rating[order].astype(np.float32))

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


@dataclass(frozen=True, eq=False)
class Interactions:
    """Who rated what. Users and items stand in ascending order of their ids."""

    users: tuple[str, ...]
    items: tuple[str, ...]
    """The shop's product keys."""
    by_user: Postings
    """CSR, (user, item)."""
    by_item: Postings
    """CSC: the same ratings, (item, user)."""
    skin_types: tuple[str, ...] = ()
    skin: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    """(user,) index into `skin_types`; -1 where it is not known."""

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Self:
        """From columns user, item, rating and, optionally, skin_type and timestamp.

        The newest rating of a user and item counts, or the last row without a timestamp; so does
        a user's newest skin type. Raises ValueError for ratings that are not above 0.
        """
        rows = latest(frame)
        user, users = pd.factorize(rows["user"], sort=True)
        item, items = pd.factorize(rows["item"], sort=True)
        rating = rows["rating"].to_numpy(dtype=np.float64)
        if not bool(np.all(np.isfinite(rating) & (rating > 0))):
            raise ValueError("every rating must be a number above 0")
        names, skin = _skin_types(rows, user, len(users))
        user, item = user.astype(np.int64), item.astype(np.int64)
        return cls(
            users=tuple(map(str, users)),
            items=tuple(map(str, items)),
            by_user=Postings.build(user, item, rating, len(users)),
            by_item=Postings.build(item, user, rating, len(items)),
            skin_types=names,
            skin=skin,
        )

    @cached_property
    def norms(self) -> Floats:
        """(user,) length of each user's whole rating vector."""
        squares = self.by_user.ratings.astype(np.float64) ** 2
        owner = np.repeat(np.arange(len(self.users)), self.by_user.lengths)
        return np.sqrt(np.bincount(owner, weights=squares, minlength=len(self.users)))

    @cached_property
    def degrees(self) -> Ints:
        """(user,) how many items each user rated."""
        return self.by_user.lengths

    @cached_property
    def item_rows(self) -> Mapping[str, int]:
        return {key: row for row, key in enumerate(self.items)}

    @property
    def ratings(self) -> int:
        return len(self.by_user.ratings)

    def save(self, folder: Path) -> None:
        """Write the matrix; a folder without its manifest is no matrix."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)
        np.savez(folder / RATINGS, allow_pickle=False, **self._arrays())
        ids = {"users": self.users, "items": self.items, "skin_types": self.skin_types}
        (folder / IDS).write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
        sums = {name: _checksum(folder / name) for name in (RATINGS, IDS)}
        manifest = Manifest(version=VERSION, ratings=self.ratings, sha256=sums)
        beside = folder / f"{MANIFEST}.part"
        beside.write_text(manifest.model_dump_json(), encoding="utf-8")
        beside.replace(folder / MANIFEST)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read a saved matrix. Raises MatrixUnavailable where it is missing, torn or too new."""
        _verify(folder)
        try:
            ids = _Ids.model_validate_json((folder / IDS).read_bytes())
            with np.load(folder / RATINGS, allow_pickle=False) as arrays:
                by_user = _postings(arrays, "user")
                by_item = _postings(arrays, "item")
                skin = arrays["skin"]
        except (OSError, ValueError, KeyError) as error:
            raise MatrixUnavailable(f"추천 행렬을 읽을 수 없어요: {folder} ({error})") from error
        return cls(ids.users, ids.items, by_user, by_item, ids.skin_types, skin)

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        return {
            "user_starts": self.by_user.starts,
            "user_indices": self.by_user.indices,
            "user_ratings": self.by_user.ratings,
            "item_starts": self.by_item.starts,
            "item_indices": self.by_item.indices,
            "item_ratings": self.by_item.ratings,
            "skin": self.skin,
        }


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True)

    version: int
    ratings: int = 0
    sha256: dict[str, str] = {}
    """File name → checksum in hex. Only the version is sure to be there in other versions."""


class _Ids(BaseModel):
    model_config = ConfigDict(frozen=True)

    users: tuple[str, ...]
    items: tuple[str, ...]
    skin_types: tuple[str, ...]


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


def _postings(arrays: Mapping[str, NDArray[np.generic]], axis: str) -> Postings:
    return Postings(
        starts=arrays[f"{axis}_starts"].astype(np.int64, copy=False),
        indices=arrays[f"{axis}_indices"].astype(np.int32, copy=False),
        ratings=arrays[f"{axis}_ratings"].astype(np.float32, copy=False),
    )


def _verify(folder: Path) -> None:
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
    for name in (RATINGS, IDS):
        _verify_file(folder / name, manifest.sha256.get(name))


def _verify_file(path: Path, expected: str | None) -> None:
    try:
        whole = _checksum(path) == expected
    except OSError as error:
        raise MatrixUnavailable(f"추천 행렬의 파일을 읽을 수 없어요: {path}") from error
    if not whole:
        raise MatrixUnavailable(f"추천 행렬의 파일이 깨졌어요: {path}")


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
