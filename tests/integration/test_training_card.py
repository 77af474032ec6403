"""A data set made from a load tells which, and what that was read from."""

import json
from pathlib import Path

from engine.provenance import checksum
from tests.conftest import SEED
from tests.running import database_url
from training import preferences


def test_preferences_are_written_with_a_card_that_names_the_load(
    artifacts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "feedback.jsonl"
    words = ("--database", database_url(artifacts), "--artifacts", str(artifacts))
    assert preferences.main([*words, "--out", str(out)]) == 0
    told = json.loads((tmp_path / "feedback.card.json").read_text(encoding="utf-8"))
    assert told["outputs"] == {"feedback.jsonl": checksum(out)}
    assert told["found"] == told["preferences"] == 0
    assert (artifacts / told["catalogue"]["id"]).is_dir()
    files = {one["file"]: one["sha256"] for one in told["catalogue"]["sources"]}
    names = ("products.csv", "reviews.csv", "ingredients.csv")
    assert files == {name: checksum(SEED / name) for name in names}
    assert str(artifacts) not in json.dumps(told)
