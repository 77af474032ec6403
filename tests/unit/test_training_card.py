"""The card names the load that the prompts came from, and the inputs' own origins."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

from engine.domain import Load
from engine.provenance import Origin, beside, checksum
from training import card
from training.cleaning import clean
from training.shop import catalogue_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOAD = Load("20261102-120000-0123abcd", NOON, products=2, reviews=3, ingredients=4, digest="d" * 64)
SOURCE = {"table": "products", "file": "products.csv", "sha256": "a" * 64}


def test_the_card_names_the_load_and_where_a_fetched_input_came_from(tmp_path: Path) -> None:
    fetched, own = tmp_path / "kin.jsonl", tmp_path / "own.jsonl"
    for path in (fetched, own):
        path.write_text("{}\n", encoding="utf-8")
    origin = Origin(
        source="kin",
        hosts=("openapi.naver.example",),
        sought=("지성 추천",),
        since=NOON,
        at=NOON,
        asked=7,
        rows=1,
        whole=True,
        code="1.0",
        terms="쓴 사람의 것이에요.",
        sha256=checksum(fetched),
    )
    beside(fetched).write_text(origin.model_dump_json(), encoding="utf-8")
    inputs = {"kin": fetched, "own": own}
    catalogue = {"id": LOAD.id}
    made = card.Made("make", [], clean([]), 0, 0, inputs, [], LOAD.digest, catalogue)
    told = json.loads(json.dumps(card.card(made, date(2026, 11, 3))))
    assert told["catalogue"]["id"] == LOAD.id
    assert told["inputs"] == {name: checksum(path) for name, path in inputs.items()}
    assert told["origins"].keys() == {"kin"}
    assert told["origins"]["kin"]["terms"] == "쓴 사람의 것이에요."
    assert str(tmp_path) not in json.dumps(told)


def test_a_catalogue_is_told_with_the_files_that_it_was_read_from(tmp_path: Path) -> None:
    folder = tmp_path / LOAD.id
    folder.mkdir()
    told = {"id": LOAD.id, "code": "1.4.0+ab12cd3", "sources": [SOURCE]}
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    found = catalogue_of(tmp_path, LOAD)
    assert (found["id"], found["digest"], found["reviews"]) == (LOAD.id, LOAD.digest, 3)
    assert (found["code"], found["sources"]) == ("1.4.0+ab12cd3", [SOURCE])


def test_of_a_load_without_a_manifest_only_the_stores_own_is_told(tmp_path: Path) -> None:
    found = catalogue_of(tmp_path, LOAD)
    assert (found["id"], found["code"], found["sources"]) == (LOAD.id, "", [])
