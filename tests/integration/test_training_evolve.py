"""Questions evolved by the command itself on the loaded seed: killed and gone on with."""

import csv
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.conftest import SEED
from tests.openai_server import Replies, openai_server
from tests.programs import Oracle, ended, killed, lines
from training.judge import Criterion
from training.rows import conversations

EVOLVE = "training.evolve"
SHOWN = re.compile(r"\[(\d)\] (.+) \(.+\)\n브랜드: .+\n가격: ([\d,]+원)\n용량: (\w+)")
WORDS = (
    "{}은 건성 피부가 겨울 아침에 쓰기에 가격이 알맞은 편인가요?",
    "친구에게 선물하려는데 {} 한 개 값은 얼마쯤 하나요?",
    "지난번 답을 듣고 {}이 궁금해졌어요. 세 개 사면 부담될까요?",
    "여행 갈 때 챙기려고요. {} 용량에 비해 비싼지 알려 주세요.",
)


def names() -> list[str]:
    with (SEED / "products.csv").open(encoding="utf-8") as opened:
        return [row["name"] for row in csv.DictReader(opened)]


def number(text: str) -> int:
    return int(sha256(text.encode()).hexdigest(), 16)


def teacher(products: list[str], request: dict[str, Any]) -> str:
    """Another product in every question; the answer is read off what is shown."""
    system, user = (one["content"] for one in request["messages"])
    if "짓는 사람" in system:
        return WORDS[number(user) % 4].format(products[number(user[::-1]) % len(products)])
    found = SHOWN.search(user)
    if found is None:
        return "자료에는 없는 내용이에요."
    place, name, price, volume = found.groups()
    return f"{name}의 가격은 {price}이에요 [{place}]. 용량은 {volume}이에요 [{place}]."


def verdict(request: dict[str, Any]) -> str:
    told = number(request["messages"][-1]["content"]) % 3
    return json.dumps({"reason": "r", **{one.value: 5 if told else 3 for one in Criterion}})


async def test_killed_in_an_answer_and_in_a_verdict_it_asks_nothing_twice_and_makes_the_same(
    artifacts: Path, tmp_path: Path
) -> None:
    products = names()
    teaching = Oracle(lambda request: teacher(products, request))
    judging = Oracle(verdict)
    async with (
        openai_server(Replies(teaching)) as server,
        openai_server(Replies(judging)) as judge,
    ):
        words = (
            "--teacher", server.base_url, "--teacher-model", "base", "--limit", 3,
            "--judge", judge.base_url, "--judge-model", "big", "--at-once", 1,
            "--artifacts", artifacts, "--held-out", held_out(tmp_path), "--out",
        )  # fmt: skip
        broken, whole = (tmp_path / name / "evolved.jsonl" for name in ("broken", "whole"))
        await killed(teaching, 3, EVOLVE, *words, broken, slots=1)
        assert lines(broken.with_name("evolved.said.jsonl")) == teaching.replied.total() == 3
        await killed(judging, 2, EVOLVE, *words, broken, slots=1)
        assert lines(broken.with_name("evolved.verdicts.jsonl")) == judging.replied.total()
        assert not broken.exists()
        status, _, told = await ended(EVOLVE, *words, broken)
        assert status == 0, told
        asked, judged = teaching.replied.copy(), judging.replied.copy()
        assert (await ended(EVOLVE, *words, whole))[0] == 0

    # What the whole run asks, the broken one asked just as often.
    assert (asked + asked, judged + judged) == (teaching.replied, judging.replied)
    assert lines(broken.with_name("evolved.tries.jsonl")) == 3 * 4
    assert conversations(broken)
    for name in ("evolved.jsonl", "evolved.card.json"):
        assert broken.with_name(name).read_bytes() == whole.with_name(name).read_bytes()


def held_out(folder: Path) -> Path:
    path = folder / "questions.jsonl"
    ask = {"role": "user", "content": "입술이 트는데 밤에 무엇을 바를까요?"}
    row = {
        "id": "q1", "question": ask["content"], "profile": {}, "shown": [],
        "prompt_with_rag": [ask], "prompt_without_rag": [ask], "refuse": False,
    }  # fmt: skip
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
