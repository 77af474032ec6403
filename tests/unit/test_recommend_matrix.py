"""Frames become matrices; a matrix that is not whole is refused."""

import json
from pathlib import Path

import pandas as pd
import pytest

from engine.errors import MatrixUnavailable
from engine.recommend.matrix import MANIFEST, Interactions

FILES = ("item_indices.npy", "weights.npy", "id_users_letters.npy")

ROWS = pd.DataFrame(
    {
        "user": ["나", "가", "나", "다"],
        "item": ["p2", "p1", "p1", "p2"],
        "rating": [4.0, 5.0, 3.0, 2.5],
        "skin_type": ["건성", None, "건성", "지성"],
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Interactions.from_frame(ROWS).save(tmp_path / "matrix")
    return tmp_path / "matrix"


def test_ids_are_rows_in_order_and_both_matrices_agree():
    matrix = Interactions.from_frame(ROWS)
    assert (matrix.users, matrix.items) == (("가", "나", "다"), ("p1", "p2"))
    assert matrix.item_rows == {"p1": 0, "p2": 1}
    assert [part.tolist() for part in matrix.by_user.gather([1])] == [[0, 1], [3.0, 4.0], [2]]
    assert [part.tolist() for part in matrix.by_item.gather([1, 0])] == [
        [1, 2, 0, 1],
        [4.0, 2.5, 5.0, 3.0],
        [2, 2],
    ]
    assert matrix.norms.tolist() == [5.0, 5.0, 2.5]
    assert matrix.degrees.tolist() == [1, 2, 1]
    assert [matrix.skin_types[code] if code >= 0 else None for code in matrix.skin] == [
        None,
        "건성",
        "지성",
    ]


def test_of_two_ratings_the_last_wins():
    twice = pd.concat([ROWS, ROWS.iloc[[1]].assign(rating=1.0, skin_type="중성")])
    matrix = Interactions.from_frame(twice)
    assert matrix.ratings == 4
    assert matrix.by_user.gather([0])[1].tolist() == [1.0]
    assert matrix.skin_types[matrix.skin[0]] == "중성"


def test_with_timestamps_the_newest_wins_wherever_it_stands():
    frame = pd.DataFrame(
        {
            "user": ["가", "가", "가"],
            "item": ["p1", "p1", "p1"],
            "rating": [5.0, 1.0, 3.0],
            "timestamp": [pd.Timestamp("2024-02-01"), pd.Timestamp("2024-01-01"), pd.NaT],
        }
    )
    assert Interactions.from_frame(frame).by_user.ratings.tolist() == [5.0]


def test_numbers_as_ids_become_text():
    matrix = Interactions.from_frame(
        pd.DataFrame({"user": [7, 10], "item": [1, 2], "rating": [5, 4]})
    )
    assert (matrix.users, matrix.items) == (("10", "7"), ("1", "2"))


def test_no_rows_make_an_empty_matrix(tmp_path: Path):
    Interactions.from_frame(ROWS.iloc[:0]).save(tmp_path)
    assert Interactions.open(tmp_path).ratings == 0


@pytest.mark.parametrize("rating", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rating_that_is_no_rating_is_refused(rating: float):
    with pytest.raises(ValueError, match="rating"):
        Interactions.from_frame(ROWS.assign(rating=rating))


def test_a_saved_matrix_is_read_back_as_it_was(folder: Path):
    before, after = Interactions.from_frame(ROWS), Interactions.open(folder)
    assert (tuple(after.users), tuple(after.items), after.skin_types) == (
        before.users,
        before.items,
        before.skin_types,
    )
    assert after.skin.tolist() == before.skin.tolist()
    everyone = range(len(before.users))
    one, other = after.by_user.gather(everyone), before.by_user.gather(everyone)
    assert [part.tolist() for part in one] == [part.tolist() for part in other]
    assert after.norms.tolist() == before.norms.tolist()


def test_the_same_rows_in_any_order_make_the_same_files(folder: Path, tmp_path: Path):
    Interactions.from_frame(ROWS.iloc[::-1]).save(tmp_path / "again")
    for name in (*FILES, MANIFEST):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_missing_matrix_is_refused(tmp_path: Path):
    with pytest.raises(MatrixUnavailable, match="없어요"):
        Interactions.open(tmp_path / "nowhere")


def test_a_matrix_whose_writing_was_cut_off_is_refused(folder: Path):
    (folder / MANIFEST).unlink()
    with pytest.raises(MatrixUnavailable, match="없어요"):
        Interactions.open(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_torn_file_is_refused(folder: Path, name: str):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MatrixUnavailable, match="깨졌어요"):
        Interactions.open(folder)


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_refused(folder: Path, name: str):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(MatrixUnavailable, match="깨졌어요"):
        Interactions.open(folder)


def test_a_lost_file_is_refused(folder: Path):
    (folder / "weights.npy").unlink()
    with pytest.raises(MatrixUnavailable, match="읽을 수 없어요"):
        Interactions.open(folder)


def test_a_torn_manifest_is_refused(folder: Path):
    (folder / MANIFEST).write_text('{"version": 1, "sha', encoding="utf-8")
    with pytest.raises(MatrixUnavailable, match="깨졌어요"):
        Interactions.open(folder)


def test_another_version_is_refused_in_one_sentence(folder: Path):
    (folder / MANIFEST).write_text(json.dumps({"version": 99}), encoding="utf-8")
    with pytest.raises(MatrixUnavailable, match="99") as refused:
        Interactions.open(folder)
    assert "\n" not in str(refused.value)


def test_saving_again_over_a_matrix_leaves_the_new_one(folder: Path):
    Interactions.from_frame(ROWS.iloc[:1]).save(folder)
    assert Interactions.open(folder).ratings == 1


def test_a_crash_while_saving_over_a_matrix_leaves_none(folder: Path):
    unwritable = Interactions.from_frame(ROWS.assign(user="\ud800"))
    with pytest.raises(UnicodeEncodeError):
        unwritable.save(folder)
    with pytest.raises(MatrixUnavailable, match="없어요"):
        Interactions.open(folder)
