"""The labelled questions and answers are whole, and their labels agree with the documents."""

import csv
import json
import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import product
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from engine.domain import Concern, SkinType
from engine.parsing.ingredients import ingredient_names
from engine.retrieval.documents import documents

SEED: Final = Path(__file__).resolve().parents[2] / "data" / "seed"
INTENTS: Final = [
    "recommend",
    "product",
    "ingredient",
    "compare",
    "concern",
    "routine",
    "shop",
    "chitchat",
    "medical",
    "outside",
    "abuse",
]
PATHLESS: Final = {"chitchat", "medical", "outside", "abuse"}
"""No document answers these."""
REFUSED: Final = {"medical", "outside", "abuse"}
FAULTS: Final = [
    "product",
    "slip",
    "price",
    "rating",
    "count",
    "percent",
    "number",
    "skin",
    "polarity",
    "ingredient",
    "effect",
    "promise",
    "citation",
    "injection",
    "refusal",
    "share",
    "compare",
    "superlative",
    "sum",
    "owner",
    "opinion",
    "texture",
    "scent",
    "use",
    "medical",
    "shop",
    "promo",
]
INVENTED: Final = {"product", "slip"}
"""Faults that name what the shop does not sell."""
ALIKE_AT_MOST: Final = 0.75

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    lines = (SEED / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


QUESTIONS: Final = rows("questions.jsonl")
ANSWERS: Final = rows("answers.jsonl")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Of the seed's documents by id, read as ingest reads them."""
    products = pd.read_csv(SEED / "products.csv", dtype={"product_id": str})
    products["ingredients"] = [list(ingredient_names(raw)) for raw in products["ingredients"]]
    ingredients = pd.read_csv(SEED / "ingredients.csv", dtype=str)
    for column in ("roles", "aliases"):
        ingredients[column] = [
            tuple(cell.split("|")) if isinstance(cell, str) else () for cell in ingredients[column]
        ]
    reviews = pd.read_csv(SEED / "reviews.csv", dtype={"product_id": str})
    with (SEED / "faq.csv").open(encoding="utf-8", newline="") as file:
        faq = [(row["question"], row["answer"]) for row in csv.DictReader(file)]
    return {str(one.id): one.page_content for one in documents(products, ingredients, reviews, faq)}


def of_half(part: list[Row], half: str) -> list[Row]:
    return [row for row in part if row["half"] == half]


def bare(text: str) -> str:
    """Without what two spellings of one question differ in."""
    return re.sub(r"[^0-9a-z가-힣ㄱ-ㅎ]", "", text.lower())


def asked(row: Row) -> str:
    return bare(" ".join(row["turns"]))


def cited_in(sentence: str) -> set[int]:
    return {int(mark) for mark in re.findall(r"\[(\d+)\]", sentence)}


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


def faults(row: Row) -> list[str]:
    return [one["why"].split(":")[0] for one in row["sentences"] if not one["supported"]]


# --- questions ----------------------------------------------------------------------------------


def test_there_are_480_questions_with_ids_in_order_120_of_them_to_measure_with():
    assert [row["id"] for row in QUESTIONS] == [f"q{number:03d}" for number in range(1, 481)]
    halves = ["tune"] * 200 + ["test"] * 120 + ["tune"] * 160
    assert [row["half"] for row in QUESTIONS] == halves


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["id"])
def test_a_question_has_all_its_labels_and_no_others(row):
    assert list(row) == (
        [
            "id",
            "turns",
            "intent",
            "skin_types",
            "concerns",
            "not_concerns",
            "passages",
            "refuse",
            "half",
        ]
    )
    assert row["turns"] and all(turn == turn.strip() and turn for turn in row["turns"])
    assert row["intent"] in INTENTS
    assert row["half"] in ("tune", "test")
    assert set(row["skin_types"]) <= {value.value for value in SkinType}
    held, denied = (set(map(Concern, row[key])) for key in ("concerns", "not_concerns"))
    assert not held & denied
    assert isinstance(row["refuse"], bool)


@pytest.mark.parametrize(("half", "least"), [("tune", 10), ("test", 6)])
def test_each_intent_is_asked_often_enough_in_each_half(half, least):
    asked_for = Counter(row["intent"] for row in of_half(QUESTIONS, half))
    assert set(asked_for) == set(INTENTS)
    assert min(asked_for.values()) >= least


@pytest.mark.parametrize(
    ("half", "follow_ups", "denials", "alarms"), [("tune", 35, 20, 20), ("test", 25, 14, 11)]
)
def test_there_are_enough_follow_ups_denials_and_alarms(half, follow_ups, denials, alarms):
    part = of_half(QUESTIONS, half)
    assert sum(len(row["turns"]) > 1 for row in part) >= follow_ups
    assert sum(bool(row["not_concerns"]) for row in part) >= denials
    assert sum(row["intent"] == "medical" for row in part) >= alarms


def test_passages_are_documents_of_the_seed(texts):
    unknown = {one for row in QUESTIONS for one in row["passages"]} - set(texts)
    assert not unknown
    assert all(len(row["passages"]) == len(set(row["passages"])) for row in QUESTIONS)


def test_what_no_document_answers_has_no_passages_and_a_refusal_neither():
    for row in QUESTIONS:
        if row["refuse"] or row["intent"] in PATHLESS:
            assert row["passages"] == [], row["id"]
        if row["intent"] in REFUSED:
            assert row["refuse"], row["id"]


@pytest.mark.parametrize(("half", "least"), [("tune", 15), ("test", 9)])
def test_what_does_not_exist_is_asked_for_often_enough(half, least):
    part = of_half(QUESTIONS, half)
    absent = [row for row in part if row["refuse"] and row["intent"] not in REFUSED]
    assert sum(row["intent"] != "shop" for row in absent) >= least


def test_the_halves_of_the_questions_are_no_paraphrases_of_each_other():
    pairs = product(of_half(QUESTIONS, "tune"), of_half(QUESTIONS, "test"))
    near = [
        (tune["id"], test["id"])
        for tune, test in pairs
        if _alike(asked(tune), asked(test)) > ALIKE_AT_MOST
    ]
    assert near == []


def test_no_question_of_the_test_half_is_among_those_that_the_classifier_learns_from():
    learned = {bare(row["text"]) for row in rows("intents.jsonl")}
    whole = [row for row in of_half(QUESTIONS, "test") if len(row["turns"]) == 1]
    assert [row["id"] for row in whole if asked(row) in learned] == []


def _alike(one: str, other: str) -> float:
    """1 where equal; the bounds come first, being quick."""
    match = SequenceMatcher(None, one, other, autojunk=False)
    if match.real_quick_ratio() <= ALIKE_AT_MOST or match.quick_ratio() <= ALIKE_AT_MOST:
        return 0.0
    return match.ratio()


# --- answers ------------------------------------------------------------------------------------


def test_there_are_186_answers_40_of_them_to_measure_with():
    assert [row["id"] for row in ANSWERS] == [f"a{number:02d}" for number in range(1, 187)]
    assert Counter(row["half"] for row in ANSWERS) == {"tune": 146, "test": 40}


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row["id"])
def test_an_answer_is_its_labelled_sentences(row):
    assert list(row) == (
        [
            "id",
            "question",
            "passages",
            "answer",
            "sentences",
            "products_exist",
            "refusal_right",
            "half",
        ]
    )
    assert row["answer"] == " ".join(one["text"] for one in row["sentences"])
    for one in row["sentences"]:
        assert one["supported"] is ("why" not in one)
    assert set(faults(row)) <= set(FAULTS)


def test_an_answer_names_what_does_not_exist_exactly_where_a_sentence_is_said_to():
    for row in ANSWERS:
        assert row["products_exist"] is not bool(INVENTED & set(faults(row))), row["id"]


def test_about_half_of_the_sentences_are_wrong_and_every_kind_of_fault_is_there():
    for half in ("tune", "test"):
        sentences = [one for row in of_half(ANSWERS, half) for one in row["sentences"]]
        assert 0.35 <= sum(not one["supported"] for one in sentences) / len(sentences) <= 0.6
    assert {fault for row in ANSWERS for fault in faults(row)} == set(FAULTS)


def test_passages_that_an_answer_was_shown_are_documents_of_the_seed(texts):
    assert not {one for row in ANSWERS for one in row["passages"]} - set(texts)


def test_a_supported_sentence_holds_numbers_that_it_cites_or_their_difference(texts):
    for row in ANSWERS:
        shown = dict(enumerate((texts[one] for one in row["passages"]), start=1))
        for one in row["sentences"]:
            if one["supported"]:
                cited = " ".join(shown[mark] for mark in cited_in(one["text"]))
                said = numbers_in(re.sub(r"\[\d+\]", "", one["text"]))
                known = {float(number.replace(",", "")) for number in numbers_in(cited)}
                apart = {round(abs(a - b), 2) for a in known for b in known}
                sums = {one for one in said if float(one.replace(",", "")) in apart}
                assert said - sums <= numbers_in(cited), one["text"]


def test_the_halves_of_the_answers_share_no_sentence():
    tune, test = (
        {bare(one["text"]) for row in of_half(ANSWERS, half) for one in row["sentences"]}
        for half in ("tune", "test")
    )
    assert not tune & test
