"""Many people at once on Telegram: everybody is answered, in order, by a slow model too."""

from pathlib import Path

import pytest

from tests.load.crowd_telegram import hold

pytestmark = pytest.mark.load


async def test_a_hundred_people_at_once_lose_nothing(artifacts: Path) -> None:
    crowd = await hold(artifacts, people=100, model_seconds=2.0)
    assert crowd.errors == []
    assert (crowd.lost, crowd.out_of_order, crowd.unspoken) == (0, 0, 0)
