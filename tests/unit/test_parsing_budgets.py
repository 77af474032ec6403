"""What someone wants to spend, and whether they wish for a routine."""

import pytest

from engine.parsing.budgets import Allowance, allowance, routine_wish


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("4만원으로", 40_000),
        ("4만원이요", 40_000),
        ("40000", 40_000),
        ("40,000원", 40_000),
        ("5만", 50_000),
        ("2만5천원으로", 25_000),
        ("삼만원 이하로", 30_000),
        ("3만원 미만", 29_999),
        ("4만원대", 49_999),
        ("3~4만원", 40_000),
        ("예산은 10만원 정도", 100_000),
        ("999억원", None),
    ],
)
def test_a_budget_is_what_may_be_spent(text, won):
    found = allowance(text)
    assert (found.won if found else None) == won


@pytest.mark.parametrize("text", ["상관없어요", "5만원 이상"])
def test_any_will_do(text):
    assert allowance(text) == Allowance(told=True)


@pytest.mark.parametrize(
    "text", ["", "안녕", "4만원이면 비싼가요?", "루틴", "4만원 크림", "만" * 61]
)
def test_what_tells_no_budget_or_more_is_none(text):
    assert allowance(text) is None


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("루틴", Allowance()),
        ("루틴 추천해줘!", Allowance()),
        ("아침 저녁 루틴을 짜 줄래요?", Allowance()),
        ("3만원 안에서 루틴", Allowance(True, 30_000)),
        ("루틴 5만원 이하로 추천해 주세요", Allowance(True, 50_000)),
        ("상관없이 루틴 추천", Allowance(True)),
        ("루틴이 뭐예요?", None),
        ("레티놀 루틴 추천해줘", None),
        ("5만원으로 추천해줘", None),
    ],
)
def test_a_wish_is_understood_whole_or_not_at_all(text, wish):
    assert routine_wish(text) == wish
