"""The board's message read as its canvas reads it, for tests."""

from __future__ import annotations

from itertools import accumulate
from typing import Any


def operations_of(message: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The operations of a message by id, with what their positions point to."""
    found: dict[int, dict[str, Any]] = {}
    for part in message["parts"]:
        for key in part["gone"]:
            found.pop(key, None)
        found |= _operations_of(part, [one["code"] for one in message["machines"]])
    return found


def _operations_of(part: dict[str, Any], machines: list[str]) -> dict[int, dict[str, Any]]:
    columns, works, lines = part["operations"], part["work_orders"], part["lines"]
    ids, starts = list(accumulate(columns["id"])), list(accumulate(columns["start"]))
    orders, before, found = list(accumulate(columns["work_order"])), iter(columns["before"]), {}
    numbers = list(accumulate(works["number"], lambda text, rest: text[: int(rest[0], 36)] + rest[1:], initial=""))[1:]
    for at, key in enumerate(ids):
        work, ready = orders[at], columns["ready"][at]
        line = works["line"][work]
        code, title = part["materials"][works["material"][work]]
        found[key] = {
            "machine": machines[columns["machine"][at]],
            "start": starts[at],
            "run": starts[at] + columns["setup"][at],
            "end": starts[at] + columns["length"][at],
            "work_order": numbers[work],
            "order": "" if line < 0 else part["orders"]["number"][lines["order"][line]],
            "customer": "" if line < 0 else part["customers"][part["orders"]["customer"][lines["order"][line]]],
            "due": None if line < 0 else lines["due"][line],
            "promised": None if line < 0 else lines["promised"][line],
            "material": code,
            "title": title,
            "quantity": columns["mends"].get(str(key), columns["mends"].get(key, works["quantity"][work])),
            "name": part["steps"][columns["step"][at]],
            "sequence": columns["sequence"][at],
            "family": part["families"][columns["family"][at]],
            "flags": columns["flags"][at],
            "ready": starts[at] - (ready - 1 if ready > 0 else ready) if ready else None,
            "before": [key - next(before) for _ in range(columns["befores"][at])],
            "done": columns["done"].get(str(key), columns["done"].get(key, 0)),
        }
    return found
