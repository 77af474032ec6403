"""The written form of actions: short, ASCII, closed, and read back as the same action."""

from dataclasses import fields
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.actions import BYTES_AT_MOST, fits, read, written
from bot.dialogue.model import (
    ADAPTER,
    Action,
    Adapt,
    Choose,
    Deed,
    LookUpName,
    Menu,
    Open,
    Pick,
    RateAnswer,
    RecommendOthers,
    ShowFormula,
    Step,
    TurnTo,
)

SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
NAMES = st.text(SYLLABLES | st.sampled_from("1,2-()/ αABc"), min_size=1, max_size=22)
ADAPTERS = st.from_regex(ADAPTER, fullmatch=True)
NUMBERS = st.integers(0, 10**18 - 1)


def of_kind(kind: type[Action]) -> st.SearchStrategy[Action]:
    """Any action of this kind, its fields filled by their types."""
    hints = get_type_hints(kind)
    if kind is Adapt:
        return st.builds(Adapt, st.sampled_from(Deed), st.just("") | ADAPTERS)
    return st.builds(kind, **{each.name: _values(hints[each.name]) for each in fields(kind)})


def _values(of: type) -> st.SearchStrategy[Any]:
    if issubclass(of, StrEnum):
        return st.sampled_from(list(of))
    if of is bool:
        return st.booleans()
    return NUMBERS if of is int else NAMES


ACTIONS = st.one_of([of_kind(kind) for kind in get_args(Action)])


@given(ACTIONS)
def test_every_action_is_read_back_as_itself(action):
    text = written(action)
    assert read(text) == action
    assert text.isascii() and len(text) <= BYTES_AT_MOST


@given(ACTIONS, ACTIONS)
def test_two_actions_are_never_written_alike(one, other):
    assert (written(one) == written(other)) == (one == other)


@given(st.text(max_size=80) | st.from_regex(r"[a-z]{3,12}(:[a-z0-9_]{0,9}){0,3}", fullmatch=True))
def test_any_text_is_read_without_error_and_only_in_its_one_written_form(text):
    action = read(text)
    assert action is None or written(action) == text


def test_the_written_forms_are_those_of_the_house_plan():
    assert written(Pick(12, on=True)) == "pick:12"
    assert written(Pick(12, on=False)) == "unpick:12"
    assert written(TurnTo(3)) == "page:3"
    assert written(Open(Menu.HOME)) == "open:home"
    assert written(ShowFormula(7, 2)) == "formula:7:2"
    assert written(Choose(Step.SKIN_TYPE, 1)) == "choose:skin_type:1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pick",
        "pick:",
        "pick:x",
        "pick:-1",
        "pick:012",
        "pick:1:2",
        "pick:٣",
        "pick:1234567890123456789",
        "open:nowhere",
        "choose:skin_type",
        "choose:1:1",
        "goto:9",
        "age:maybe",
        "name:",
        "name:***",
        "name:A",
        "erase:1",
        "toggle:3",
    ],
)
def test_what_no_version_of_today_wrote_is_unknown(text):
    assert read(text) is None


def test_a_korean_name_of_22_syllables_fits_and_a_longer_one_is_refused():
    assert written(LookUpName("가" * 22))
    assert fits(LookUpName("하이드록시프로필비스라우라마이드엠이에이"))
    assert not fits(LookUpName("가" * 23))
    with pytest.raises(ValueError, match="64 bytes"):
        written(LookUpName("가" * 23))


def test_a_name_that_no_text_can_hold_does_not_fit():
    assert not fits(LookUpName("\ud800"))


def test_rounds_and_tickets_are_told_apart():
    assert read(written(RecommendOthers(3))) == RecommendOthers(3)
    assert read(written(RateAnswer(3, good=False))) == RateAnswer(3, good=False)
