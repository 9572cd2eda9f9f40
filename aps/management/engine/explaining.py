"""`aps explain`: why an operation is where it is, or an order ends when it does, link by link, and what would help."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from aps.engine import delivery, explain, warm
from aps.engine.explain import Link
from aps.engine.formats import detect, plan_json
from aps.engine.formats.errors import FormatError
from aps.engine.problem import Id, Plan, Problem
from aps.engine.sooner import Change, sooner
from aps.engine.validate import violations
from aps.management.engine import files
from aps.management.engine.watching import Stop, note, note_compiling


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
    note_compiling()
    warm.warm_up()
    found = delivery.order_chain(problem, plan, key)
    changes = [_change(one) for one in sooner(problem, plan, key)]
    return {"order": key, "end_min": end, "due_min": due, "late_min": late, **_chain(found), "sooner": changes}


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


def _change(one: Change) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "operation": one.operation,
        "machine": one.machine,
        "from_min": one.window[0] if any(one.window) else None,
        "until_min": one.window[1] if any(one.window) else None,
        "sentence": one.said(),
        "end_min": one.end_min,
        "gain_min": one.gain_min,
        "delayed": [asdict(late) for late in one.delayed],
        "valid": not violations(one.problem, one.plan),
    }


def _words(answer: dict[str, Any]) -> list[str]:
    """What is asked about, then a line per link, the one that explains most marked."""
    lines = [_head(answer)]
    for at, link in enumerate(answer["chain"]):
        mark = "*" if at == answer["binding"] else " "
        lines.append(f"{mark} {link['operation']} {link['sentence']} ({link['wait_min']} min)")
    changes = answer.get("sooner", [])
    if changes and not changes[0]["gain_min"]:
        return [*lines, "nothing that was tried makes it earlier:", *(f"  {one['sentence']}" for one in changes)]
    return lines + ["earlier:" for _ in changes[:1]] + [f"  {_earlier(answer['order'], one)}" for one in changes]


def _earlier(order: Id, one: dict[str, Any]) -> str:
    said = f"{one['sentence']}, {order} ends at {one['end_min']}, {one['gain_min']} min earlier"
    for late in one["delayed"]:
        said += f"; {late['order']} at {late['new_end']} instead of {late['old_end']}, {late['late_min']} min late"
    return said


def _head(answer: dict[str, Any]) -> str:
    if "operation" in answer:
        return f"operation {answer['operation']} starts at {answer['start_min']}"
    said = f"order {answer['order']} ends at {answer['end_min']}"
    if answer["due_min"] is None:
        return said
    return f"{said}, {answer['late_min']} min late" if answer["late_min"] else f"{said}, in time"
