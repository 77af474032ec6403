import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.parsing.ratings import rating


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("5점 만점에 5점", 5.0),
        ("5점만점에 5점", 5.0),
        ("5점 만점에 4.5점", 4.5),
        ("10점 만점에 8점", 4.0),
        ("10점 만점에 1점", 1.0),
        ("4.5/5", 4.5),
        ("4점", 4.0),
        ("３", 3.0),
        (2, 2.0),
        (4.5, 4.5),
        ("★★★★☆", 4.0),
        ("★★★", 3.0),
        ("worst", 1.0),
        ("bad", 2.0),
        ("soso", 3.0),
        ("So-so", 3.0),
        ("good", 4.0),
        ("Best", 5.0),
        ("최악", 1.0),
        ("별로예요", 2.0),
        ("보통", 3.0),
        ("좋아요!", 4.0),
        ("아주 좋아요", 5.0),
        ("최고", 5.0),
    ],
)
def test_a_rating_is_read(raw: object, value: float) -> None:
    assert rating(raw) == value


@pytest.mark.parametrize(
    "raw",
    [
        *(0, 6, -1, float("nan"), float("inf"), None, True),
        *("0", "6점", "5점 만점에 0점", "5점 만점에 6점", "", "☆☆☆☆☆", "★★★★★★", "촉촉해요"),
    ],
)
def test_what_is_no_rating_is_refused_in_a_sentence(raw: object) -> None:
    with pytest.raises(ValueError, match="평점"):
        rating(raw)


@settings(deadline=None)
@given(
    st.one_of(
        st.text(alphabet="0123456789./점만에 ★☆-", max_size=12),
        st.floats(),
        st.integers(),
        st.text(),
    )
)
def test_a_rating_lies_between_1_and_5(raw: object) -> None:
    try:
        value = rating(raw)
    except ValueError:
        return
    assert 1.0 <= value <= 5.0
