import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parsing.dates import day, day_before

WRITTEN = dt.date(2024, 3, 31)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("2025.05.24", (2025, 5, 24)),
        ("2016.3.5", (2016, 3, 5)),
        ("2016. 3. 5.", (2016, 3, 5)),
        ("2016-03-05", (2016, 3, 5)),
        ("2016/3/5 13:05", (2016, 3, 5)),
        ("2016-03-05T13:05:00+09:00", (2016, 3, 5)),
        ("2016년 3월 5일", (2016, 3, 5)),
        ("2016.3.5(토)", (2016, 3, 5)),
        ("20160305", (2016, 3, 5)),
        ("24.05.01", (2024, 5, 1)),
    ],
)
def test_a_day_is_read(raw: str, told: tuple[int, int, int]) -> None:
    assert day(raw) == dt.date(*told)


@pytest.mark.parametrize(
    "raw", ["", "2017.2.30", "2025.13.01", "언젠가", "2016", "3.5", "2개월 전", "1.2.3.4", None, 5]
)
def test_what_is_no_day_is_none(raw: object) -> None:
    assert day(raw) is None


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("2개월 전", (2024, 1, 31)),
        ("1개월 전", (2024, 2, 29)),
        ("한달 전", None),
        ("4달전", (2023, 11, 30)),
        ("1년 전", (2023, 3, 31)),
        ("2주 전", (2024, 3, 17)),
        ("31일 전", (2024, 2, 29)),
        ("23시간 전", (2024, 3, 31)),
        ("어제", (2024, 3, 30)),
        ("방금 전", (2024, 3, 31)),
        ("9999년 전", None),
        ("2016.3.5", None),
        ("", None),
    ],
)
def test_days_are_counted_back_from_the_day_of_writing(
    raw: str, told: tuple[int, int, int] | None
) -> None:
    assert day_before(raw, WRITTEN) == (dt.date(*told) if told else None)


@given(st.dates())
def test_a_day_as_it_is_written_is_the_same_day(told: dt.date) -> None:
    assert day(told.isoformat()) == told


@given(st.dates(), st.integers(0, 9999), st.sampled_from(["초", "시간", "일", "주", "개월", "년"]))
def test_nothing_is_counted_forwards(written: dt.date, count: int, unit: str) -> None:
    told = day_before(f"{count}{unit} 전", written)
    assert told is None or told <= written
