"""What several kinds of test stand on."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, environment

SEED = ROOT / "data" / "seed"
LONGEST = ("test_kill_after", "test_kill_amid", "test_broadcast", "integration", "browser")
"""Parts of the paths that take longest: begun first, so that no worker ends with them alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid))


def _place(name: str) -> int:
    return next((place for place, part in enumerate(LONGEST) if part in name), len(LONGEST))


@pytest.fixture(scope="session")
def loaded_seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of artefacts with the seed loaded into `ppoyami.db`; copy it before writing."""
    folder = tmp_path_factory.mktemp("seed") / "artifacts"
    subprocess.run(
        [
            sys.executable, "-m", "ingest", "load",
            "--products", SEED / "products.csv",
            "--reviews", SEED / "reviews.csv",
            "--ingredients", SEED / "ingredients.csv",
        ],
        cwd=ROOT,
        env=environment(folder),
        check=True,
        capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def artifacts(loaded_seed: Path, tmp_path: Path) -> Path:
    """The loaded seed, the test's own."""
    folder = tmp_path / "artifacts"
    shutil.copytree(loaded_seed, folder)
    return folder
