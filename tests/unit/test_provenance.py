"""What is told of a file goes out with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.provenance import Origin, beside, checksum, code_version, origin_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def fetched(tmp_path: Path) -> Path:
    path = tmp_path / "성분.csv"
    path.write_text("name\n정제수\n", encoding="utf-8")
    told = Origin(
        source="mfds",
        hosts=("apis.data.example",),
        sought=("ingredients",),
        since=NOON,
        at=NOON,
        asked=3,
        rows=1,
        whole=True,
        code="1.0",
        terms="이용허락범위를 따라요.",
        sha256=checksum(path),
    )
    beside(path).write_text(told.model_dump_json(), encoding="utf-8")
    return path


def test_a_fetched_file_tells_where_it_came_from(fetched: Path) -> None:
    origin = origin_of(fetched)
    assert origin is not None
    assert (origin.source, origin.hosts, origin.since) == ("mfds", ("apis.data.example",), NOON)
    assert beside(fetched).name == "성분.csv.source.json"


def test_a_file_that_was_changed_since_tells_nothing(fetched: Path) -> None:
    fetched.write_text("name\n정제수\n글리세린\n", encoding="utf-8")
    assert origin_of(fetched) is None


@pytest.mark.parametrize("told", ["", "{", "[]", '{"source": "mfds"}'])
def test_what_cannot_be_read_tells_nothing(fetched: Path, told: str) -> None:
    beside(fetched).write_text(told, encoding="utf-8")
    assert origin_of(fetched) is None
    beside(fetched).unlink()
    assert origin_of(fetched) is None


def test_the_code_version_is_that_of_the_package() -> None:
    package, _, commit = code_version().partition("+")
    assert package[0].isdigit()
    assert not commit or commit.split("-")[0].isalnum()
