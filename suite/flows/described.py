"""The facts as a table for docs/webhooks.md: each kind with its fields and what happened."""

from __future__ import annotations

import dataclasses

from suite.flows.table import TABLE


def rows() -> list[str]:
    """One line of the table for each fact, by name."""
    found = []
    for fact in sorted(TABLE, key=lambda one: one.__name__):
        names = ", ".join(f"`{field.name}`" for field in dataclasses.fields(fact))
        said = (fact.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
        found.append(f"| `{fact.__name__}` | {names} | {' '.join(said.split())} |")
    return found


def rewritten(page: str) -> str:
    """The page with the rows of its table as they are now."""
    head, rule, rest = page.partition("| kind | `data` | what happened |\n|---|---|---|\n")
    after = rest[rest.index("\n\n") :] if "\n\n" in rest else "\n"
    return head + rule + "\n".join(rows()) + after
