"""`python -m ingest clean`, and a load whose reviews an engine cleans."""

import json
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from langchain_core.embeddings import Embeddings

from engine.retrieval.embedding import universal
from ingest.__main__ import main
from tests.running import environment

SEED = Path(__file__).resolve().parents[2] / "data" / "seed"
PRODUCTS = ("--products", str(SEED / "products.csv"))
REVIEWS = ("--reviews", str(SEED / "reviews.csv"))

pytestmark = pytest.mark.skipif(
    not find_spec("duckdb"), reason="the extra «scale» is not installed"
)


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = environment(tmp_path / "artifacts")
    for name in ("PPOYAMI_ARTIFACTS", "PPOYAMI_DATABASE_URL"):
        monkeypatch.setenv(name, own[name])
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def embeddings() -> Embeddings:
    return universal()


def clean(*arguments: str) -> int:
    return main(["clean", *REVIEWS, "--workers", "1", "--memory", "256MB", *arguments])


def test_reviews_are_cleaned_into_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clean(*PRODUCTS, "--engine", "duckdb", "--out", "cleaned", "--copies", "keep") == 0
    kept = pd.read_parquet(tmp_path / "cleaned" / "kept")
    counts = json.loads((tmp_path / "cleaned" / "counts.json").read_text(encoding="utf-8"))
    assert len(kept) == counts["kept"] > 0
    assert f"리뷰 {counts['read']:,}줄을 읽었어요." in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"cleaned", "artifacts"}


def test_a_folder_that_holds_something_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cleaned").mkdir()
    (tmp_path / "cleaned" / "mine.txt").write_text("mine", encoding="utf-8")
    assert clean(*PRODUCTS, "--engine", "duckdb", "--out", "cleaned") == 1
    assert "비어 있는 폴더여야" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "cleaned").iterdir()] == ["mine.txt"]


def test_without_products_and_loads_it_says_what_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert clean("--engine", "duckdb", "--out", "cleaned") == 1
    assert "--products" in capsys.readouterr().err


def test_vectors_are_rays(capsys: pytest.CaptureFixture[str]) -> None:
    assert clean(*PRODUCTS, "--engine", "duckdb", "--out", "cleaned", "--vectors") == 1
    assert "--engine ray" in capsys.readouterr().err


def test_a_load_by_an_engine_is_the_same_load(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], embeddings: Embeddings
) -> None:
    assert main(["load", *PRODUCTS, *REVIEWS], embeddings) == 0
    capsys.readouterr()
    assert main(["load", *PRODUCTS, *REVIEWS, "--engine", "duckdb"], embeddings) == 0
    assert "아무것도 바꾸지 않았어요" in capsys.readouterr().out
    assert not (tmp_path / "artifacts" / ".cleaning").exists()
