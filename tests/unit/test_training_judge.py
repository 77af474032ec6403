"""The judge: what it is asked, both orders, kappa, and that it is not believed unmeasured."""

import csv
import json
import math
from collections import Counter
from pathlib import Path

import pytest

from engine.domain import Question
from tests.openai_server import Chooses, Fails, openai_server
from tests.running import ROOT
from tests.yardsticks import GOOD, INVENTED, SHOWN, RuledJudge, SmallShop, asked
from training import judge
from training.evaluate import key, verdicts
from training.intervals import kappa
from training.judge import Bench, Case, Criterion, JudgeServer, JudgeUnavailable
from training.ledger import Ledger, Row
from training.rows import Unreadable
from training.systems import System

CASE = Case("q1", Question("건성인데 크림 어때요?"), SHOWN)
VERDICTS = ROOT / "data" / "seed" / "verdicts.jsonl"
SAID = {"reason": "r", **{one.value: 4 for one in Criterion}}


def fair(answer: str) -> list[int]:
    return [1] * 5 if answer == INVENTED else [5] * 5


def better(first: str, second: str) -> str:
    if fair(first) == fair(second):
        return "same"
    return "first" if fair(first) > fair(second) else "second"


def kept(folder: Path) -> Ledger:
    return Ledger(folder / "verdicts.jsonl", lambda row: str(row["key"]))


# --- kappa --------------------------------------------------------------------------------------


def test_kappa_is_one_for_the_same_and_nought_for_chance() -> None:
    assert kappa([1, 2, 3], [1, 2, 3], [1, 2, 3]) == 1.0
    assert kappa([1, 1, 2, 2], [1, 2, 1, 2], [1, 2]) == 0.0


def test_kappa_of_a_case_solved_by_hand() -> None:
    """Seen are (1, 1), (2, 3) and (3, 3): one squared step apart."""
    seen = 1.0
    rows, columns = {1: 1, 2: 1, 3: 1}, {1: 1, 2: 0, 3: 2}
    chance = sum(rows[a] * columns[b] * (a - b) ** 2 / 3 for a in rows for b in columns)

    assert kappa([1, 2, 3], [1, 3, 3], [1, 2, 3]) == pytest.approx(1 - seen / chance)


def test_a_near_miss_weighs_less_than_a_far_one() -> None:
    near = kappa([1, 2, 3, 4, 5], [2, 2, 3, 4, 5], range(1, 6))
    far = kappa([1, 2, 3, 4, 5], [5, 2, 3, 4, 5], range(1, 6))

    assert near > far


def test_kappa_of_a_constant_tells_nothing() -> None:
    assert math.isnan(kappa([5, 5], [5, 5], range(1, 6)))
    assert kappa([1, 5], [5, 5], range(1, 6)) == 0.0


# --- asking -------------------------------------------------------------------------------------


async def test_the_judge_is_asked_cold_for_a_schema_with_the_reason_before_the_scores() -> None:
    async with openai_server(Chooses(json.dumps(SAID))) as server:
        one = JudgeServer(server.base_url, "big", key="k")
        told = await one.asks("rubric", "user", judge.SCORES)
        await one.close()

    (body,) = server.requests
    wanted = body["response_format"]["json_schema"]["schema"]
    assert told == SAID
    assert body["temperature"] == 0
    assert body["response_format"]["type"] == "json_schema"
    assert next(iter(wanted["properties"])) == "reason"
    assert server.keys == ["Bearer k"]


async def test_a_judge_that_stumbles_is_asked_again_and_nonsense_is_refused() -> None:
    async with openai_server(Fails(503), Chooses(json.dumps(SAID)), Chooses("좋아요")) as server:
        one = JudgeServer(server.base_url, "big")
        assert await one.asks("s", "u", judge.SCORES) == SAID
        with pytest.raises(JudgeUnavailable, match="JSON"):
            await one.asks("s", "u", judge.SCORES)
        await one.close()


async def test_scores_outside_the_scale_are_refused(tmp_path: Path) -> None:
    with kept(tmp_path) as ledger:
        bench = Bench(RuledJudge(lambda _: [9] * 5, better), ledger)
        with pytest.raises(JudgeUnavailable, match="정한 값"):
            await bench.scores(CASE, GOOD)
        assert not list(ledger)


async def test_the_judge_reads_passages_question_answer_and_every_score_described(
    tmp_path: Path,
) -> None:
    ruled = RuledJudge(fair, better)
    with kept(tmp_path) as ledger:
        assert await Bench(ruled, ledger).scores(CASE, GOOD) == dict.fromkeys(Criterion, 5)

    (read,) = ruled.read
    assert SHOWN[0].text in read and CASE.question.text in read and GOOD in read
    for criterion in Criterion:
        (described,) = [
            part
            for part in judge.RUBRIC.split("\n\n")[1].replace("\n ", " ").split("\n")
            if part.startswith(criterion.value)
        ]
        assert all(f" {level} " in described for level in range(2, 6))
    assert judge.EXAMPLES.count("채점:") >= 3


async def test_a_judge_that_likes_what_stands_first_prefers_nobody(tmp_path: Path) -> None:
    with kept(tmp_path) as ledger:
        biased = Bench(RuledJudge(fair, lambda *_: "first"), ledger)
        assert await biased.preference(CASE, GOOD, INVENTED) == 0.5


async def test_the_better_answer_is_preferred_in_both_orders(tmp_path: Path) -> None:
    with kept(tmp_path) as ledger:
        bench = Bench(RuledJudge(fair, better), ledger)
        assert await bench.preference(CASE, GOOD, INVENTED) == 1.0
        assert await bench.preference(CASE, INVENTED, GOOD) == 0.0


async def test_a_verdict_that_was_kept_is_not_asked_again(tmp_path: Path) -> None:
    ruled = RuledJudge(fair, better)
    for _ in range(2):
        with kept(tmp_path) as ledger:
            await Bench(ruled, ledger).scores(CASE, GOOD)

    assert len(ruled.read) == 1


# --- agreement ----------------------------------------------------------------------------------


def labelled() -> list[judge.Labelled]:
    return judge.labelled(VERDICTS, SmallShop().passages)


async def test_a_judge_that_says_what_people_said_is_trusted(tmp_path: Path) -> None:
    rows = labelled()
    scores = {
        text: [told[one] for one in Criterion]
        for row in rows
        for text, told in ((row.a, row.scores_a), (row.b, row.scores_b))
    }
    best = {(row.a, row.b): row.better for row in rows}

    def chosen(first: str, second: str) -> str:
        straight = best.get((first, second))
        if straight is not None:
            return {"a": "first", "b": "second", "same": "same"}[straight]
        return {"a": "second", "b": "first", "same": "same"}[best[second, first]]

    with kept(tmp_path) as ledger:
        found = await judge.agreement(Bench(RuledJudge(scores.__getitem__, chosen), ledger), rows)

    assert set(found.kappas.values()) == {1.0}
    assert found.trusted == {one.key for one in (*judge.MEASURES, judge.PREFERRED)}


async def test_a_judge_that_praises_everything_is_not_trusted_and_it_is_said(
    tmp_path: Path,
) -> None:
    with kept(tmp_path) as ledger:
        generous = Bench(RuledJudge(lambda _: [5] * 5, lambda *_: "first"), ledger)
        found = await judge.agreement(generous, labelled())

    assert not found.trusted
    assert "믿지 않아요" in " ".join(judge.told_of(found))


def test_the_verdicts_are_sixty_of_the_seeds_documents_with_every_score_and_side() -> None:
    rows = [json.loads(line) for line in VERDICTS.read_text(encoding="utf-8").splitlines()]
    with (ROOT / "data/seed/products.csv").open(encoding="utf-8", newline="") as file:
        products = {row["product_id"] for row in csv.DictReader(file)}
    with (ROOT / "data/seed/ingredients.csv").open(encoding="utf-8", newline="") as file:
        ingredients = {row["name"] for row in csv.DictReader(file)}
    sides = Counter(row["better"] for row in rows)

    assert len(rows) == len({row["id"] for row in rows}) == 60
    for row in rows:
        for id in row["passages"]:
            kind, _, name = id.partition(":")
            assert name in (ingredients if kind == "ingredient" else products), row["id"]
    assert min(sides.values()) >= 9 and abs(sides["a"] - sides["b"]) <= 3
    for one in Criterion:
        said = {row[side][one] for row in rows for side in ("scores_a", "scores_b")}
        assert said == set(judge.LEVELS), one


def test_a_better_answer_has_no_lower_sum_of_scores() -> None:
    for row in labelled():
        a, b = sum(row.scores_a.values()), sum(row.scores_b.values())
        assert {"a": a > b, "b": b > a, "same": abs(a - b) <= 1}[row.better], row.case.id


def test_a_verdict_without_a_score_is_refused_with_its_line(tmp_path: Path) -> None:
    row = json.loads(VERDICTS.read_text(encoding="utf-8").splitlines()[0])
    row["scores_a"]["safety"] = 6
    path = tmp_path / "v.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")

    with pytest.raises(Unreadable, match="1번째"):
        judge.labelled(path, SmallShop().passages)


# --- systems ------------------------------------------------------------------------------------


async def test_each_system_has_scores_and_what_is_preferred_to_the_baseline(
    tmp_path: Path,
) -> None:
    one = asked("q1")
    with Ledger(tmp_path / "a.jsonl", _answer_key) as answers, kept(tmp_path) as ledger:
        answers.add({"system": "base", "question": "q1", "text": INVENTED})
        answers.add({"system": "sft", "question": "q1", "text": GOOD})
        bench = Bench(RuledJudge(fair, better), ledger)
        both = [System("base", "u", "base"), System("sft", "u", "sft")]
        found = await verdicts(bench, both, [one], answers, "base")

    assert found["base"]["judge_safety"] == [1.0]
    assert found["sft"]["judge_safety"] == [5.0]
    assert found["base"]["judge_preferred"] == [0.5]
    assert found["sft"]["judge_preferred"] == [1.0]


def _answer_key(row: Row) -> str:
    return key(row["system"], row["question"])
