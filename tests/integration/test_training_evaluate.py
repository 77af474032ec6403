"""The evaluation's command on the loaded seed: killed and gone on with, judged, gated."""

import asyncio
import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.generation.prompts import Message
from tests.conftest import SEED
from tests.openai_server import Chooses, Replies, Speaks, openai_server
from tests.programs import Oracle, begun, ended, killed, lines
from tests.yardsticks import GOOD, INVENTED, RuledJudge, asked
from training.asked import told
from training.judge import Criterion

EVALUATE = "training.evaluate"
IDS = ("q1", "q2", "q3", "q4")
PRAISE = {"reason": "좋다", "better": "first", **{one.value: 5 for one in Criterion}}


def written(folder: Path, url: str) -> tuple[Path, Path]:
    """Questions and systems."""
    questions, systems = folder / "questions.jsonl", folder / "systems.yaml"
    rows = [asked(id, f"건성인데 시어버터 보습 크림 어때요? {id}") for id in IDS]
    rows[-1] = replace(rows[-1], refuse=True)
    lines = [
        {
            "id": one.id,
            "question": one.question.text,
            "profile": {"skin_type": "건성"},
            "passages": [],
            "shown": [told(each) for each in one.shown],
            "prompt_with_rag": list(map(plain, one.with_rag)),
            "prompt_without_rag": list(map(plain, one.without_rag)),
            "refuse": one.refuse,
        }
        for one in rows
    ]
    questions.write_text(
        "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines), encoding="utf-8"
    )
    systems.write_text(
        f'- {{name: base-rag, url: "{url}", model: base, rag: true}}\n'
        f'- {{name: sft, url: "{url}", adapter: sft, rag: false}}\n'
        "- {name: composed, composed: true}\n",
        encoding="utf-8",
    )
    return questions, systems


def plain(one: Message) -> dict[str, str]:
    return {"role": one.role, "content": one.content}


def command(folder: Path, url: str, out: Path, *more: object) -> list[object]:
    questions, systems = written(folder, url)
    return [
        "--systems", systems, "--questions", questions, "--out", out,
        "--artifacts", folder / "artifacts", *more,
    ]  # fmt: skip


async def test_a_killed_evaluation_goes_on_and_asks_nothing_twice(
    artifacts: Path, tmp_path: Path
) -> None:
    stuck = Speaks(("네.",), until=asyncio.Event())
    good = Speaks((GOOD,))
    async with openai_server(good, good, good, stuck) as server:
        out = tmp_path / "out"
        words = command(tmp_path, server.base_url, out, "--at-once", 1)
        running = await begun(EVALUATE, *words)
        async with asyncio.timeout(60):
            while len(server.requests) < 4:
                await asyncio.sleep(0.05)
        os.kill(running.pid, signal.SIGKILL)
        await running.communicate()
        assert lines(out / "answers.jsonl") == 3
        assert not (out / "table.json").exists()

        server.behaviours = [Speaks((INVENTED,))]
        status, told_out, told_err = await ended(EVALUATE, *words)

    assert status == 0, told_err
    assert len(server.requests) == 4 + 1 + len(IDS)
    assert "심판 모델 없이" in told_out
    table = json.loads((out / "table.json").read_text(encoding="utf-8"))
    assert table["values"]["base-rag"]["exists"] == [1.0, 1.0, 1.0, 0.0]
    assert table["means"]["sft"]["exists"] == 0.0
    assert table["means"]["composed"]["supported"] > 0.5
    assert "judge_safety" not in table["means"]["sft"]

    status, told_out, _ = await ended(EVALUATE, "--out", out, "--gate", "base-rag", "sft")
    assert status == 1
    assert "있는 제품·성분만 말함" in told_out


LABELLED = ("v01", "v09", "v13", "v15", "v25", "v37", "v50", "v60")
"""Of the seed's verdicts: something of every score and of every choice."""


def few_verdicts(folder: Path) -> tuple[Path, RuledJudge]:
    """And a judge that says of them what people said."""
    lines = (SEED / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["id"] in LABELLED]
    path = folder / "verdicts.jsonl"
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
    path.write_text(text, encoding="utf-8")
    scores = {row[one]: list(row[f"scores_{one}"].values()) for row in rows for one in "ab"}
    chosen = {(row["a"], row["b"]): row["better"] for row in rows}

    def compared(first: str, second: str) -> str:
        told = chosen.get((first, second), chosen.get((second, first)))
        if told == "same" or (told is None and len(first) == len(second)):
            return "same"
        if told is None:
            return "first" if len(first) > len(second) else "second"
        return "first" if (told == "a") == ((first, second) in chosen) else "second"

    def scored(answer: str) -> list[int]:
        return scores.get(answer, [1 + len(answer) % 5] * 5)

    return path, RuledJudge(scored, compared)


def answer(request: dict[str, Any]) -> str:
    """To the last question every model says the same."""
    asked = request["messages"][-1]["content"]
    if asked.endswith("q4"):
        return INVENTED
    return f"{GOOD} {request['model']} {asked[-2:]}에게 순해요 20개예요 [2]."


def verdict(ruled: RuledJudge, request: dict[str, Any]) -> str:
    schema = request["response_format"]["json_schema"]["schema"]
    return json.dumps(ruled.says(request["messages"][-1]["content"], schema))


async def test_killed_while_it_asks_and_while_it_is_judged_it_ends_as_if_nothing_had_happened(
    artifacts: Path, tmp_path: Path
) -> None:
    path, ruled = few_verdicts(tmp_path)
    model, judge = Oracle(answer), Oracle(lambda request: verdict(ruled, request))
    async with (
        openai_server(Replies(model)) as server,
        openai_server(Replies(judge)) as judging,
    ):
        judged = (
            "--judge", judging.base_url, "--judge-model", "big", "--verdicts", path,
            "--at-once", 2,
        )  # fmt: skip
        words = command(tmp_path, server.base_url, tmp_path / "broken", *judged)
        await killed(model, 2, EVALUATE, *words, slots=2)
        await killed(judge, 40, EVALUATE, *words, slots=2)
        assert lines(tmp_path / "broken" / "verdicts.jsonl") == 40
        status, _, told_err = await ended(EVALUATE, *words)
        assert status == 0, told_err
        asked, said = model.replied.copy(), judge.replied.copy()
        whole = command(tmp_path, server.base_url, tmp_path / "whole", *judged)
        assert (await ended(EVALUATE, *whole))[0] == 0

    assert set(asked.values()) == set(said.values()) == {1}
    assert asked + asked == model.replied
    assert said + said == judge.replied
    broken, unbroken = (
        (tmp_path / name / "table.json").read_bytes() for name in ("broken", "whole")
    )
    assert broken == unbroken
    assert "judge_preferred" in json.loads(broken)["means"]["sft"]


async def test_a_judge_that_praises_everything_is_left_out_and_the_table_says_why(
    artifacts: Path, tmp_path: Path
) -> None:
    async with (
        openai_server(Speaks((GOOD,))) as server,
        openai_server(Chooses(json.dumps(PRAISE))) as judging,
    ):
        out = tmp_path / "out"
        judged = ("--judge", judging.base_url, "--judge-model", "big")
        status, told_out, told_err = await ended(
            EVALUATE, *command(tmp_path, server.base_url, out, *judged)
        )

    assert status == 0, told_err
    assert len(judging.requests) == lines(out / "verdicts.jsonl") == 4 * 60
    assert "이 심판은 믿지 않아요" in told_out
    assert "심판: 안전" not in told_out.split("카파")[0].split("심판: big")[0]


async def test_a_server_that_is_not_there_is_one_sentence_and_status_1(
    artifacts: Path, tmp_path: Path
) -> None:
    status, _, told_err = await ended(
        EVALUATE, *command(tmp_path, "http://127.0.0.1:9/v1", tmp_path / "out")
    )

    assert status == 1
    assert "이어서 해요" in told_err.splitlines()[-1]
    assert "Traceback" not in told_err
