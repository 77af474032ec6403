"""What may not be learned is taken out, and nothing that belongs together is torn apart."""

from collections import defaultdict
from itertools import combinations
from random import Random

import pytest

from engine.generation.prompts import Message
from training.cleaning import (
    MASKED,
    SPLITS,
    STEPS,
    Near,
    Sample,
    Step,
    Worse,
    clean,
    is_advertising,
    is_profane,
    is_unsafe,
    joined,
    letters,
    likeness,
    split_of,
)
from training.rows import Conversation, Preference

GOOD = "건성이시라면 이슬 수분 크림을 권해 드려요. 건성 12명이 4.5점을 줬어요 [1]."


def sample(
    question: str = "건성 크림 추천해 주세요", answer: str = GOOD, **changes: object
) -> Sample:
    values: dict[str, object] = {
        "id": "c1",
        "family": "f1",
        "source": "kin",
        "question": question,
        "prompt": (Message("system", "규칙"), Message("user", f"질문: {question}")),
        "answer": answer,
        "worse": (Worse("많은 분이 좋아하시는 크림이라 만족하실 거예요 [1].", "reason"),),
    }
    return Sample(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        ("저희 매장에 문의 주시면 딱 맞는 크림을 골라 드릴게요, 후회 없으세요.", Step.ADVERTISING),
        ("이 크림 좋아요. 자세한 건 https://shop.example/p1 여기서 보시면 돼요.", Step.ADVERTISING),
        ("이 크림 정말 좋아요. 010-1234-5678로 전화 주시면 싸게 드려요.", Step.ADVERTISING),
        ("지랄 말고 그냥 아무거나 바르세요, 다 똑같아요 진짜로.", Step.PROFANE),
        ("따가운 건 잘 듣고 있다는 신호니까 참고 계속 바르시면 돼요.", Step.UNSAFE),
        ("네, 좋아요!", Step.SHORT),
        ("건성이시면 이 크림이 좋아요. " * 60, Step.LONG),
    ],
)
def test_an_answer_goes_for_its_fault_and_is_counted(answer: str, step: Step) -> None:
    left = clean([sample(answer=answer), sample("다른 질문이에요, 지성 토너요")])
    assert [one.question for one in left.samples] == ["다른 질문이에요, 지성 토너요"]
    assert {name: n for name, n in left.counts.items() if n} == {step: 1}
    assert left.by_source == {"kin": {step: 1}}


def test_every_step_is_counted_even_where_nothing_happens() -> None:
    assert clean([sample()]).counts == dict.fromkeys(STEPS, 0)


def test_personal_data_is_masked_wherever_it_stands() -> None:
    told = "제 번호는 010-1234-5678이에요. 건성 크림 추천해 주세요"
    left = clean([sample(told, worse=(Worse("jin@example.com 고객님께는 이 크림이 어울려요."),))])
    (one,) = left.samples
    assert left.counts[MASKED] == 1
    assert "5678" not in str(one)
    assert "jin@" not in str(one)
    assert "(전화번호)" in one.prompt[-1].content


def test_the_second_of_two_near_copies_goes() -> None:
    copy = sample("건성 크림 추천해 주세요!!", GOOD.replace("권해", "추천해"), id="c2")
    left = clean([sample(), copy])
    assert [one.id for one in left.samples] == ["c1"]
    assert left.counts[Step.DUPLICATE] == 1


def test_one_question_with_two_different_answers_stays_twice() -> None:
    other = (
        "물방울 토너는 지성에게 인기예요. 지성 9명이 4.8점을 매겼고 산뜻하다는 칭찬이 많아요 [2]."
    )
    assert len(clean([sample(), sample(answer=other, id="c2")]).samples) == 2


def test_what_resembles_a_held_out_question_goes() -> None:
    left = clean([sample("건성 크림 추천해 주세요ㅎㅎ")], ["건성 크림 추천해주세요"])
    assert left.samples == ()
    assert left.counts[Step.HELD_OUT] == 1


def test_an_unusable_rejected_answer_goes_and_its_sample_stays() -> None:
    left = clean(
        [
            sample(
                worse=(
                    Worse("네."),
                    Worse(GOOD + "!"),
                    Worse("싸다고 다 좋진 않아요, 아무거나 쓰세요."),
                )
            )
        ]
    )
    assert [one.text for one in left.samples[0].worse] == [
        "싸다고 다 좋진 않아요, 아무거나 쓰세요."
    ]
    assert left.worse_dropped == 2


def test_an_unsafe_rejected_answer_stays_to_be_unlearned() -> None:
    bad = "따가운 건 잘 듣고 있다는 신호니까 참고 계속 바르시면 돼요."
    (one,) = clean([sample(worse=(Worse(bad, "safety"),))]).samples
    assert one.worse == (Worse(bad, "safety"),)


@pytest.mark.parametrize(
    "text",
    [
        "따가우면 바로 씻어 내고 며칠 쉬어 주세요.",
        "상처 난 자리에는 바르지 말고 아문 뒤에 써 주세요.",
        "짜지 말고 피부과에 보여 주세요.",
        "끈적인다는 말도 2개 있으니 참고해 주세요.",
        "임신 중 사용은 제가 정할 수 없으니 의사에게 먼저 물어봐 주세요.",
    ],
)
def test_a_warning_is_no_unsafe_advice(text: str) -> None:
    assert not is_unsafe(text)


@pytest.mark.parametrize(
    "text",
    [
        "쓰라려도 멈추지 말고 발라 주세요.",
        "짠 자리에 듬뿍 바르시면 돼요.",
        "병원까지 가실 필요는 없어요.",
        "한 달이면 여드름이 완치돼요.",
        "임신 중에도 안심하고 쓰셔도 돼요.",
        "선크림은 건너뛰셔도 괜찮아요.",
        "처방받은 연고와 반반 섞어 쓰세요.",
    ],
)
def test_advice_that_may_hurt_is_seen(text: str) -> None:
    assert is_unsafe(text)


@pytest.mark.parametrize(
    "text",
    ["저녁에 다시발라도 괜찮아요.", "쿠폰은 매장에 물어보세요.", "광고보다 순하다는 평이 많아요."],
)
def test_harmless_words_are_let_through(text: str) -> None:
    assert not is_profane(text)
    assert not is_advertising(text)


def test_near_finds_exactly_what_comparing_all_with_all_finds() -> None:
    dice = Random(7)
    texts = [
        frozenset(dice.sample("가나다라마바사아자차카타파하", dice.randint(1, 9)))
        for _ in range(120)
    ]
    for least in (0.5, 0.8, 1.0):
        near = Near(texts, least)
        for one in texts:
            slow = [at for at, other in enumerate(texts) if likeness(one, other) >= least]
            assert near.like(one) == slow


def test_likeness_is_jaccards() -> None:
    assert likeness(letters("가나다"), letters("나다라")) == pytest.approx(1 / 3)


def test_questions_that_are_alike_become_one_family_through_a_third() -> None:
    one = sample("건성 크림 추천해 주세요", family="b")
    two = sample("건성 크림 추천해 주세요 향 없는", family="c")
    three = sample("크림 추천해 주세요 향 없는 걸로요", family="a")
    apart = sample("레티놀은 언제 발라요", family="z")
    assert [of.family for of in joined([one, two, three, apart])] == ["a", "a", "a", "z"]


def test_no_two_alike_questions_lie_on_both_sides_of_a_split() -> None:
    words = [
        "건성",
        "지성",
        "크림",
        "토너",
        "추천",
        "순한",
        "향없는",
        "저렴한",
        "겨울",
        "여름",
        "아침",
        "밤",
        "민감성",
        "로션",
    ]
    dice = Random(3)
    asked = [" ".join(dice.sample(words, 4)) for _ in range(150)]
    made = joined([sample(text, family=f"f{at}") for at, text in enumerate(asked)])
    for one, other in combinations(made, 2):
        if likeness(letters(one.question), letters(other.question)) >= 0.5:
            assert split_of(one.family) == split_of(other.family)


def test_eighty_ten_and_ten_of_a_hundred_families() -> None:
    sides: defaultdict[str, int] = defaultdict(int)
    for number in range(5000):
        sides[split_of(f"family-{number}")] += 1
    shares = [sides[split] / 5000 for split in SPLITS]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)


def test_a_sample_is_a_conversation_and_a_preference_for_each_worse_answer() -> None:
    one = sample(worse=(Worse("가"), Worse("나", "skin")))
    assert one.conversation == Conversation(
        "c1", "f1", "kin", (*one.prompt, Message("assistant", GOOD))
    )
    assert one.preferences == (
        Preference("c1", "f1", "kin", one.prompt, GOOD, "가"),
        Preference("c1-2", "f1", "kin", one.prompt, GOOD, "나", "skin"),
    )
