"""Load tests run on demand: pytest -m load tests/load."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "load" in config.getoption("-m"):
        return
    for item in items:
        if item.get_closest_marker("load"):
            item.add_marker(pytest.mark.skip(reason="on demand: pytest -m load tests/load"))
