"""The evaluation's command on the seed: real turns, real rankings, real guards."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.generation.evaluate import main

ENTITIES: dict[str, list[str]] = {"skin_types": [], "concerns": [], "not_concerns": []}
ROWS = (
    {
        "id": "q1",
        "turns": ["나이아신아마이드가 뭐예요?"],
        "intent": "ingredient",
        "passages": ["ingredient:나이아신아마이드"],
        "refuse": False,
    },
    {
        "id": "q2",
        "turns": ["병풀 한 잎 카밍 토너 어때요?", "그건 얼마예요?"],
        "intent": "product",
        "passages": ["product:p001"],
        "refuse": False,
    },
    {
        "id": "q3",
        "turns": ["크림 바르고 입술이 퉁퉁 부었어요"],
        "intent": "medical",
        "passages": [],
        "refuse": True,
    },
    {"id": "q4", "turns": ["비밀"], "intent": "outside", "passages": [], "refuse": True},
)
ANSWER = {
    "id": "a1",
    "question": "병풀 한 잎 카밍 토너 얼마예요?",
    "passages": ["product:p001"],
    "answer": "병풀 한 잎 카밍 토너는 15,800원이에요 [1]. 평점은 1.1점이에요 [1].",
    "sentences": [
        {"text": "병풀 한 잎 카밍 토너는 15,800원이에요 [1].", "supported": True},
        {"text": "평점은 1.1점이에요 [1].", "supported": False, "why": "rating: 다름"},
    ],
    "products_exist": True,
    "refusal_right": True,
}


def written(path: Path, *rows: dict[str, Any], half: str = "tune") -> str:
    lines = (json.dumps(ENTITIES | row | {"half": half}, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_the_command_prints_how_right_the_engine_is(
    artifacts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = written(tmp_path / "q.jsonl", *ROWS[:3])
    with (tmp_path / "q.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(ENTITIES | ROWS[3] | {"half": "test"}))
    answers = written(tmp_path / "a.jsonl", ANSWER)
    options = ["--half", "tune", "--artifacts", str(artifacts), "--json"]
    assert main(["--questions", asked, "--answers", answers, *options]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["questions"] == 3, "the test half stays unread"
    assert report["intent"]["macro_f1"] == 1.0
    assert report["retrieval"]["retriever"]["served"]["recall@5"] == 1.0
    assert report["answers"]["red_flags"] == report["answers"]["refusals_right"] == 1.0
    assert report["guards"]["before"]["supported"] == 0.5
    assert report["guards"]["after"]["supported"] == 1.0
    assert all(report["ms"]["part"][part]["p50"] > 0 for part in ("understand", "guard", "answer"))


def test_a_file_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--questions", str(tmp_path / "none.jsonl")]) == 1
    assert "none.jsonl" in capsys.readouterr().err
