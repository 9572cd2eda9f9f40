"""The audit: every invariant of every app, by SQL, in one consistent snapshot of the database.

Whole, it asks every row there is. Where somebody waits (the proof page), rules over rows that pile up for years and
never change are asked of the newest ones alone, and a rule that takes too long is left open; the findings say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from aps import invariants as aps_invariants
from crm import invariants as crm_invariants
from erp import invariants as erp_invariants
from masterdata import invariants as masterdata_invariants
from masterdata.invariants import Invariant
from mes import invariants as mes_invariants
from suite import guards
from suite.flows import table

ROWS_SHOWN = 20
SECONDS_A_RULE = 5.0
"""So long a rule may take where somebody waits."""
CANCELLED = "57014"
"""What PostgreSQL calls a statement that took too long."""


@dataclass(frozen=True)
class Finding:
    """One invariant's answer: `count` offending rows and the first of them as dictionaries.

    `is_whole`: every row was asked, not the newest alone; `is_open`: it took too long, nothing is known.
    """

    app: str
    invariant: Invariant
    count: int
    rows: list[dict[str, Any]]
    is_whole: bool = True
    is_open: bool = False

    @property
    def holds(self) -> bool:
        return self.count == 0 and not self.is_open

    @property
    def is_broken(self) -> bool:
        return self.count > 0


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


def findings(*, is_whole: bool = True) -> list[Finding]:
    """Ask all invariants within one read-only, repeatable-read transaction."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if is_whole:
            return [ask(cursor, app, invariant) for app, invariant in invariants()]
        cursor.execute("SELECT current_setting('statement_timeout')")
        limit = cursor.fetchone()[0]
        limit_to(cursor, f"{SECONDS_A_RULE * 1000:.0f}")
        found = [ask_recent(cursor, app, invariant) for app, invariant in invariants()]
        limit_to(cursor, limit)
        return found


def limit_to(cursor: Any, milliseconds: str) -> None:
    """How long a statement of this transaction may take."""
    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])


def ask(cursor: Any, app: str, invariant: Invariant) -> Finding:
    """The answer over every row."""
    return _asked(cursor, app, invariant, invariant.sql, is_whole=True)


def ask_recent(cursor: Any, app: str, invariant: Invariant) -> Finding:
    """The answer over the newest rows where the rule knows which; left open when it is not there in time."""
    is_whole = not invariant.recent
    try:
        with transaction.atomic():
            return _asked(cursor, app, invariant, invariant.recent or invariant.sql, is_whole=is_whole)
    except OperationalError as problem:
        if getattr(problem.__cause__, "sqlstate", "") != CANCELLED:
            raise
        return Finding(app=app, invariant=invariant, count=0, rows=[], is_whole=is_whole, is_open=True)


def _asked(cursor: Any, app: str, invariant: Invariant, query: str, *, is_whole: bool) -> Finding:
    cursor.execute(query)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    shown = [dict(zip(names, row, strict=True)) for row in rows[:ROWS_SHOWN]]
    return Finding(app=app, invariant=invariant, count=len(rows), rows=shown, is_whole=is_whole)


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
