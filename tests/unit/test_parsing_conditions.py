"""What a typed line narrows recommendations to, and what is a question."""

import pytest

from engine.domain import Conditions
from engine.parsing.conditions import NAME_AT_MOST, WITHOUT_AT_MOST, conditions, narrowed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2만원 이하 크림으로", Conditions("크림", price_to=20_000)),
        ("향료 없는 걸로", Conditions(without=("향료",))),
        ("크림", Conditions("크림")),
        ("스킨/토너로", Conditions("스킨/토너")),
        ("2만원대", Conditions(price_from=20_000, price_to=29_999)),
        ("1~2만원 에센스", Conditions("에센스", 10_000, 20_000)),
        ("앰플 3만원 이상으로 보여줘", Conditions("앰플", 30_000)),
        ("가격은 2만원 아래 로션만요", Conditions("로션", price_to=20_000)),
        ("향이 없는 걸로", Conditions(without=("향료",))),
        ("무향 크림", Conditions("크림", without=("향료",))),
        ("무알코올로", Conditions(without=("알코올",))),
        ("알코올 프리 토너", Conditions("토너", without=("알코올",))),
        ("향료없는 크림", Conditions("크림", without=("향료",))),
        ("향료, 에탄올 빼고", Conditions(without=("향료", "에탄올"))),
        ("향료랑 알코올 없는 로션 추천해줘", Conditions("로션", without=("향료", "알코올"))),
        ("리모넨이 안 든 것", Conditions(without=("리모넨",))),
        ("향료 들어가지 않은 크림", Conditions("크림", without=("향료",))),
    ],
)
def test_a_wish_is_read_whole(text: str, found: Conditions) -> None:
    assert conditions(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "크림은 어때요?",
        "크림?",
        "토너 있어요",
        "좋은 크림",
        "보습 크림으로",
        "비싼 것",
        "추천해줘",
        "없는 거",
        "크림 말고",
        "고마워요",
        "정제수, 글리세린, 판테놀",
    ],
)
def test_a_line_with_a_word_that_is_none_of_it_is_a_question(text: str) -> None:
    assert conditions(text) is None


def test_a_later_wish_takes_the_place_of_the_same_kind_and_keeps_the_rest() -> None:
    before = Conditions("크림", 10_000, 19_999, ("향료",))
    assert narrowed(before, Conditions("로션")) == Conditions("로션", 10_000, 19_999, ("향료",))
    assert narrowed(before, Conditions(price_from=30_000)) == Conditions(
        "크림", 30_000, None, ("향료",)
    )
    assert narrowed(before, Conditions(without=("에탄올",))).without == ("에탄올", "향료")
    assert narrowed(before, Conditions(without=("향 료",))).without == ("향료",)


def test_names_are_few_and_short() -> None:
    many = conditions(" ".join(f"성분{number} 없는" for number in range(9)))
    assert many is not None and len(many.without) == WITHOUT_AT_MOST
    assert conditions("나" * (NAME_AT_MOST + 1) + " 없는") is None
