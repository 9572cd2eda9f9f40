"""The flow table names every fact, its flows are told by tests, and what causes what has no circle."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path

from masterdata.facts import Fact
from suite.flows import table
from suite.stack import places

MODULES = ("erp.facts", "aps.facts", "mes.facts", "crm.facts")


def stated_facts() -> set[type[Fact]]:
    """Every fact that an app can state."""
    found = set()
    for name in MODULES:
        for _, thing in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(thing, Fact) and thing is not Fact:
                found.add(thing)
    return found


def circle(causes: Mapping[str, Sequence[str]]) -> list[str]:
    """A circle in "fact -> facts it may lead to", as the names along it; empty when there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for following in causes.get(name, ()):
            if found := walk(following, [*path, name]):
                return found
        done.add(name)
        return []

    for name in causes:
        if found := walk(name, []):
            return found
    return []


def flows_told(folder: Path) -> set[str]:
    """Names of flows in `@pytest.mark.tells(...)` of the tests below `folder`."""
    told = set()
    for path in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "tells":
                told |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return told


def test_every_fact_stands_in_the_table() -> None:
    assert stated_facts() == set(table.TABLE)


def test_every_row_is_under_its_own_fact() -> None:
    assert all(flow.fact is fact for fact, flows in table.TABLE.items() for flow in flows)


def test_every_flow_is_told_by_a_test() -> None:
    names = {flow.name for flows in table.TABLE.values() for flow in flows}
    assert names - flows_told(places.ROOT / "tests" / "flows") == set()


def test_no_fact_leads_back_to_itself() -> None:
    assert circle(table.declared()) == []


def test_the_check_sees_a_circle() -> None:
    wrong = {
        "OrderConfirmed": ["PlanPublished"],
        "PlanPublished": ["PromiseChanged"],
        "PromiseChanged": ["OrderConfirmed"],
    }
    assert circle(wrong) == ["OrderConfirmed", "PlanPublished", "PromiseChanged", "OrderConfirmed"]


def test_the_check_sees_a_flow_without_a_test(tmp_path: Path) -> None:
    (tmp_path / "test_story.py").write_text('@pytest.mark.tells("planning.spread_plan")\ndef test_it(): ...\n')
    assert flows_told(tmp_path) == {"planning.spread_plan"}


def test_a_flow_is_short_and_reads_like_the_story() -> None:
    for flows in table.TABLE.values():
        for flow in flows:
            assert len(inspect.getsource(flow.run).splitlines()) < 30, flow.name
