"""The board's message read as its canvas reads it, for tests."""

from __future__ import annotations

from itertools import accumulate
from typing import Any


def operations_of(message: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The operations by id, with what their positions point to."""
    columns, works, lines = message["operations"], message["work_orders"], message["lines"]
    ids, starts = list(accumulate(columns["id"])), list(accumulate(columns["start"]))
    orders, before, found = list(accumulate(columns["work_order"])), iter(columns["before"]), {}
    for at, key in enumerate(ids):
        work, ready = orders[at], columns["ready"][at]
        line = works["line"][work]
        code, title = message["materials"][works["material"][work]]
        found[key] = {
            "machine": message["machines"][columns["machine"][at]]["code"],
            "start": starts[at],
            "run": starts[at] + columns["setup"][at],
            "end": starts[at] + columns["length"][at],
            "work_order": works["number"][work],
            "order": "" if line < 0 else message["orders"]["number"][lines["order"][line]],
            "customer": "" if line < 0 else message["customers"][message["orders"]["customer"][lines["order"][line]]],
            "due": None if line < 0 else lines["due"][line],
            "promised": None if line < 0 else lines["promised"][line],
            "material": code,
            "title": title,
            "quantity": columns["mends"].get(str(key), columns["mends"].get(key, works["quantity"][work])),
            "name": message["steps"][columns["step"][at]],
            "sequence": columns["sequence"][at],
            "family": message["families"][columns["family"][at]],
            "flags": columns["flags"][at],
            "ready": starts[at] - (ready - 1 if ready > 0 else ready) if ready else None,
            "before": [key - next(before) for _ in range(columns["befores"][at])],
            "done": columns["done"].get(str(key), columns["done"].get(key, 0)),
        }
    return found
