"""`aps offer`: when an order that is not in the plan could be done, and whom that would make late."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from aps.engine import warm
from aps.engine.formats import detect, plan_json, question_json
from aps.engine.formats.errors import FormatError
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import Plan, Problem, ProblemError
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
    found = live.offers(asked.order, asked.operations, asked.parts)
    passed = 1000 * (time.perf_counter() - began)
    offers = [_offer(one, whole, claimed.plan) for one in found]
    valid = all(one["valid"] for one in offers)
    if chosen.json:
        answer = {"order": asked.order.id, "valid": valid, "milliseconds": round(passed, 3), "offers": offers}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print("\n".join(_words(one) for one in offers))
    return 0 if valid else 1


def _offer(one: Offer, whole: Problem, plan: Plan) -> dict[str, Any]:
    return {
        "key": one.key,
        "end_min": one.end_min,
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
    late = ", ".join(f"{one['order']} by {one['late_min']} min" for one in offer["victims"])
    moved = len(offer["moved"])
    others = f"{moved} operations moved" if moved else "nobody moved"
    return f"{offer['key']}  ends at {offer['end_min']}, {others}, late: {late or 'none'}; {offer['cause']['sentence']}"
