"""A process that is killed after any event goes on where it was, and says the same."""

import shutil
from pathlib import Path

from tests.killing import in_peace, kept, killed_after, walk


async def test_a_process_killed_after_each_event_says_the_same(
    artifacts: Path, tmp_path: Path, loaded_seed: Path
) -> None:
    killed = shutil.copytree(loaded_seed, tmp_path / "killed")
    expected = await walk(artifacts, in_peace)
    seen = await walk(killed, killed_after)
    assert [person.said for person in seen] == [person.said for person in expected]
    assert kept(killed) == kept(artifacts)
