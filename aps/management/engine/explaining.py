"""`aps explain`: why an operation is where it is, or an order ends when it does, link by link."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import Any

from aps.engine import delivery, explain
from aps.engine.explain import Link
from aps.engine.formats import detect, plan_json
from aps.engine.formats.errors import FormatError
from aps.engine.problem import Id, Plan, Problem
from aps.engine.validate import violations
from aps.management.engine import files
from aps.management.engine.watching import Stop, note


def run(chosen: argparse.Namespace, _stop: Stop) -> int:
    """0 with the chain; 1 when the plan is not legal."""
    instance = detect.read(files.read(chosen.file), str(chosen.file))
    claimed = plan_json.read_plan(files.read(chosen.plan), str(chosen.plan), instance)
    broken = [*claimed.faults, *violations(instance.problem, claimed.plan)]
    if broken:
        note(f"{chosen.plan}: expected a legal plan: {broken[0].sentence}")
        return 1
    answer = _answer(chosen, instance.problem, claimed.plan)
    print(json.dumps(answer, ensure_ascii=False) if chosen.json else "\n".join(_words(answer)))
    return 0


def _answer(chosen: argparse.Namespace, problem: Problem, plan: Plan) -> dict[str, Any]:
    if chosen.operation is not None:
        key = _known(chosen, "operation", chosen.operation, (one.id for one in problem.operations))
        found = explain.chain(problem, plan, key)
        return {"operation": key, "start_min": plan[key].start, **_chain(found)}
    busy = {one.order for one in problem.operations}
    key = _known(chosen, "order", chosen.order, (one.id for one in problem.orders if one.id in busy))
    due = next(one.due_min for one in problem.orders if one.id == key)
    end = delivery.end_of(problem, plan, key)
    late = None if due is None else max(0, end - due)
    found = delivery.order_chain(problem, plan, key)
    return {"order": key, "end_min": end, "due_min": due, "late_min": late, **_chain(found)}


def _known(chosen: argparse.Namespace, what: str, name: str, known: Iterable[Id]) -> Id:
    """The id that is written so. Raises FormatError."""
    found = next((one for one in known if str(one) == name), None)
    if found is None:
        more = " with operations" if what == "order" else ""
        raise FormatError(str(chosen.file), "", f"expected an {what}{more} of the problem, got {name}")
    return found


def _chain(found: list[Link]) -> dict[str, Any]:
    return {"binding": found.index(explain.binding(found)), "chain": [_link(one) for one in found]}


def _link(link: Link) -> dict[str, Any]:
    return {
        "kind": link.kind,
        "operation": link.operation,
        "machine": link.machine,
        "since_min": link.since,
        "until_min": link.until,
        "wait_min": link.wait_min,
        "orders": list(link.orders),
        "behind": link.behind,
        "sentence": link.sentence.replace("{until}", str(link.until)),
    }


def _words(answer: dict[str, Any]) -> list[str]:
    """What is asked about, then a line per link, the one that explains most marked."""
    lines = [_head(answer)]
    for at, link in enumerate(answer["chain"]):
        mark = "*" if at == answer["binding"] else " "
        lines.append(f"{mark} {link['operation']} {link['sentence']} ({link['wait_min']} min)")
    return lines


def _head(answer: dict[str, Any]) -> str:
    if "operation" in answer:
        return f"operation {answer['operation']} starts at {answer['start_min']}"
    said = f"order {answer['order']} ends at {answer['end_min']}"
    if answer["due_min"] is None:
        return said
    return f"{said}, {answer['late_min']} min late" if answer["late_min"] else f"{said}, in time"
