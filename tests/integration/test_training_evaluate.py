"""The evaluation's command on the loaded seed: killed and gone on with, judged, gated."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from engine.generation.prompts import Message
from tests.openai_server import Chooses, Speaks, openai_server
from tests.running import ROOT
from tests.yardsticks import GOOD, INVENTED, asked
from training.asked import told
from training.judge import Criterion

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


async def begun(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "training.evaluate", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(*arguments: str) -> tuple[int | None, str, str]:
    running = await begun(*arguments)
    out, err = await running.communicate()
    return running.returncode, out.decode(), err.decode()


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


async def test_a_killed_evaluation_goes_on_and_asks_nothing_twice(
    artifacts: Path, tmp_path: Path
) -> None:
    stuck = Speaks(("네.",), until=asyncio.Event())
    good = Speaks((GOOD,))
    async with openai_server(good, good, good, stuck) as server:
        questions, systems = written(tmp_path, server.base_url)
        out = tmp_path / "out"
        command = (
            "--systems", str(systems), "--questions", str(questions), "--out", str(out),
            "--artifacts", str(artifacts), "--at-once", "1",
        )  # fmt: skip
        running = await begun(*command)
        async with asyncio.timeout(60):
            while len(server.requests) < 4:
                await asyncio.sleep(0.05)
        os.kill(running.pid, signal.SIGKILL)
        await running.communicate()
        assert lines(out / "answers.jsonl") == 3
        assert not (out / "table.json").exists()

        server.behaviours = [Speaks((INVENTED,))]
        status, told_out, told_err = await ended(*command)

    assert status == 0, told_err
    assert len(server.requests) == 4 + 1 + len(IDS)
    assert "심판 모델 없이" in told_out
    table = json.loads((out / "table.json").read_text(encoding="utf-8"))
    assert table["values"]["base-rag"]["exists"] == [1.0, 1.0, 1.0, 0.0]
    assert table["means"]["sft"]["exists"] == 0.0
    assert table["means"]["composed"]["supported"] > 0.5
    assert "judge_safety" not in table["means"]["sft"]

    status, told_out, _ = await ended("--out", str(out), "--gate", "base-rag", "sft")
    assert status == 1
    assert "있는 제품·성분만 말함" in told_out


async def test_a_judge_that_praises_everything_is_left_out_and_the_table_says_why(
    artifacts: Path, tmp_path: Path
) -> None:
    async with (
        openai_server(Speaks((GOOD,))) as server,
        openai_server(Chooses(json.dumps(PRAISE))) as judging,
    ):
        questions, systems = written(tmp_path, server.base_url)
        out = tmp_path / "out"
        status, told_out, told_err = await ended(
            "--systems", str(systems), "--questions", str(questions), "--out", str(out),
            "--artifacts", str(artifacts), "--judge", judging.base_url, "--judge-model", "big",
        )  # fmt: skip

    assert status == 0, told_err
    assert len(judging.requests) == lines(out / "verdicts.jsonl") == 4 * 60
    assert "이 심판은 믿지 않아요" in told_out
    assert "심판: 안전" not in told_out.split("카파")[0].split("심판: big")[0]


async def test_a_server_that_is_not_there_is_one_sentence_and_status_1(
    artifacts: Path, tmp_path: Path
) -> None:
    questions, systems = written(tmp_path, "http://127.0.0.1:9/v1")
    status, _, told_err = await ended(
        "--systems", str(systems), "--questions", str(questions), "--out", str(tmp_path / "out"),
        "--artifacts", str(artifacts),
    )  # fmt: skip

    assert status == 1
    assert "이어서 해요" in told_err.splitlines()[-1]
    assert "Traceback" not in told_err
