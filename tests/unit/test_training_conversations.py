"""The rows that training reads: in serving's own form, of sources that are what they should be."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.domain import Concern, DocumentKind, Passage, Question, SkinProfile, SkinType
from engine.generation.consult import Consultant
from engine.generation.labelled import LabelledQuestion
from engine.generation.prompts import SYSTEM, Message, prompt
from engine.generation.unknown import Missing, Stock, What
from engine.provenance import checksum, command
from tests.fakes import Bookshelf
from training import card, rows, sources
from training.catalogue import answer_of, asking, refusal, served_for
from training.cleaning import (
    Near,
    Sample,
    Worse,
    clean,
    is_advertising,
    is_unsafe,
    letters,
    likeness,
)
from training.conversations import main, put
from training.held_out import HeldOut, write
from training.shop import BARE_SYSTEM, Shop, bare

SEED = Path(__file__).resolve().parents[2] / "data" / "seed"
CONSULTATIONS = [
    json.loads(line) for line in (SEED / "consultations.jsonl").read_text("utf-8").splitlines()
]
CREAM = Passage(
    DocumentKind.PRODUCT,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 (크림)\n브랜드: 새벽숲\n가격: 18,000원\n용량: 80ml\n"
    "평점: 4.5점 (리뷰 20개)\n좋아하는 피부: 건성 4.7점(9개)\n성분: 정제수, 글리세린 외 8가지",
    2.0,
)
REVIEWS = Passage(
    DocumentKind.REVIEWS,
    "p1",
    "새벽숲 이슬 수분 크림",
    "새벽숲 이슬 수분 크림 리뷰 20개, 평점 4.5점\n효과: 보습 14개, 진정 4개\n"
    "순한 정도: 순해요 15개, 보통 2개, 자극 1개\n"
    "피부 타입: 건성 9개 4.7점 순함 8/9, 지성 6개 4.0점 순함 3/5",
)
ASKED = LabelledQuestion(
    "q001",
    ("이슬 수분 크림 얼마예요?",),
    "product",
    frozenset(),
    frozenset(),
    frozenset(),
    frozenset({"product:p1"}),
    refuse=False,
)
NOBODY = SkinProfile()


class Missed(Stock):
    """Nothing bears the name that is asked for."""

    def missing(self, *_: object) -> Missing | None:
        return Missing(What.PRODUCT, ("오로라딥 크림",))


def shop(stock: Stock | None = None) -> Shop:
    shelf = Bookshelf([CREAM, REVIEWS], (), {"p1": ("정제수", "글리세린")})
    return Shop(Consultant(shelf, stock=stock), "0" * 64)


def lines(path: Path, *found: object) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found), "utf-8")
    return path


# --- the seed -----------------------------------------------------------------------------------


def test_the_seed_has_300_consultations_and_50_of_each_fault() -> None:
    assert len(CONSULTATIONS) >= 300
    faults = Counter(row["fault"] for row in CONSULTATIONS)
    assert set(faults) == set(sources.FAULTS)
    assert min(faults.values()) >= 50
    assert len({row["id"] for row in CONSULTATIONS}) == len(CONSULTATIONS)


def test_no_good_answer_of_the_seed_is_unsafe_or_sells_something() -> None:
    good = [row["good"] for row in CONSULTATIONS]
    assert [one for one in good if is_unsafe(one) or is_advertising(one)] == []


def test_unsafe_advice_of_the_seed_is_mostly_seen() -> None:
    worse = [row["worse"] for row in CONSULTATIONS if row["fault"] == "safety"]
    assert sum(map(is_unsafe, worse)) / len(worse) > 0.9


def test_no_two_consultations_are_nearly_the_same() -> None:
    near = Near((), 0.6)
    for row in CONSULTATIONS:
        whole = letters(f"{row['question']}\n{row['good']}", 3)
        assert not near.holds(whole), row["id"]
        near.add(whole)


def test_alike_questions_of_the_seed_share_a_family() -> None:
    asked = [(row["family"], letters(row["question"])) for row in CONSULTATIONS]
    for (family, one), (other_family, other) in combinations(asked, 2):
        assert family == other_family or likeness(one, other) < 0.6


SIGNS = {
    "length": len,
    "sources": lambda text: len(re.findall(r"\[\d", text)),
    "exclamations": lambda text: text.count("!"),
    "sentences": lambda text: len(re.findall(r"[.!?…](?=\s|$)", text)),
    "polite endings": lambda text: len(re.findall(r"요(?=[\s.!?\[])", text)),
}


def auc(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How often the first is above the second; a tie is half."""
    apart = one[:, None] - other[None, :]
    return float(((apart > 0) + 0.5 * (apart == 0)).mean())


@pytest.mark.parametrize("sign", SIGNS)
def test_neither_length_nor_tone_tells_the_better_answer(sign: str) -> None:
    told = [row for row in CONSULTATIONS if row["fault"] != "length"]
    of: Any = SIGNS[sign]
    good = np.array([of(row["good"]) for row in told], dtype=float)
    worse = np.array([of(row["worse"]) for row in told], dtype=float)
    assert 0.35 < auc(good, worse) < 0.65


def test_all_signs_together_do_not_tell_it_either() -> None:
    """Logistic regression, each tenth judged by what the other nine taught; a row's two answers
    always lie on one side."""
    told = [row for row in CONSULTATIONS if row["fault"] != "length"]
    measures: list[Any] = list(SIGNS.values())
    both = np.array(
        [[[of(row[which]) for of in measures] for which in ("good", "worse")] for row in told],
        dtype=float,
    )
    both = (both - both.mean((0, 1))) / both.std((0, 1))
    tenth = np.random.default_rng(0).permutation(len(told)) % 10
    scores = np.zeros(both.shape[:2])
    for number in range(10):
        scores[tenth == number] = both[tenth == number] @ _weights(both[tenth != number])
    assert auc(scores[:, 0], scores[:, 1]) < 0.65


def _weights(both: NDArray[np.float64]) -> NDArray[np.float64]:
    """`both` (rows, good and worse, signs)"""
    weights = np.zeros(both.shape[2])
    for _ in range(300):
        slope = np.zeros_like(weights)
        for which, label in ((0, 1.0), (1, 0.0)):
            told = 1 / (1 + np.exp(-both[:, which] @ weights))
            slope += both[:, which].T @ (told - label) / len(both)
        weights -= 0.3 * slope
    return weights


# --- sources ------------------------------------------------------------------------------------


CONSULTED = {
    "id": "c001",
    "family": "x-01",
    "question": "건성인데 이 크림 어때요?",
    "profile": {"skin_type": "건성", "concerns": ["건조"]},
    "passages": ["reviews:p1", "product:p1"],
    "good": "건성 9명이 4.7점을 준 크림이에요 [1].",
    "worse": "많은 분이 좋아하시는 크림이에요 [1].",
    "fault": "reason",
}


async def test_a_consultations_prompt_is_the_one_that_serving_sends(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", CONSULTED)
    (one,) = await sources.consultations(path, shop())
    profile = SkinProfile(skin_type=SkinType.DRY, concerns=(Concern.DRYNESS,))
    assert one.prompt == prompt(Question("건성인데 이 크림 어때요?", profile), [REVIEWS, CREAM])
    assert one.preferences[0].fault == "reason"


async def test_more_passages_stand_behind_those_that_the_numbers_mean(tmp_path: Path) -> None:
    row: dict[str, Any] = {**CONSULTED, "passages": ["reviews:p1"]}
    path = lines(tmp_path / "c.jsonl", row)
    for most, shown in ((0, [REVIEWS]), (1, [REVIEWS]), (6, [REVIEWS, CREAM])):
        (one,) = await sources.consultations(path, shop(), most)
        profile = sources.profile_of(row["profile"])
        assert one.prompt == prompt(Question(row["question"], profile), shown)


async def test_a_passage_that_would_cut_those_before_it_is_not_added(tmp_path: Path) -> None:
    long = [replace(CREAM, key=f"p{n}", text=f"{CREAM.text}\n" * 9) for n in range(2, 7)]
    reviews = replace(REVIEWS, text=f"{REVIEWS.text}\n" * 9)
    crowd = Shop(Consultant(Bookshelf([*long, reviews])), "0" * 64)
    path = lines(tmp_path / "c.jsonl", CONSULTED | {"passages": ["reviews:p1"]})
    alone, more = [(await sources.consultations(path, crowd, most))[0] for most in (0, 6)]
    before, after = (one.prompt[-1].content.partition("\n\n고객")[0] for one in (alone, more))
    assert after.startswith(before)


@pytest.mark.parametrize(
    "change",
    [
        {"good": "건성 9명이 4.7점으로 가장 높게 준 크림이에요 [1]."},
        {"good": "건성 9명이 4.7점을 준 크림이에요 [1]. 가격은 자료에 없어요."},
        {"worse": "건성 9명이 4.7점을 준 크림이에요 [1]. 가격은 18,000원이에요 [2]."},
    ],
)
async def test_no_passages_are_added_that_could_change_what_is_true_of_an_answer(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    path = lines(tmp_path / "c.jsonl", CONSULTED | {"passages": ["reviews:p1"]} | change)
    (one,) = await sources.consultations(path, shop(), 6)
    assert "[2] " not in one.prompt[-1].content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fault": "tone"}, "fault는"),
        ({"passages": []}, "passages는"),
        ({"passages": ["product:p9"]}, "product:p9"),
        ({"profile": {"skin_type": "악지성"}}, "악지성"),
        ({"extra": 1}, "열은"),
    ],
)
async def test_a_wrong_consultation_is_refused_by_name(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    path = lines(tmp_path / "c.jsonl", CONSULTED | change)
    with pytest.raises(rows.Unreadable, match=told) as refused:
        await sources.consultations(path, shop())
    assert str(path) in str(refused.value)


def test_knowledge_in_gives_the_accepted_answer_and_each_other_one_below_it(tmp_path: Path) -> None:
    row = {"question": "지성 토너 추천", "accepted": "산뜻한 걸 고르세요.", "others": ["가", "나"]}
    (one,) = sources.kin(lines(tmp_path / "kin.jsonl", row))
    assert [(of.chosen, of.rejected) for of in one.preferences] == [
        ("산뜻한 걸 고르세요.", "가"),
        ("산뜻한 걸 고르세요.", "나"),
    ]
    assert one.prompt == bare(Question("지성 토너 추천"))
    assert "자료" not in one.prompt[0].content


def test_an_empty_accepted_answer_is_refused_with_its_line(tmp_path: Path) -> None:
    path = lines(tmp_path / "kin.jsonl", {"question": "가", "accepted": " ", "others": []})
    with pytest.raises(rows.Unreadable, match="1번째 줄"):
        sources.kin(path)


def test_what_another_command_wrote_is_read_with_its_question(tmp_path: Path) -> None:
    asked = prompt(Question("건성 크림 추천해 주세요"), [CREAM])
    talk = rows.Conversation(
        "e1", "f", "evolved", (*asked, Message("assistant", "네, 이 크림이에요."))
    )
    pair = rows.Preference("p1", "f", "feedback", asked, "좋은 답이에요", "나쁜 답이에요", "skin")
    rows.write(tmp_path / "e.jsonl", [talk])
    rows.write(tmp_path / "p.jsonl", [pair])
    (evolved,) = sources.evolved(tmp_path / "e.jsonl")
    (chosen,) = sources.feedback(tmp_path / "p.jsonl")
    assert (evolved.question, chosen.question) == ("건성 크림 추천해 주세요",) * 2
    assert (evolved.conversation, chosen.preferences) == (talk, (pair,))


# --- the catalogue ------------------------------------------------------------------------------


async def test_a_composed_answer_is_learned_with_the_very_prompt_it_would_answer() -> None:
    served = await served_for(ASKED, NOBODY, shop())
    assert served.prompt == prompt(Question("이슬 수분 크림 얼마예요?"), served.passages)
    text = answer_of(ASKED, served, shop())
    assert "18,000원" in text
    assert "[1]" in text
    assert "원꼴" not in text
    assert "리뷰와 제품 정보를 정리한" not in text


async def test_an_answer_that_leans_on_no_right_document_is_not_learned() -> None:
    other = LabelledQuestion(*(*_of(ASKED)[:6], frozenset({"product:p7"}), False))
    assert answer_of(other, await served_for(other, NOBODY, shop()), shop()) == ""


async def test_of_a_name_that_nothing_bears_it_says_so_without_the_name() -> None:
    row = LabelledQuestion(*(*_of(ASKED)[:6], frozenset(), True))
    served = await served_for(row, NOBODY, shop(Missed()))
    assert served.prompt
    text = answer_of(row, served, shop())
    assert text == "그 제품은 제가 가진 자료에서 찾지 못했어요."


async def test_words_for_an_emergency_are_no_refusal_to_learn() -> None:
    served = await shop().ask((), Question("크림 바르고 숨을 못 쉬겠어요"))
    assert served.prompt == ()
    assert refusal("크림 바르고 숨을 못 쉬겠어요", served, shop()) == ""


def _of(row: LabelledQuestion) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.__slots__)


def test_nobody_asks_against_what_the_question_says_of_the_skin() -> None:
    dry = LabelledQuestion(
        "q007", ("건성인데요",), "recommend", frozenset({SkinType.DRY}), frozenset(), frozenset(),
        frozenset({"product:p1"}), refuse=False,
    )  # fmt: skip
    first, *others = asking(dry)
    assert first == NOBODY
    assert {one.skin_type for one in others} == {SkinType.DRY}


# --- what is written ----------------------------------------------------------------------------


def some(n: int) -> list[Sample]:
    """Two of each family, none like another."""
    return [
        Sample(
            id=f"s{at}",
            family=f"family-{at // 2}",
            source="kin",
            question=f"{at * 7919}번 질문",
            prompt=bare(Question(f"{at * 7919}번 질문")),
            answer=" ".join(f"{at * 104729 + word * 15485863}점" for word in range(5)),
            worse=(Worse("자료에 없는 제품을 있는 것처럼 권하는 나쁜 답이에요.", "skin"),),
        )
        for at in range(n)
    ]


def test_no_family_lies_in_two_files(tmp_path: Path) -> None:
    put(tmp_path, some(200))
    homes: dict[str, set[str]] = {}
    for split in ("train", "eval", "test"):
        talks = rows.conversations(tmp_path / f"conversations.{split}.jsonl")
        pairs = rows.preferences(tmp_path / f"preferences.{split}.jsonl")
        for family in (*(one.family for one in talks), *(one.family for one in pairs)):
            homes.setdefault(family, set()).add(split)
    assert len(homes) == 100
    assert all(len(places) == 1 for places in homes.values())


def test_the_same_samples_make_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in put(tmp_path / "a", some(40))]
    assert first == [path.read_bytes() for path in put(tmp_path / "b", some(40))]


async def test_a_held_out_question_carries_both_prompts_and_what_was_shown(tmp_path: Path) -> None:
    served = await served_for(ASKED, NOBODY, shop())
    write(tmp_path / "questions.jsonl", [HeldOut(ASKED, NOBODY, served)])
    (told,) = map(json.loads, (tmp_path / "questions.jsonl").read_text("utf-8").splitlines())
    assert told["passages"] == ["product:p1", "reviews:p1"]
    assert told["prompt_with_rag"][0] == {"role": "system", "content": SYSTEM}
    assert told["prompt_without_rag"][0] == {"role": "system", "content": BARE_SYSTEM}
    assert "18,000원" not in str(told["prompt_without_rag"])
    assert told["shown"][0] == {
        "kind": "product", "key": "p1", "title": CREAM.title, "text": CREAM.text
    }  # fmt: skip


def test_the_card_counts_what_went_in_and_what_came_out(tmp_path: Path) -> None:
    found = [*some(30), some(1)[0]]
    cleaned = clean(found)
    outputs = put(tmp_path, cleaned.samples)
    made = card.Made("make", found, cleaned, 4, 60, {"kin": outputs[0]}, outputs, "0" * 64)
    told = card.card(made, date(2026, 3, 2))
    assert told["found"] == {"kin": 31}
    assert told["cleaning"]["duplicate"] == 1
    assert sum(told["conversations"]["kin"].values()) == len(cleaned.samples)
    assert sum(told["faults"]["skin"].values()) == len(cleaned.samples)
    assert told["outputs"][outputs[0].name] == checksum(outputs[0])
    assert set(told["terms"]) == {one.source for one in cleaned.samples}
    assert "평가 질문 60개" in card.table(told)


def test_the_cards_command_names_no_folder_of_the_machine() -> None:
    words = ("--seed", "data/seed", "--out", "/srv/made/data", "--kin=/srv/kin.jsonl")
    told = command("training.conversations", words)
    assert told == (
        "python -m training.conversations --seed data/seed --out '…/data' '--kin=…/kin.jsonl'"
    )


def test_a_missing_seed_is_refused_and_leaves_no_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--seed", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err
    assert not (tmp_path / "out" / "card.json").exists()
