"""Fixtures of the stories, and which of them are told."""

import pytest

from tests.flows.havoc import havoc as havoc

CALM = "[undisturbed]"
MAIN = ("test_order_to_cash.py", "test_rush.py", "test_breakdown.py")
"""The three stories of the house are told undisturbed and in havoc; with `--all` each other one in havoc alone, whose
end must be the same."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where crash tests run."""
    if "not crash" in config.getoption("markexpr"):
        return
    in_havoc = {item.nodeid.partition("[")[0] for item in items if item.get_closest_marker("crash")}
    told_once = [
        item
        for item in items
        if item.nodeid.endswith(CALM) and item.path.name not in MAIN and item.nodeid.removesuffix(CALM) in in_havoc
    ]
    if told_once:
        config.hook.pytest_deselected(items=told_once)
        items[:] = [item for item in items if item not in set(told_once)]
