"""The audit: every invariant of every app, by SQL, in one consistent snapshot of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from aps import invariants as aps_invariants
from crm import invariants as crm_invariants
from erp import invariants as erp_invariants
from masterdata import invariants as masterdata_invariants
from masterdata.invariants import Invariant
from mes import invariants as mes_invariants
from suite import guards
from suite.flows import table

ROWS_SHOWN = 20


@dataclass(frozen=True)
class Finding:
    """One invariant's answer: `count` offending rows and the first of them as dictionaries."""

    app: str
    invariant: Invariant
    count: int
    rows: list[dict[str, Any]]

    @property
    def holds(self) -> bool:
        return self.count == 0


def invariants() -> Iterator[tuple[str, Invariant]]:
    """Every invariant with the app that it belongs to."""
    apps = {
        "masterdata": masterdata_invariants.INVARIANTS,
        "erp": erp_invariants.INVARIANTS,
        "aps": aps_invariants.INVARIANTS,
        "mes": mes_invariants.INVARIANTS,
        "crm": crm_invariants.INVARIANTS,
        "suite": [
            _facts_have_their_runs(),
            _facts_caused_as_declared(),
            guards.keys_stay_in_one_company(),
            guards.guards_stand(),
        ],
    }
    for app, rows in apps.items():
        for row in rows:
            yield app, row


def findings() -> list[Finding]:
    """Ask all invariants within one read-only, repeatable-read transaction."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return [_ask(cursor, app, invariant) for app, invariant in invariants()]


def _ask(cursor: Any, app: str, invariant: Invariant) -> Finding:
    cursor.execute(invariant.sql)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    shown = [dict(zip(names, row, strict=True)) for row in rows[:ROWS_SHOWN]]
    return Finding(app=app, invariant=invariant, count=len(rows), rows=shown)


def _facts_have_their_runs() -> Invariant:
    """Every fact has exactly the runs that the flow table names for its kind."""
    pairs = [(fact.__name__, flow.name) for fact, flows in table.TABLE.items() for flow in flows]
    values = ", ".join(f"('{kind}', '{flow}')" for kind, flow in pairs)
    return Invariant(
        "facts_have_their_runs",
        "Every fact has exactly the flow runs that the flow table names",
        f"""
        WITH wanted (kind, flow) AS (VALUES {values})
        SELECT f.id::text AS fact, f.kind, w.flow, 'missing' AS problem
        FROM masterdata_factrecord f JOIN wanted w ON w.kind = f.kind
        WHERE NOT EXISTS (SELECT 1 FROM masterdata_flowrun r WHERE r.fact_id = f.id AND r.flow = w.flow)
        UNION ALL
        SELECT f.id::text, f.kind, r.flow, 'not in the table'
        FROM masterdata_flowrun r JOIN masterdata_factrecord f ON f.id = r.fact_id
        WHERE NOT EXISTS (SELECT 1 FROM wanted w WHERE w.kind = f.kind AND w.flow = r.flow)
        """,  # noqa: S608 (names of our own functions)
    )


def _facts_caused_as_declared() -> Invariant:
    """A fact names as its cause only what the flow table lets it follow from."""
    pairs = ", ".join(f"('{cause}', '{kind}')" for cause, kinds in table.declared().items() for kind in kinds)
    return Invariant(
        "facts_caused_as_declared",
        "Every fact that names a cause may follow from it by the flow table",
        f"""
        SELECT f.id::text AS fact, f.kind, c.kind AS cause
        FROM masterdata_factrecord f JOIN masterdata_factrecord c ON c.id = f.cause_id
        WHERE (c.kind, f.kind) NOT IN (VALUES {pairs})
        """,  # noqa: S608 (names of our own classes)
    )
