"""Many people at the page at once: nobody goes unanswered."""

from pathlib import Path

import pytest

from tests.load.people import Crowd, hold

pytestmark = pytest.mark.load


async def test_two_hundred_people_at_once_are_all_answered(artifacts: Path) -> None:
    day = await hold(artifacts, Crowd(people=200, seconds=20.0))
    assert day.errors == []
    assert day.unanswered == 0
    assert len(day.taps) > 200
    assert all(tap.shown is not None or tap.silent for tap in day.taps)
