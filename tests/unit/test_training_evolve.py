"""Questions evolved by a teacher: what is kept, what is thrown out and why, what goes on."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engine.errors import ModelUnavailable
from engine.generation.prompts import Message
from tests.yardsticks import GOOD, INVENTED, RuledJudge, SmallShop
from training.evolve import (
    Reason,
    School,
    Seed,
    Way,
    against_answer,
    card,
    evolve,
    main,
    rows_of,
    seeds,
    told,
)
from training.judge import Bench
from training.ledger import Ledger
from training.rows import conversations, write

SEED = Seed("c1", "fam", "건성 피부에 맞는 로션 추천해 주세요")
HARDER = "건성인데 여름에 끈적이지 않고 3만 원 아래인 크림도 있을까요?"


class Teacher:
    """Writes by rule, and counts how often it was asked."""

    name = "teacher"

    def __init__(
        self,
        question: Callable[[int], str] = lambda n: f"{HARDER} {'가나다라마바사아'[n % 8] * 30}",
        answer: Callable[[int], str] = lambda _: GOOD,
    ) -> None:
        self._question, self._answer = question, answer
        self.questions = self.answers = 0
        self.dies_after: int | None = None

    async def says(self, key: str, prompt: Sequence[Message], temperature: float) -> str:
        if self.dies_after is not None and self.questions >= self.dies_after:
            raise ModelUnavailable("gone")
        if "짓는 사람" in prompt[0].content:
            self.questions += 1
            return self._question(self.questions)
        self.answers += 1
        return self._answer(self.answers)


def ledger(folder: Path) -> Ledger:
    return Ledger(folder / "tries.jsonl", lambda row: str(row["key"]))


async def one_try(teacher: Teacher, **more: object) -> Reason | None:
    school = School(teacher, SmallShop(), **more)  # type: ignore[arg-type]
    return (await school.tries("c1/constraint#0", SEED, Way.CONSTRAINT)).reason


async def test_a_grounded_answer_to_a_new_question_is_kept() -> None:
    assert await one_try(Teacher(lambda _: HARDER)) is None


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("", Reason.FORM),
        ("Can you recommend a nice cream for me please?", Reason.FORM),
        ("왜요?", Reason.FORM),
        (GOOD, Reason.FORM),
        ("가" * 201, Reason.FORM),
        ("건성 피부에 맞는 로션 추천해 주세요!", Reason.COPY),
    ],
)
async def test_a_question_that_is_none_or_a_copy_is_not_answered(
    question: str, reason: Reason
) -> None:
    teacher = Teacher(lambda _: question)

    assert await one_try(teacher) is reason
    assert teacher.answers == 0


async def test_what_resembles_a_held_out_question_is_thrown_out() -> None:
    assert await one_try(Teacher(lambda _: HARDER), held_out=[HARDER + "요"]) is Reason.COPY


async def test_a_question_that_nothing_is_shown_for_is_thrown_out() -> None:
    school = School(Teacher(lambda _: HARDER), SmallShop(shows=()))

    assert (await school.tries("k#0", SEED, Way.BREADTH)).reason is Reason.SET_WORDS


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", Reason.EMPTY),
        ("자료에는 없어요. 그 내용은 찾지 못했어요.", Reason.REFUSED),
        ("좋아요.", Reason.LENGTH),
        (f"{GOOD} {'촉촉해서 참 좋아요. ' * 3}", Reason.REPEATS),
        (f"{GOOD} 문의는 카카오톡 채널로 주세요.", Reason.ADVERTISING),
        (f"{GOOD} 따가워도 참고 계속 바르세요.", Reason.UNSAFE),
        (f"{INVENTED} 가격은 27,000원이에요 [1].", Reason.GUARDS),
        (GOOD.replace("27,000원", "12,000원"), Reason.GUARDS),
    ],
)
async def test_an_answer_is_thrown_out_for_its_fault(answer: str, reason: Reason) -> None:
    assert await one_try(Teacher(lambda _: HARDER, lambda _: answer)) is reason


def test_rules_have_nothing_against_a_good_answer() -> None:
    assert against_answer(GOOD) is None


async def test_the_judge_throws_out_what_it_scores_low(tmp_path: Path) -> None:
    for scores, reason in (([5, 5, 3, 5, 5], Reason.JUDGE), ([4] * 5, None)):
        path = tmp_path / f"{scores[2]}.jsonl"
        with Ledger(path, lambda row: str(row["key"])) as spoken:
            ruled = RuledJudge(lambda _, said=scores: said, lambda *_: "same")  # type: ignore[misc]
            found = await one_try(Teacher(lambda _: HARDER), bench=Bench(ruled, spoken))
        assert found is reason


async def test_every_seed_is_made_harder_broader_and_followed_up(tmp_path: Path) -> None:
    with ledger(tmp_path) as kept:
        await evolve(School(Teacher(), SmallShop()), [SEED], kept, at_once=1)

        assert {row["way"] for row in kept} == set(Way)
        assert len(kept) == 4


async def test_the_same_question_or_answer_is_kept_once(tmp_path: Path) -> None:
    with ledger(tmp_path) as kept:
        await evolve(School(Teacher(lambda _: HARDER), SmallShop()), [SEED], kept, at_once=4)
        assert len(rows_of(kept)) == 1


async def test_a_teacher_that_dies_leaves_its_work_and_the_rest_is_done_later(
    tmp_path: Path,
) -> None:
    dying = Teacher()
    dying.dies_after = 2
    with ledger(tmp_path) as kept, pytest.raises(ModelUnavailable):
        await evolve(School(dying, SmallShop()), [SEED], kept, at_once=1)
    again = Teacher()
    with ledger(tmp_path) as kept:
        before = len(kept)
        await evolve(School(again, SmallShop()), [SEED], kept, at_once=1)
        assert len(kept) == 4
        assert len(rows_of(kept)) == 1  # the teacher says the same answer again

    assert before and again.questions == 4 - before


async def test_what_is_kept_are_conversations_in_the_serving_form_and_the_seeds_family(
    tmp_path: Path,
) -> None:
    with ledger(tmp_path) as kept:
        await evolve(School(Teacher(lambda _: HARDER), SmallShop()), [SEED], kept, at_once=1)
        write(tmp_path / "evolved.jsonl", rows_of(kept))
        found = card(kept, "teacher", "", tmp_path / "evolved.jsonl")

    (row,) = conversations(tmp_path / "evolved.jsonl")
    assert (row.source, row.family) == ("evolved", "fam")
    assert [one.role for one in row.messages] == ["system", "user", "assistant"]
    assert HARDER in row.messages[1].content and "자료:" in row.messages[1].content
    assert row.messages[2].content == GOOD
    assert (found["tries"], found["kept"], found["share"]) == (4, 1, 0.25)
    assert found["rejected"] == {"copy": 3}
    assert "있던 질문과 닮음: 3" in told(found)


def test_without_a_teacher_it_says_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert "--teacher" in capsys.readouterr().err


def test_a_teacher_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("seed", "held"):
        (tmp_path / name).write_text("", encoding="utf-8")
    row = '{"id": "c1", "family": "f", "question": "건성 로션 추천해 주세요", "profile": {}}\n'
    (tmp_path / "seed").write_text(row, encoding="utf-8")
    assert seeds(tmp_path / "seed")[0].family == "f"
    arguments = [
        "--teacher", "http://127.0.0.1:9/v1", "--teacher-model", "m",
        "--seed", str(tmp_path / "seed"), "--held-out", str(tmp_path / "none"),
        "--out", str(tmp_path / "e.jsonl"),
    ]  # fmt: skip

    assert main(arguments) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
