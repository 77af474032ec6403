"""A crowd in KakaoTalk before a slow language model: nobody over five seconds, nobody forgotten."""

from pathlib import Path

import pytest

from tests.kakao import KAKAO_WAITS
from tests.load.crowd_kakao import hold

pytestmark = pytest.mark.load


async def test_a_crowd_is_answered_in_time_and_in_order(artifacts: Path) -> None:
    day = await hold(artifacts, people=100)
    assert day.errors == []
    assert all(one.answer is not None and one.in_order for one in day.waited)
    assert max(day.responses) < KAKAO_WAITS
