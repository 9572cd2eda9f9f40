"""`aps validate`: every broken rule of a plan, one per line."""

from __future__ import annotations

import argparse
import json

from aps.engine.formats import detect, plan_json
from aps.engine.validate import violations
from aps.management.engine import files
from aps.management.engine.watching import Stop


def run(chosen: argparse.Namespace, _stop: Stop) -> int:
    """0 when the plan is legal, else 1."""
    instance = detect.read(files.read(chosen.file), str(chosen.file), chosen.format)
    claimed = plan_json.read_plan(files.read(chosen.plan), str(chosen.plan), instance)
    found = [*claimed.faults, *violations(instance.problem, claimed.plan)]
    last = max((place.end for place in claimed.plan.values()), default=0)
    if chosen.json:
        answer = {
            "valid": not found,
            "operations": len(claimed.plan),
            "last_end": last,
            "plan_hash": claimed.plan.hash,
            "format": instance.format,
            "dialect": instance.dialect,
            "violations": [
                {"kind": one.kind, "operations": list(one.operations), "sentence": one.sentence} for one in found
            ],
        }
        print(json.dumps(answer, ensure_ascii=False))
    elif found:
        print("\n".join(f"{one.kind}: {one.sentence}" for one in found))
    else:
        print(f"legal: {len(claimed.plan)} operations, the last ends at {last}")
    return 1 if found else 0
