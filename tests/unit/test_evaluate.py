"""Labelled rows, and the report made of what came of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.domain import Answer, Concern, SkinType, Source, Writer
from engine.generation.evaluate import (
    Guarded,
    Outcome,
    answering,
    guarding,
    retrieval,
    table,
    understanding,
)
from engine.generation.intent import Intent, Understanding
from engine.generation.labelled import (
    LabelledAnswer,
    LabelledQuestion,
    LabelledSentence,
    Unreadable,
    answers,
    questions,
)

QUESTION: dict[str, Any] = {
    "id": "q1",
    "turns": ["안녕", "건성인데 홍조는 없어요"],
    "intent": "concern",
    "skin_types": ["건성"],
    "concerns": [],
    "not_concerns": ["홍조"],
    "passages": ["product:p001"],
    "refuse": False,
    "half": "tune",
}


def row(id: str = "q1", intent: str = "recommend", **labels: Any) -> LabelledQuestion:
    known: dict[str, Any] = {
        "turns": ("?",),
        "skin_types": frozenset(),
        "concerns": frozenset(),
        "not_concerns": frozenset(),
        "passages": frozenset(),
        "refuse": False,
    }
    return LabelledQuestion(id=id, intent=intent, **(known | labels))


def outcome(
    asked: LabelledQuestion,
    understood: Understanding | None = None,
    answer: Answer | None = None,
    **rankings: list[str],
) -> Outcome:
    guess = understood or Understanding(Intent(asked.intent))
    return Outcome(asked, guess, rankings, answer or Answer("네."))


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in rows), "utf-8")
    return path


# --- rows ---------------------------------------------------------------------------------------


def test_a_question_is_read_with_its_labels(tmp_path: Path) -> None:
    [read] = questions(written(tmp_path / "q.jsonl", QUESTION), "all")
    assert read.turns == ("안녕", "건성인데 홍조는 없어요")
    assert read.skin_types == {SkinType.DRY}
    assert read.not_concerns == {Concern.REDNESS}


def test_the_other_half_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path / "q.jsonl", QUESTION, QUESTION | {"id": "q2", "half": "test"})
    assert [one.id for one in questions(path, "tune")] == ["q1"]
    assert [one.id for one in questions(path, "test")] == ["q2"]


def test_a_row_with_an_unknown_skin_type_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "q.jsonl", QUESTION, QUESTION | {"skin_types": ["물성"]})
    with pytest.raises(Unreadable, match=r"line 2: .*물성"):
        questions(path, "all")


def test_an_answer_without_a_reason_is_read(tmp_path: Path) -> None:
    row = {
        "id": "a1",
        "question": "얼마예요?",
        "passages": ["product:p001"],
        "answer": "만 원이에요 [1].",
        "sentences": [{"text": "만 원이에요 [1].", "supported": True}],
        "products_exist": True,
        "refusal_right": True,
        "half": "tune",
    }
    [read] = answers(written(tmp_path / "a.jsonl", row), "tune")
    assert read.sentences == (LabelledSentence("만 원이에요 [1].", True, ""),)


# --- questions ----------------------------------------------------------------------------------


def test_intents_and_entities_are_reported() -> None:
    both = frozenset({Concern.ACNE, Concern.PORES})
    report = understanding(
        [
            outcome(row("q1", "recommend"), Understanding(Intent.RECOMMEND)),
            outcome(row("q2", "routine"), Understanding(Intent.UNCLEAR)),
            outcome(
                row("q3", "recommend", concerns=both),
                Understanding(Intent.RECOMMEND, concerns=(Concern.ACNE, Concern.SPOTS)),
            ),
        ]
    )
    assert report["intent"]["macro_f1"] == 0.5
    assert report["intent"]["mistaken"] == ["q2 routine → unclear"]
    assert report["entities"]["each"]["concerns"]["precision"] == 0.5
    assert report["entities"]["f1"] == 0.5


def test_rankings_are_reported_over_the_rows_that_a_document_answers() -> None:
    wanted = frozenset({"product:p1"})
    first = ["product:p1", "product:p2"]
    sixth = [*(f"product:x{n}" for n in range(5)), "product:p1"]
    report = retrieval(
        [
            outcome(row("q1", passages=wanted), dense=first, served=first),
            outcome(row("q2", passages=wanted), dense=sixth, served=first),
            outcome(row("q3")),
        ]
    )
    assert report["asked"] == 2
    assert report["retriever"]["dense"] == {
        "recall@5": 0.5,
        "share@5": 0.5,
        "mrr": pytest.approx((1 + 1 / 6) / 2),
    }
    assert report["missed"] == []


def test_a_refusal_is_right_only_where_it_was_asked_for() -> None:
    refusal = Answer("못 해요.", writer=Writer.GUARD)
    report = answering(
        [
            outcome(row("q1", "outside", refuse=True), answer=refusal),
            outcome(row("q2", "outside", refuse=True)),
            outcome(row("q3"), answer=refusal),
            outcome(row("q4")),
            outcome(row("q5", "chitchat"), answer=refusal),
        ]
    )
    assert report["refusals_right"] == 0.5
    assert (report["refused_wrongly"], report["not_refused"]) == (["q3"], ["q2"])


def test_a_red_flag_is_met_by_set_words_of_a_doctors_matter() -> None:
    refusal = Answer("병원에 가세요.", writer=Writer.GUARD)
    flag = row("q1", "medical", refuse=True)
    asked = [
        outcome(flag, answer=refusal),
        outcome(flag, Understanding(Intent.OUTSIDE), refusal),
        outcome(flag),
    ]
    assert answering(asked)["red_flags"] == pytest.approx(1 / 3)


def test_a_source_whose_product_is_gone_is_seen() -> None:
    there, gone = Source(1, "product", "가", product=3), Source(1, "product", "나")  # type: ignore[arg-type]
    report = answering([outcome(row(), answer=Answer("네.", (one,))) for one in (there, gone)])
    assert report["sources_exist"] == 0.5


# --- answers ------------------------------------------------------------------------------------

TRUE = LabelledSentence("만 원이에요 [1].", True)
FALSE = LabelledSentence("미백에 좋아요 [1].", False, "effect: 글에 없음")
INVENTED = LabelledSentence("달빛 앰플도 있어요.", False, "product: 없는 제품")


def labelled(*sentences: LabelledSentence, **labels: Any) -> LabelledAnswer:
    known: dict[str, Any] = {
        "products_exist": INVENTED not in sentences,
        "refusal_right": True,
    }
    text = " ".join(one.text for one in sentences)
    return LabelledAnswer(
        id="a1",
        question="?",
        passages=(),
        answer=text,
        sentences=sentences,
        **(known | labels),
    )


def test_what_the_guards_drop_and_let_through_is_counted() -> None:
    report = guarding(
        [
            Guarded(labelled(TRUE, FALSE, INVENTED), set_answer=False, shown="만 원이에요 [1]."),
            Guarded(labelled(TRUE, FALSE), set_answer=False, shown="미백에 좋아요 [1]."),
        ]
    )
    assert report["before"]["supported"] == 2 / 5
    assert report["after"]["supported"] == 1 / 2
    # dropped: two that were unsupported, one that was supported; one unsupported stayed
    assert report["guards"]["precision"] == report["guards"]["recall"] == pytest.approx(2 / 3)
    assert report["let_through"] == [("a1", FALSE.text)]
    assert report["dropped_wrongly"] == [("a1", TRUE.text)]


def test_an_invented_product_is_gone_with_its_sentence() -> None:
    row = labelled(TRUE, INVENTED)
    dropped = Guarded(row, set_answer=False, shown=TRUE.text)
    kept = Guarded(row, set_answer=False, shown=row.answer)
    report = guarding([dropped, kept])
    assert (report["before"]["products_exist"], report["after"]["products_exist"]) == (0.0, 0.5)


def test_a_citation_that_was_mended_leaves_the_sentence_the_same() -> None:
    assert Guarded(labelled(TRUE), set_answer=False, shown="만 원이에요 [2].").keeps(TRUE.text)


def test_nothing_is_kept_where_the_composed_answer_stands() -> None:
    report = guarding([Guarded(labelled(TRUE), set_answer=False, shown="")])
    assert report["after"]["composed_instead"] == 1
    assert report["after"]["supported"] is None


def test_set_words_mend_a_missing_refusal_and_spoil_a_told_fact() -> None:
    missing = Guarded(labelled(FALSE, refusal_right=False), set_answer=True, shown="")
    told = Guarded(labelled(TRUE), set_answer=True, shown="")
    polite = LabelledSentence("그건 알려 드릴 수 없어요.", True)
    refused = Guarded(labelled(polite), set_answer=True, shown="")
    report = guarding([missing, told, refused])
    assert report["before"]["refusals_right"] == pytest.approx(2 / 3)
    assert report["after"]["refusals_right"] == pytest.approx(2 / 3)


# --- the table ----------------------------------------------------------------------------------


def test_the_table_has_a_line_for_each_of_a_kind() -> None:
    told = table({"half": "tune", "retrieval": {"asked": 2, "each": {"dense": {"mrr": 0.5}}}})
    assert "| dense | 0.500 |" in told
    assert "| asked | 2 |" in told
