"""The flow table names every fact, its flows are told by tests, and what causes what has no circle."""

from __future__ import annotations

import ast
import importlib.util
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from masterdata.facts import Fact
from mes.facts import MachineDown, MachineUp
from suite.flows import table
from suite.stack import places

MODULES = ("erp.facts", "aps.facts", "mes.facts", "crm.facts")
FLOW_LINES = 30
Rows = Mapping[type[Fact], Sequence[table.Flow]]


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


def not_in_both(facts: set[type[Fact]], rows: Rows) -> set[str]:
    """Facts that no row of the table names, and rows of facts that no app states."""
    return {fact.__name__ for fact in facts ^ set(rows)}


def misplaced(rows: Rows) -> list[str]:
    """Flows that stand in the row of another fact than their own."""
    return [f"{flow.name} under {fact.__name__}" for fact, flows in rows.items() for flow in flows if flow.fact != fact]


def silent(rows: Rows) -> set[type[Fact]]:
    """Facts that no flow follows."""
    return {fact for fact, flows in rows.items() if not flows}


def too_long(rows: Rows) -> list[str]:
    """Flows of 30 lines and more."""
    flows = [flow for row in rows.values() for flow in row]
    return [flow.name for flow in flows if len(inspect.getsource(flow.run).splitlines()) >= FLOW_LINES]


def test_every_fact_stands_in_the_table() -> None:
    assert not_in_both(stated_facts(), table.TABLE) == set()


def test_every_row_is_under_its_own_fact() -> None:
    assert misplaced(table.TABLE) == []


def test_facts_without_a_flow_are_those_that_say_why() -> None:
    assert silent(table.TABLE) == set(table.NOTHING_FOLLOWS)
    assert all(table.NOTHING_FOLLOWS.values())


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
    assert too_long(table.TABLE) == []


@dataclass(frozen=True, kw_only=True)
class KilnCooled(Fact):
    """A fact of nobody's."""


def flow_of(lines: int, folder: Path) -> table.Flow:
    """A flow of so many lines, from a file of its own."""
    path = folder / f"story{lines}.py"
    path.write_text("def tell(fact, record):\n" + "    fact = record\n" * (lines - 1))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    story = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(story)
    return table.Flow(KilnCooled, story.tell)


def without(*facts: type[Fact]) -> dict[type[Fact], tuple[table.Flow, ...]]:
    """The table without these rows."""
    return {fact: flows for fact, flows in table.TABLE.items() if fact not in facts}


def test_the_check_sees_a_fact_that_no_row_names() -> None:
    assert not_in_both(stated_facts() | {KilnCooled}, table.TABLE) == {"KilnCooled"}
    assert not_in_both(stated_facts(), without(MachineDown)) == {"MachineDown"}


def test_the_check_sees_a_row_of_a_fact_that_nobody_states() -> None:
    assert not_in_both(stated_facts(), {**table.TABLE, KilnCooled: ()}) == {"KilnCooled"}


def test_the_check_sees_a_flow_in_another_facts_row() -> None:
    swapped = {**table.TABLE, MachineUp: table.TABLE[MachineDown]}
    assert misplaced(swapped) == ["breakdown.block_machine under MachineUp"]


def test_the_check_sees_a_row_emptied_by_mistake() -> None:
    assert silent({**table.TABLE, MachineUp: ()}) - set(table.NOTHING_FOLLOWS) == {MachineUp}


def test_the_check_sees_a_flow_that_is_too_long(tmp_path: Path) -> None:
    rows = {**table.TABLE, KilnCooled: (flow_of(29, tmp_path), flow_of(30, tmp_path))}
    assert too_long(rows) == ["story30.tell"]
