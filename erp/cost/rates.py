"""Rates in force, as SQL for the statements that cost something: one text, so that a report, an estimate and a price
can't disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.cost.models import Element, OverheadRule
from erp.ledger.models import Account
from masterdata.numbers import ZERO, money

Basis, Role = OverheadRule.Basis, Account.Role

_HOUR = """
    SELECT r.per_hour FROM erp_hourrate r
    WHERE r.plant_id = p.id AND r.kind = '{kind}' AND r.{subject} = {which}
        AND r.valid_from <= d.day AND (r.valid_until IS NULL OR r.valid_until >= d.day)
"""
_OVERHEADS = """
    SELECT coalesce(max(o.value) FILTER (WHERE o.basis = 'labour'), 0) AS on_labour,
        coalesce(max(o.value) FILTER (WHERE o.basis = 'machine'), 0) AS on_machine,
        coalesce(max(o.value) FILTER (WHERE o.basis = 'material'), 0) AS on_material,
        coalesce(max(o.value) FILTER (WHERE o.basis = 'hour'), 0) AS an_hour
    FROM (
        SELECT DISTINCT ON (r.basis) r.basis, r.value FROM erp_overheadrule r
        WHERE r.company_id = p.company_id AND (r.plant_id IS NULL OR r.plant_id = p.id)
            AND (r.work_centre_id IS NULL OR r.work_centre_id = c.id)
            AND r.valid_from <= d.day AND (r.valid_until IS NULL OR r.valid_until >= d.day)
        ORDER BY r.basis, r.work_centre_id NULLS LAST, r.plant_id NULLS LAST
    ) o
"""


def rates_of(centre: str, *, machine: str = "NULL::bigint", grade: str = "NULL::bigint", at: str) -> str:
    """SELECT of `labour`, `machine` (money per hour), `on_labour`, `on_machine`, `on_material` (per cent of overhead)
    and `an_hour` (overhead per hour) at a work centre.

    The arguments are SQL: ids (`machine` the one that works, `grade` of who works) and a moment, whose day is the
    plant's. A machine's own rate comes before its centre's, a grade's before both; what no rate says costs what the
    centre's own columns say.
    """
    labour = [_HOUR.format(kind="labour", subject="grade_id", which=grade)] if grade != "NULL::bigint" else []
    own = [_HOUR.format(kind="machine", subject="machine_id", which=machine)] if machine != "NULL::bigint" else []
    labour.append(_HOUR.format(kind="labour", subject="work_centre_id", which="c.id"))
    own.append(_HOUR.format(kind="machine", subject="work_centre_id", which="c.id"))
    return f"""
        SELECT coalesce({", ".join(f"({one})" for one in labour)}, c.labour_rate) AS labour,
            coalesce({", ".join(f"({one})" for one in own)}, c.machine_rate) AS machine,
            v.on_labour, v.on_machine, v.on_material, v.an_hour
        FROM masterdata_workcentre c JOIN masterdata_plant p ON p.id = c.plant_id
        CROSS JOIN LATERAL (SELECT ({at} AT TIME ZONE p.time_zone)::date AS day) d
        CROSS JOIN LATERAL ({_OVERHEADS}) v
        WHERE c.id = {centre}
    """  # noqa: S608 (our own words)


def kept_rates(operation: str, now: str) -> str:
    """SELECT of the rates that an operation (an alias) was planned at; where none were kept, those of `rates_of` (an
    alias too)."""
    names = ("labour", "machine", "on_labour", "on_machine", "on_material", "an_hour")
    return "SELECT " + ", ".join(f"coalesce({operation}.rate_{name}, {now}.{name}) AS {name}" for name in names)


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A cost that work absorbs: against which account, and what it was worked out from (see `CostEntry`)."""

    element: str
    role: str
    amount: Decimal
    quantity: Decimal
    rate: Decimal
    basis: str = ""
    person_id: int | None = None
    grade_id: int | None = None
    pieces: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Labour:
    """Minutes of a person at an operation, and the good pieces that are theirs, of which a piece rate pays each.

    Below zero: what was booked too much before.
    """

    employee_id: int
    minutes: Decimal
    pieces: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Person:
    """What a person's hour costs here and now, and what a good piece pays if they work by the piece (else empty)."""

    employee_id: int
    grade_id: int | None
    an_hour: Decimal
    a_piece: Decimal | None

    def absorbed(self, worked: Labour, decimals: int) -> Absorbed:
        """What the person's part costs: minutes x rate, or pieces x rate."""
        if self.a_piece is None:
            amount, rate, pieces = money(worked.minutes * self.an_hour / 60, decimals), self.an_hour, None
        else:
            amount, rate, pieces = money(worked.pieces * self.a_piece, decimals), self.a_piece, worked.pieces
        role = Role.LABOUR_ABSORBED
        return Absorbed(
            *(Element.LABOUR, role, amount, worked.minutes, rate, "", self.employee_id, self.grade_id, pieces)
        )


@dataclass(frozen=True, slots=True)
class Rates:
    """A row of `rates_of`."""

    labour: Decimal
    machine: Decimal
    on_labour: Decimal
    on_machine: Decimal
    on_material: Decimal
    an_hour: Decimal

    @property
    def full(self) -> Decimal:
        """An hour's labour and machine with their overhead."""
        labour, machine = self.labour * (1 + self.on_labour / 100), self.machine * (1 + self.on_machine / 100)
        return labour + machine + self.an_hour

    def absorbed(
        self, *, minutes: Decimal, material: Decimal, decimals: int, people: Sequence[Absorbed] | None = None
    ) -> Iterator[Absorbed]:
        """What so many minutes cost, and what overhead comes on top of them and of `material`, each rounded by itself.

        Labour is what `people` cost, one by one; where nobody says who worked (None), the machine's minutes at the
        rate of this row. A percentage is of the rounded amount, so that an entry can be worked out again from what it
        says.
        """
        labour, machine = (money(minutes * rate / 60, decimals) for rate in (self.labour, self.machine))
        if people is not None:
            labour = sum((one.amount for one in people), ZERO)
            yield from people
        elif minutes:
            yield Absorbed(Element.LABOUR, Role.LABOUR_ABSORBED, labour, minutes, self.labour)
        if minutes:
            yield Absorbed(Element.MACHINE, Role.MACHINE_ABSORBED, machine, minutes, self.machine)
        for base, percent, basis in (
            (labour, self.on_labour, Basis.LABOUR),
            (machine, self.on_machine, Basis.MACHINE),
            (material, self.on_material, Basis.MATERIAL),
        ):
            yield self._overhead(money(base * percent / 100, decimals), base, percent, basis)
        yield self._overhead(money(minutes * self.an_hour / 60, decimals), minutes, self.an_hour, Basis.HOUR)

    @staticmethod
    def _overhead(amount: Decimal, quantity: Decimal, rate: Decimal, basis: str) -> Absorbed:
        return Absorbed(Element.OVERHEAD, Role.OVERHEAD_ABSORBED, amount, quantity, rate, basis)


NO_RATES = Rates(ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)


# The grade of who works, found first, so that it stands in the answer too. Values: worker, machine, moment, centre.
RATES_HERE = f"""
    WITH worker AS (SELECT (SELECT grade_id FROM masterdata_employee WHERE id = %s::bigint) AS grade_id)
    SELECT r.*, worker.grade_id FROM worker
    CROSS JOIN LATERAL ({rates_of("%s::bigint", machine="%s::bigint", grade="worker.grade_id", at="%s::timestamptz")}) r
"""  # noqa: S608 (our own words)

# Of each person: the grade, an hour and, for whom works by the piece, a piece of what is made at a work centre.
# Values: material, operation's name, moment, people, centre.
PEOPLE_HERE = f"""
    SELECT e.id, e.grade_id,
        coalesce(({_HOUR.format(kind="labour", subject="grade_id", which="e.grade_id")}),
                 ({_HOUR.format(kind="labour", subject="work_centre_id", which="c.id")}), c.labour_rate) AS labour,
        CASE WHEN e.pay = 'piece' THEN (
            SELECT r.per_piece FROM erp_piecerate r
            WHERE r.work_centre_id = c.id AND (r.material_id IS NULL OR r.material_id = %s::bigint)
                AND (r.operation = '' OR r.operation = %s::text) AND (r.grade_id IS NULL OR r.grade_id = e.grade_id)
                AND r.valid_from <= d.day AND (r.valid_until IS NULL OR r.valid_until >= d.day)
            ORDER BY r.material_id NULLS LAST, r.operation DESC, r.grade_id NULLS LAST LIMIT 1) END AS a_piece
    FROM masterdata_employee e CROSS JOIN masterdata_workcentre c JOIN masterdata_plant p ON p.id = c.plant_id
    CROSS JOIN LATERAL (SELECT (%s::timestamptz AT TIME ZONE p.time_zone)::date AS day) d
    WHERE e.id = ANY(%s::bigint[]) AND c.id = %s::bigint ORDER BY e.id
"""  # noqa: S608 (our own words)
