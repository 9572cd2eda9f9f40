"""The ledger at size: the trial balance over millions of lines, sealing and closing a period, what the proof costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from benchmarks import Figure, figure
from benchmarks._clock import cpu_of, measured, milliseconds, percentile
from benchmarks._scratch import database
from erp import services as erp
from erp.books.selectors import Asked, profit_and_loss, trial_balance
from erp.models import JournalEntry, Period, UnsealedEntry
from suite import audit
from tests.erp.shop import Shop

TRIAL, CLOSING = 300.0, 5.0
"""Goals: milliseconds for the trial balance over 5 million lines, seconds for closing 100,000 entries."""
LINES, LAST = 5_000_000, 100_000
LINES_AN_ENTRY = 4
FIRST, UNTIL = dt.date(2025, 1, 1), dt.date(2026, 11, 30)
MIDDLE = dt.date(2026, 10, 17)
TIMES = 20

# Entries of four lines, evenly over the days of 22 months; the last period has so many as its closing is measured with.
_ENTRIES = """
    INSERT INTO erp_journalentry (id, company_id, period_id, kind, posted_on, posted_at, memo, source)
    SELECT %(first)s + n, p.company_id, p.id, 'adjustment', d.day, d.day + interval '12 hours', '', 'bench:' || n
    FROM generate_series(0, %(count)s - 1) n
    CROSS JOIN LATERAL (SELECT %(since)s::date + (n * %(days)s / %(count)s)::int AS day) d
    JOIN erp_period p ON p.company_id = %(company)s AND d.day BETWEEN p.starts_on AND p.ends_on
"""
_LINES = """
    WITH a AS (
        SELECT array_agg(id ORDER BY code) AS ids FROM erp_account WHERE company_id = %(company)s
    )
    INSERT INTO erp_journalline (entry_id, account_id, amount, plant_id, partner_id, material_id)
    SELECT e.id, a.ids[1 + (e.id * 7 + k * 5) %% cardinality(a.ids)],
        (1 + (e.id * 31 + k / 2) %% 9973) * CASE k %% 2 WHEN 0 THEN 1 ELSE -1 END, %(plant)s, %(partner)s, NULL
    FROM erp_journalentry e, a, generate_series(0, 3) k WHERE e.id BETWEEN %(first)s AND %(first)s + %(count)s - 1
"""
_WAITING = "INSERT INTO erp_unsealedentry SELECT id FROM erp_journalentry WHERE id BETWEEN %(first)s AND %(last)s"
_PLAIN = """
    SELECT a.code, coalesce(sum(l.amount) FILTER (WHERE e.posted_on < %(since)s), 0),
        coalesce(sum(l.amount) FILTER (WHERE l.amount > 0 AND e.posted_on >= %(since)s), 0),
        coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0 AND e.posted_on >= %(since)s), 0)
    FROM erp_journalline l JOIN erp_journalentry e ON e.id = l.entry_id JOIN erp_account a ON a.id = l.account_id
    WHERE e.company_id = %(company)s AND e.posted_on <= %(until)s GROUP BY 1 ORDER BY 1
"""
_ONE_BY_ONE = """
    DO $$ BEGIN FOR n IN 1..{count} LOOP
        INSERT INTO erp_journalentry (company_id, period_id, kind, posted_on, posted_at, memo, source)
        SELECT company_id, id, 'adjustment', starts_on, now(), '', 'bench' FROM erp_period WHERE id = {period};
    END LOOP; END $$
"""


def run(say: Callable[[str], None], *, quick: bool) -> dict[str, Figure]:
    """Everything through the services; the data come by bare SQL with triggers off, sealed by the real sealer."""
    lines, last = (LINES // 100, LAST // 50) if quick else (LINES, LAST)
    with database("bench_ledger"):
        shop = Shop()
        for year in (2025, 2026):
            erp.open_books(company=shop.company, year=year)
        filled = milliseconds(partial(_fill, shop, lines // LINES_AN_ENTRY - last, last))
        say(f"{lines} journal lines in {filled / 1000:.0f} s")
        sealing = _seal(shop, last, say)
        figures = _close(shop, last, say, is_full=not quick)
        figures |= _reports(shop, say, is_full=not quick)
        figures["sealing 100,000 entries, p50"] = figure(
            percentile(sealing, 50) / 1000 if sealing else 0.0, "s", full_size=not quick
        )
        figures |= _trigger(say)
        figures |= _proof(say, is_full=not quick)
    return figures


def _fill(shop: Shop, before: int, last: int) -> None:
    """`before` entries until October 2026, `last` ones in November, all of them waiting for their seal."""
    november = dt.date(2026, 11, 1)
    parts = [(1, before, FIRST, (november - FIRST).days), (before + 1, last, november, 30)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for first, count, since, days in parts:
            values: dict[str, Any] = {
                "first": first, "count": count, "last": first + count - 1, "since": since, "days": days,
                "company": shop.company.pk, "plant": shop.plant.pk, "partner": shop.supplier.pk,
            }  # fmt: skip
            for query in (_ENTRIES, _LINES):
                cursor.execute(query, values)
            if first == 1:
                cursor.execute(_WAITING, values)
        cursor.execute("SELECT setval(pg_get_serial_sequence('erp_journalentry', 'id'), max(id)) FROM erp_journalentry")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _seal(shop: Shop, most: int, say: Callable[[str], None]) -> list[float]:
    """Seal what is older than the last period, so many entries at a time; the last batch is no full one."""
    took = []
    while UnsealedEntry.objects.exists():
        took.append(milliseconds(partial(erp.seal_entries, company_id=shop.company.pk, now=timezone.now(), most=most)))
    say(f"sealing {most} entries: p50 {percentile(took, 50) / 1000:.2f} s in {len(took)} batches")
    return took[:-1]


def _close(shop: Shop, last: int, say: Callable[[str], None], *, is_full: bool) -> dict[str, Figure]:
    """Closing the last period, with all its entries to be sealed."""
    period = Period.objects.get(company=shop.company, starts_on=dt.date(2026, 11, 1))
    with transaction.atomic(), connection.cursor() as cursor:
        ends = {"first": JournalEntry.objects.filter(period=period).order_by("id")[0].pk, "last": 2**60}
        cursor.execute(_WAITING, ends)
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    before = cpu_of(backend)
    with measured() as spent:
        erp.close_period(period_id=period.pk, now=timezone.now())
    took, cpu = spent.wall, spent.cpu + cpu_of(backend) - before
    if UnsealedEntry.objects.exists():
        raise RuntimeError("entries of the closed period still wait")
    say(f"closing a period with {last} entries: {took:.2f} s, CPU {cpu:.2f} s")
    return {
        "closing a period with 100,000 entries": figure(took, "s", goal=CLOSING, full_size=is_full),
        "closing a period with 100,000 entries, CPU": figure(cpu, "s", full_size=is_full),
    }


def _reports(shop: Shop, say: Callable[[str], None], *, is_full: bool) -> dict[str, Figure]:
    year = dt.date(2026, 1, 1)
    plain: dict[str, Any] = {"company": shop.company.pk, "since": year, "until": dt.date(2026, 12, 31)}
    bare = [milliseconds(partial(_bare, plain)) for _ in range(3)]
    found: dict[str, Figure] = {}
    for name, build, until, goal in (
        ("trial balance of a year over 5 million lines", trial_balance, plain["until"], TRIAL),
        ("trial balance until a day within a period", trial_balance, MIDDLE, TRIAL),
        ("profit and loss beside the year before", profit_and_loss, plain["until"], None),
    ):
        asked = Asked(shop.company, year, until)
        report = build(asked)
        if not report.agrees:
            raise RuntimeError(f"{name} does not agree: {report.differences}")
        took = [milliseconds(partial(build, asked)) for _ in range(TIMES)]
        p50, p95 = percentile(took, 50), percentile(took, 95)
        say(f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f}; plain GROUP BY {min(bare):.0f} ms")
        found[f"{name}, p95"] = figure(p95, "ms", goal=goal, baseline=min(bare), full_size=is_full)
    return found


def _bare(values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN, values)
        cursor.fetchall()


def _trigger(say: Callable[[str], None]) -> dict[str, Figure]:
    """What it costs an entry to wait for its seal: inserts one by one with the trigger and, as baseline, without."""
    period = Period.objects.filter(state=Period.State.OPEN).order_by("-id")[0]
    each, count = {}, 2_000
    for switch in ("ENABLE", "DISABLE"):
        took = []
        for _ in range(5):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("ALTER TABLE erp_journalentry DISABLE TRIGGER USER")
                name = "pgtrigger_entries_wait_for_their_seal_3e1d2"
                cursor.execute(f"ALTER TABLE erp_journalentry {switch} TRIGGER {name}")
                query = _ONE_BY_ONE.format(count=count, period=period.pk)
                took.append(milliseconds(partial(cursor.execute, query)) * 1000 / count)
                transaction.set_rollback(True)
        each[switch] = min(took)
    waiting = each["ENABLE"] - each["DISABLE"]
    say(f"an entry: {each['ENABLE']:.1f} us, {waiting:.1f} of them to wait for its seal")
    return {"waiting for the seal, an entry": figure(waiting, "us", baseline=each["DISABLE"])}


def _proof(say: Callable[[str], None], *, is_full: bool) -> dict[str, Figure]:
    """Every invariant, as its page asks it and over every row; the slowest by name."""
    whole, recent = {}, {}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        for _app, one in audit.invariants():
            recent[one.name] = milliseconds(partial(audit.ask_recent, cursor, "", one)) / 1000
            whole[one.name] = milliseconds(partial(audit.ask, cursor, "", one)) / 1000
    for title, took in (("on its page", recent), ("whole", whole)):
        slowest = sorted(took, key=lambda name: -took[name])[:8]
        say(f"the proof {title}: {sum(took.values()):.1f} s; " + ", ".join(f"{one} {took[one]:.1f}" for one in slowest))
    return {
        "the proof over 5 million lines, on its page": figure(sum(recent.values()), "s", full_size=is_full),
        "the proof over 5 million lines, whole": figure(sum(whole.values()), "s", full_size=is_full),
    }
