"""Questions from many before a slow model: nobody waits without a word."""

from pathlib import Path

import pytest

from tests.load.questions import hold

pytestmark = pytest.mark.load


async def test_sixty_people_before_a_slow_model_are_all_told_something(artifacts: Path) -> None:
    day = await hold(artifacts, people=60, questions=120, model_seconds=2.0, thinks=0.0)
    assert day.errors == []
    assert len(day.waits) == sum(day.writers.values()) == 120
    assert day.wordless == 0
    assert day.writers["composed, queue full"] > 0, (
        "sixty at once are more than eight and their queue"
    )
    assert day.writers["model"] > 0
    assert any(wait.queued for wait in day.waits)
