"""A process that is killed amid any event goes on where it was, and says the same."""

import shutil
from pathlib import Path

from tests.killing import in_peace, kept, killed_amid, walk


async def test_a_process_killed_amid_each_event_goes_on_from_the_same_screen(
    artifacts: Path, tmp_path: Path, loaded_seed: Path
) -> None:
    killed = shutil.copytree(loaded_seed, tmp_path / "killed")
    expected = await walk(artifacts, in_peace)
    seen = await walk(killed, killed_amid)
    assert [person.labels for person in seen] == [person.labels for person in expected]
    assert kept(killed) == kept(artifacts)
