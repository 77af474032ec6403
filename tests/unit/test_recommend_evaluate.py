"""The evaluation's command line."""

import json
from pathlib import Path

import pytest

from training.recommender import main

CONFIGURATIONS = ("popular", "popular_skin", "plain", "neighbours", "default")
COLUMNS = "user=who,item=what,rating=stars,skin_type=skin"


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    words = ("좋아요", "5점 만점에 5점", "best", "4")
    rows = [f"u{n},p{(n + i) % 7},{words[i]},건성" for n in range(30) for i in range(4)]
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(["who,what,stars,skin", *rows, "u1,p9,??,건성"]), encoding="utf-8")
    return path


def test_the_rows_are_written_as_json(ratings: Path, capsys: pytest.CaptureFixture[str]):
    asked = [
        "evaluate",
        "--ratings",
        str(ratings),
        "--columns",
        COLUMNS,
        "--picked",
        "1,3",
        "--no-peers",
    ]
    assert main([*asked, "--seed", "1", "--json"]) == 0
    written = capsys.readouterr()
    rows = json.loads(written.out)["rows"]
    assert [(row["configuration"], row["picked"]) for row in rows] == [
        (name, k) for k in (1, 3) for name in CONFIGURATIONS
    ]
    for row in rows:
        assert row["queries"] == 30
        assert set(row) == {
            *("configuration", "picked", "queries", "hr@3", "hr@3_se"),
            *("ndcg@3", "ndcg@10", "coverage@3", "empty", "long_tail@3", "brands@3"),
        }
    assert "1행" in written.err


def test_a_missing_column_is_named(ratings: Path, capsys: pytest.CaptureFixture[str]):
    columns = COLUMNS.replace("what", "product")
    assert main(["evaluate", "--ratings", str(ratings), "--columns", columns]) == 1
    assert "product 열이 없어요" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["evaluate", "--ratings", str(tmp_path / "none.csv")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_ratings_that_cannot_be_read_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "odd.csv"
    path.write_text("user,item,rating\nu,p,??\n", encoding="utf-8")
    assert main(["evaluate", "--ratings", str(path)]) == 1
    assert "평점" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--picked", "0"], ["--picked", "a"], ["--seed", "-1"], ["--columns", "user=a"]]
)
def test_wrong_usage_ends_with_status_2(wrong: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "--ratings", "ratings.csv", *wrong])
    assert ended.value.code == 2
    assert capsys.readouterr().err
