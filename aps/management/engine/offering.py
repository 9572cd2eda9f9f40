"""`aps offer`: when an order that is not in the plan could be done, whom that would make late, and what helps."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from aps.engine import levers, warm
from aps.engine.formats import detect, plan_json, question_json
from aps.engine.formats.errors import FormatError
from aps.engine.formats.question_json import Question
from aps.engine.levers import Lever
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Plan, Problem, ProblemError
from aps.engine.validate import violations
from aps.management.engine import files
from aps.management.engine.watching import Stop, note, note_compiling


def run(chosen: argparse.Namespace, _stop: Stop) -> int:
    """0 with an offer; 1 when the plan is not legal or the order fits nowhere."""
    instance = detect.read(files.read(chosen.file), str(chosen.file))
    claimed = plan_json.read_plan(files.read(chosen.plan), str(chosen.plan), instance)
    asked = question_json.read_question(files.read(chosen.order), str(chosen.order))
    broken = [*claimed.faults, *violations(instance.problem, claimed.plan)]
    if broken:
        note(f"{chosen.plan}: expected a legal plan: {broken[0].sentence}")
        return 1
    try:
        whole = instance.problem.joined([*asked.parts, asked.order], asked.operations)
    except ProblemError as wrong:
        raise FormatError(str(chosen.order), "$", str(wrong)) from None
    note_compiling()
    warm.warm_up()
    live = LivePlan(instance.problem, claimed.plan)
    began = time.perf_counter()
    try:
        found = live.offers(asked.order, asked.operations, asked.parts)
    except HorizonTooShortError as error:
        note(str(error))
        return 1
    except ProblemError as wrong:
        raise FormatError(str(chosen.order), "$", str(wrong)) from None
    passed = 1000 * (time.perf_counter() - began)
    sure = [live.proof(asked.order, asked.operations, asked.parts, one) if one.key == "A" else one for one in found]
    offers = [_offer(one, whole, claimed.plan) for one in sure]
    offers += [_pulled(chosen, live, lever, asked, claimed.plan) for lever in asked.levers]
    valid = all(one["valid"] for one in offers)
    if chosen.json:
        answer = {"order": asked.order.id, "valid": valid, "milliseconds": round(passed, 3), "offers": offers}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print("\n".join(_words(one) for one in offers))
    return 0 if valid else 1


def _pulled(chosen: argparse.Namespace, live: LivePlan, lever: Lever, asked: Question, plan: Plan) -> dict[str, Any]:
    """The offer with a lever pulled, judged by the hours that it has then."""
    try:
        found = levers.pulled(live, lever, asked.order, asked.operations, asked.parts)
    except ProblemError as wrong:
        raise FormatError(str(chosen.order), "$.levers", str(wrong)) from None
    if found is None:
        return {"key": "A", "lever": lever.name, "end_min": None, "valid": True}
    said = _offer(found.offer, found.problem, plan)
    return said | {"lever": lever.name, "overtime_min": dict(found.overtime_min)}


def _offer(one: Offer, whole: Problem, plan: Plan) -> dict[str, Any]:
    return {
        "key": one.key,
        "end_min": one.end_min,
        "bound_min": one.bound_min,
        "proved": one.proved,
        "valid": not violations(whole, one.applied(plan)),
        "moved": list(one.moved),
        "victims": [
            {
                "order": victim.order,
                "old_end": victim.old_end,
                "new_end": victim.new_end,
                "late_min": victim.late_min,
                "newly_late": victim.newly_late,
            }
            for victim in one.victims
        ],
        "cause": {
            "kind": one.cause.kind,
            "operation": one.cause.operation,
            "machine": one.cause.machine,
            "until": one.cause.until,
            "sentence": one.cause.sentence.format(until=one.cause.until),
        },
        "setup_min": one.setup_min,
        "objective": one.worth.total,
        "operations": plan_json.rows({**one.changed, **one.placements}),
    }


def _words(offer: dict[str, Any]) -> str:
    lever = f", {offer['lever']}" if "lever" in offer else ""
    if offer["end_min"] is None:
        return f"{offer['key']}{lever}  fits nowhere"
    late = ", ".join(f"{one['order']} by {one['late_min']} min" for one in offer["victims"])
    moved = len(offer["moved"])
    others = f"{moved} operations moved" if moved else "nobody moved"
    sure = ""
    if offer["bound_min"] is not None:
        sure = ", nothing earlier is possible" if offer["proved"] else f", not before {offer['bound_min']} in any way"
    said = f"{offer['key']}{lever}  ends at {offer['end_min']}, {others}{sure}, late: {late or 'none'}"
    return f"{said}; {offer['cause']['sentence']}"
