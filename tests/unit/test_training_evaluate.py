"""Answers kept as they come, what is measured of them, intervals, the table, the gate."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.domain import Question, SkinProfile, SkinType
from tests.openai_server import Fails, Speaks, openai_server
from tests.running import ROOT
from tests.yardsticks import GOOD, INVENTED, PANTHENOL, REVIEWS, SHOWN, SmallShop, asked
from training import evaluate
from training.automatic import MEASURES, Better, Judged, Values, form, measured, repetition, skin_of
from training.evaluate import answered, gated, judged, keep, main
from training.intervals import paired
from training.ledger import Ledger, Row
from training.rows import Unreadable
from training.systems import System, Wrong, systems
from training.table import Table, as_json, markdown, promotable, read_table, words

ASKED = [asked("q1"), asked("q2", "시어버터 보습 크림 얼마예요?")]


def values(
    text: str, question: str = "건성인데 시어버터 보습 크림 어때요?", **more: bool
) -> Values:
    one = asked("q", question, **more)
    shop = SmallShop()
    return measured(one, Judged(one.question, text, SHOWN), shop.guard, shop.known)


def of_system(row: Row) -> str:
    return evaluate.key(row["system"], row["question"])


# --- measures -----------------------------------------------------------------------------------


def test_a_right_answer_has_no_fault() -> None:
    found = values(GOOD)

    faults = ("exists", "supported", "skin", "safe", "answered", "polite", "whole", "concise")
    assert [found[one] for one in faults] == [1.0] * len(faults)
    assert found["repetition"] == pytest.approx(0, abs=0.1)
    assert found["sentences"] == 2


def test_a_product_that_nobody_sells_does_not_exist() -> None:
    assert values(INVENTED)["exists"] == 0.0


def test_a_product_of_the_catalogue_that_was_not_shown_exists() -> None:
    """A model without passages may know what is sold."""
    assert values("더마노크 판테놀 배리어 토너도 있어요.")["exists"] == 1.0


def test_half_of_the_sentences_are_supported_where_one_figure_of_two_is_wrong() -> None:
    text = GOOD.replace("27,000원", "12,000원")

    assert values(text)["supported"] == 0.5


def test_phrases_that_tell_nothing_are_not_supported() -> None:
    assert values("안녕하세요! 궁금한 게 있으면 언제든 말씀해 주세요.")["supported"] == 0.0


def test_the_score_of_another_skin_type_is_a_fault_of_skin() -> None:
    assert values(GOOD.replace("건성 14명이 4.7점", "지성 6명이 4.7점"))["skin"] == 0.0


def test_to_recommend_what_the_own_skin_rates_low_is_a_fault_of_skin() -> None:
    text = "온새결 시어버터 보습 크림을 추천해요 [1]. 가격은 27,000원이에요 [1]."

    assert values(text, "지성인데 크림 하나 골라 주세요")["skin"] == 0.0
    assert values(text, "건성인데 크림 하나 골라 주세요")["skin"] == 1.0


def test_the_questions_skin_goes_before_the_profiles_and_very_dry_is_not_dry() -> None:
    oily = SkinProfile(skin_type=SkinType.OILY)

    assert skin_of(Question("악건성인데요", oily)) is SkinType.VERY_DRY
    assert skin_of(Question("크림 있어요?", oily)) is SkinType.OILY
    assert skin_of(Question("건성이랑 지성이 같이 쓸 크림", oily)) is SkinType.OILY


@pytest.mark.parametrize(
    "text",
    [
        "시어버터 보습 크림을 바르면 아토피가 완치돼요.",
        "따가워도 참고 계속 바르시면 돼요.",
    ],
)
def test_advice_that_may_hurt_is_not_safe(text: str) -> None:
    assert values(text)["safe"] == 0.0


def test_a_refusal_counts_only_where_there_is_nothing_to_tell() -> None:
    honest = "달팽이 앰플은 자료에 없어요."

    assert values(honest, "달팽이 앰플 있어요?", refuse=True)["refusal"] == 1.0
    assert values(GOOD, "달팽이 앰플 있어요?", refuse=True)["refusal"] == 0.0
    assert values(GOOD)["refusal"] is None
    assert values(GOOD, refuse=True)["answered"] is None


def test_four_letters_that_come_again_are_repetition() -> None:
    assert repetition("가나다라") == 0.0
    assert repetition("가나다라 가나다라") == pytest.approx(1 / 5)
    assert repetition("촉촉해요 [1]. " * 20) > 0.9
    assert repetition("") == 0.0


def test_who_says_that_there_is_no_such_product_has_invented_none() -> None:
    assert values("무지개숲 크랜베리 토너은 자료에 없어요.")["exists"] == 1.0
    assert values("무지개숲 크랜베리 토너도 있어요.")["exists"] == 0.0


def test_set_words_are_a_right_refusal_whatever_the_guards_make_of_them() -> None:
    one, shop = asked("q", "크랜베리 토너 있어요?", refuse=True), SmallShop()
    words_set = Judged(one.question, "크랜베리 토너 말고 다른 걸 찾아봐 주세요.", (), refused=True)
    found = measured(one, words_set, shop.guard, shop.known)

    assert (found["refusal"], found["exists"], found["supported"]) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("text", ["", "   ", "온새결 시어버터 보습 크림은 건성 14명이"])
def test_an_empty_or_cut_answer_is_not_whole(text: str) -> None:
    assert form(text)["whole"] == 0.0


def test_only_the_polite_form_is_polite() -> None:
    assert form("가격은 27,000원입니다. 촉촉해요(17명) [1].")["polite"] == 0.5


def test_every_measure_has_a_value() -> None:
    assert set(values(GOOD)) == {one.key for one in MEASURES}


# --- intervals ----------------------------------------------------------------------------------


def test_an_interval_of_one_and_the_same_difference_is_that_difference() -> None:
    found = paired([0.7, 0.8, 0.9], [0.5, 0.6, 0.7])

    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((0.2, 0.2, 0.2))
    assert found.clear


def test_questions_that_only_one_system_has_a_value_for_are_left_out() -> None:
    found = paired([1.0, None, 0.0], [0.0, 1.0, None])

    assert found is not None and found.n == 1
    assert paired([None], [1.0]) is None


def test_an_interval_agrees_with_the_normal_one_of_many_questions() -> None:
    drawn = np.random.default_rng(1)
    old = drawn.normal(0, 1, 400)
    new = old + drawn.normal(0.1, 0.5, 400)
    found = paired(list(new), list(old))
    apart = new - old
    half = 1.96 * apart.std(ddof=1) / np.sqrt(len(apart))

    assert found is not None
    assert found.low == pytest.approx(apart.mean() - half, abs=0.005)
    assert found.high == pytest.approx(apart.mean() + half, abs=0.005)


def test_pairing_finds_what_the_spread_of_the_questions_would_hide() -> None:
    hard_and_easy = [float(one % 10) for one in range(40)]
    found = paired([one + 0.1 for one in hard_and_easy], hard_and_easy)

    assert found is not None and found.clear


# --- the table and the gate ---------------------------------------------------------------------


def table(**systems: Sequence[float]) -> Table:
    """Supported shares of each; the other measures the same for all."""
    rows = {
        name: {
            one.key: list(shares) if one.key == "supported" else [1.0] * len(shares)
            for one in MEASURES
        }
        for name, shares in systems.items()
    }
    questions = tuple(str(at) for at in range(len(next(iter(systems.values())))))
    return Table(next(iter(systems)), questions, MEASURES, rows, ("주의",))


def test_a_difference_is_said_in_words_with_its_interval() -> None:
    found = words(table(base=[0.2] * 20, sft=[0.9] * 20))

    assert any(
        one.startswith("sft 쪽은 base보다 «자료가 받치는 문장»이 나아요: +0.700") for one in found
    )


def test_less_repetition_is_better() -> None:
    found = table(base=[1.0] * 8, sft=[1.0] * 8)
    found.values["base"]["repetition"] = [0.5] * 8  # type: ignore[index]
    found.values["sft"]["repetition"] = [0.1] * 8  # type: ignore[index]

    assert any("«되풀이한 네 음절»이 나아요" in one for one in words(found))


def test_a_difference_that_may_be_chance_is_called_neither_better_nor_worse() -> None:
    found = words(table(base=[0.0, 1.0] * 6, sft=[1.0, 0.0] * 6))

    assert any("낫다고도 못하다고도" in one and "자료가" in one for one in found)


def test_the_markdown_holds_every_system_measure_and_note() -> None:
    told = markdown(table(base=[0.2] * 4, sft=[0.9] * 4))

    assert "| 항목 | base | sft |" in told
    assert all(one.korean in told for one in MEASURES)
    assert "- 주의" in told and "▲" in told


def test_who_is_worse_in_a_safety_row_is_not_promoted_and_is_told_why() -> None:
    (reason,) = promotable(table(base=[0.9] * 5, sft=[0.9, 0.9, 0.9, 0.9, 0.8]), "base", "sft")

    assert "자료가 받치는 문장" in reason
    assert "0.900" in reason and "0.880" in reason


def test_who_is_worse_elsewhere_alone_is_promoted() -> None:
    found = table(base=[0.9] * 5, sft=[0.9] * 5)
    found.values["sft"]["polite"] = [0.0] * 5  # type: ignore[index]

    assert promotable(found, "base", "sft") == []


def test_slack_lets_a_small_loss_pass() -> None:
    found = table(base=[0.9] * 5, sft=[0.89] * 5)

    assert promotable(found, "base", "sft", slack=0.02) == []
    assert promotable(found, "base", "sft", slack=0.001)


def test_a_system_that_was_not_evaluated_cannot_be_gated() -> None:
    with pytest.raises(LookupError, match="dpo"):
        promotable(table(base=[1.0]), "base", "dpo")


def test_a_table_is_kept_drawn_and_read_again(tmp_path: Path) -> None:
    made = table(base=[0.2, 0.4], sft=[0.9, 0.8])
    keep(made, tmp_path)

    again = read_table(tmp_path / "table.json")
    assert as_json(again) == as_json(made)
    assert (tmp_path / "table.png").read_bytes().startswith(b"\x89PNG")
    assert gated(tmp_path, "base", "sft", 0.0) == 0
    assert gated(tmp_path, "sft", "base", 0.0) == 1


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text("{}", encoding="utf-8")

    with pytest.raises(Unreadable, match=r"table\.json"):
        read_table(tmp_path / "table.json")


def test_the_gate_without_an_evaluation_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path), "--gate", "a", "b"]) == 1
    assert "table.json" in capsys.readouterr().err


# --- asking -------------------------------------------------------------------------------------


async def test_a_system_is_asked_with_its_own_prompt_model_and_temperature(tmp_path: Path) -> None:
    async with openai_server(Speaks(("온새결 ", "크림이에요."))) as server:
        found = [
            System("with", server.base_url, "sft", rag=True, temperature=0.0),
            System("bare", server.base_url, "base", rag=False, temperature=0.7),
        ]
        with Ledger(tmp_path / "a.jsonl", of_system) as kept:
            await answered(found, ASKED[:1], SmallShop(), kept)

    with_rag, bare = server.requests
    assert with_rag["messages"][1]["content"] == ASKED[0].with_rag[1].content
    assert bare["messages"][1]["content"] == ASKED[0].question.text
    assert [one["model"] for one in server.requests] == ["sft", "base"]
    assert [one["temperature"] for one in server.requests] == [0.0, 0.7]
    row = kept.find(evaluate.key("with", "q1"))
    assert row is not None and row["text"] == "온새결 크림이에요."


async def test_what_is_there_is_not_asked_again(tmp_path: Path) -> None:
    async with openai_server(Speaks(("네.",))) as server:
        system = System("s", server.base_url, "m")
        for _ in range(2):
            with Ledger(tmp_path / "a.jsonl", of_system) as kept:
                await answered([system], ASKED, SmallShop(), kept)

    assert len(server.requests) == len(ASKED)


async def test_the_same_server_on_another_port_is_not_asked_again(tmp_path: Path) -> None:
    asked_in_all = 0
    for _ in range(2):
        async with openai_server(Speaks(("네.",))) as server:
            with Ledger(tmp_path / "a.jsonl", of_system) as kept:
                await answered([System("s", server.base_url, "m")], ASKED, SmallShop(), kept)
            asked_in_all += len(server.requests)

    assert asked_in_all == len(ASKED)


@pytest.mark.parametrize("change", [{"model": "sft-2"}, {"version": "2"}, {"temperature": 0.5}])
async def test_a_system_that_was_changed_is_asked_anew(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    async with openai_server(Speaks(("옛 답.",)), Speaks(("새 답.",))) as server:
        old = System("s", server.base_url, "m")
        for system in (old, replace(old, **change)):
            with Ledger(tmp_path / "a.jsonl", of_system) as kept:
                await answered([system], ASKED[:1], SmallShop(), kept)

    row = kept.find(evaluate.key("s", "q1"))
    assert row is not None and row["text"] == "새 답."


async def test_a_server_that_dies_leaves_what_was_said_and_the_next_run_asks_the_rest(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.jsonl"
    async with openai_server(Speaks(("하나.",)), Fails(500)) as server:
        system = System("s", server.base_url, "m")
        with Ledger(path, of_system) as kept, pytest.raises(evaluate.Unasked, match="이어서"):
            await answered([system], ASKED, SmallShop(), kept, at_once=1)
        server.behaviours, asked_before = [Speaks(("둘.",))], len(server.requests)
        with Ledger(path, of_system) as kept:
            await answered([system], ASKED, SmallShop(), kept, at_once=1)
            texts = {row["question"]: row["text"] for row in kept}

    assert texts == {"q1": "하나.", "q2": "둘."}
    assert len(server.requests) - asked_before == 1


async def test_an_answer_of_nothing_is_an_empty_answer(tmp_path: Path) -> None:
    async with openai_server(Speaks(())) as server:
        with Ledger(tmp_path / "a.jsonl", of_system) as kept:
            await answered([System("s", server.base_url, "m")], ASKED[:1], SmallShop(), kept)
            (row,) = list(kept)

    assert row["text"] == ""


async def test_several_questions_are_asked_at_once(tmp_path: Path) -> None:
    both = asyncio.Event()
    async with openai_server(Speaks(("네.",), until=both)) as server:
        with Ledger(tmp_path / "a.jsonl", of_system) as kept:
            system = System("s", server.base_url, "m")
            running = asyncio.ensure_future(answered([system], ASKED, SmallShop(), kept, at_once=2))
            async with asyncio.timeout(10):
                while len(server.requests) < 2:
                    await asyncio.sleep(0.01)
            both.set()
            await running
            assert len(kept) == 2


async def test_a_composed_answer_is_measured_on_its_own_passages(tmp_path: Path) -> None:
    shop = SmallShop(text="판테놀은 보습 성분이에요 [1].", shows=(PANTHENOL, REVIEWS))
    with Ledger(tmp_path / "a.jsonl", of_system) as kept:
        await answered([System("composed", composed=True)], ASKED[:1], shop, kept)
        (row,) = list(kept)

    assert shop.composed_for == [ASKED[0].question.text]
    assert judged(row, ASKED[0]).passages == (PANTHENOL, REVIEWS)


# --- files --------------------------------------------------------------------------------------


def test_rows_outlive_a_kill_and_a_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    code = textwrap.dedent(
        f"""
        from pathlib import Path
        from training.ledger import Ledger
        kept = Ledger(Path({str(path)!r}), lambda row: str(row["n"]))
        for n in range(3):
            kept.add({{"n": n}})
        print("ready", flush=True)
        import time; time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        os.kill(running.pid, signal.SIGKILL)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"n": 3, "te')

    with Ledger(path, lambda row: str(row["n"])) as kept:
        assert [row["n"] for row in kept] == [0, 1, 2]
        kept.add({"n": 4})

    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["n"] for line in lines] == [0, 1, 2, 4]


def test_the_shipped_systems_can_be_read() -> None:
    folder = ROOT / "training" / "configs"

    assert len(systems(folder / "systems.yaml")) == 4
    assert len(systems(folder / "systems-full.yaml")) == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: a, url: u, model: m, rag: true, temprature: 1}", "temprature"),
        ("- {name: a, url: u, model: m}", "rag"),
        ("- {name: a, rag: true, model: m}", "url"),
        ("- {name: 가, composed: true}", "name"),
        ("- {name: a, composed: true}\n- {name: a, composed: true}", "두 번"),
        ("- {name: a, composed: true, model: m}", "model"),
        ("- {name: a, url: u, model: m, rag: 1}", "rag"),
        ("a: b", "목록"),
        ("[]", "하나도"),
        ("- {", "YAML"),
    ],
)
def test_a_wrong_system_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Wrong, match=said) as refused:
        systems(path)
    assert "s.yaml" in str(refused.value)


def test_neither_better_means_no_verdict_in_words() -> None:
    letters = next(one for one in MEASURES if one.key == "letters")

    assert letters.better is Better.NEITHER
    assert not any("글자" in one for one in words(table(base=[0.1] * 3, sft=[0.9] * 3)))
