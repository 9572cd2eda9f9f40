"""Amendments: how a released contract changes, each change written down with what was there before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Contract, ContractAmendment, ContractChange, ContractLine, ContractPrice, PlannedCallOff
from crm.selectors.contracts import Taken, Use, taken_of
from crm.services.contracts.calling import plain
from crm.services.contracts.held import held, refuse_unless_active
from crm.services.contracts.writing import (
    ContractLineInput,
    ContractTerms,
    check_terms,
    checked_line,
    plants_of,
    write_steps,
)
from masterdata import facts, live
from masterdata.errors import InvalidInput
from masterdata.models import Material, User

LINE_FIELDS = ("agreed_qty", "agreed_value", "unit_price", "min_call_qty")
TERMS = tuple(field.name for field in fields(ContractTerms))
Changes = list[ContractChange]


@transaction.atomic
def amend_contract(
    *,
    contract_id: int,
    reason: str,
    now: dt.datetime,
    terms: Mapping[str, Any] | None = None,
    lines: Sequence[ContractLineInput] | None = None,
    by: User | None = None,
    expected_version: int | None = None,
) -> ContractAmendment:
    """Change terms (those given) and lines (all of them, known by `line_no`; without one: a new line) of a contract.

    What changed stands in the amendment. A line keeps its plant and material, is never agreed for less than what is
    called off, and goes only while nothing was. Locks contract and lines. States ContractAmended. Raises
    ContractNotActive, StaleVersion, InvalidInput, also when nothing changes.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is amended.", field="reason")
    contract, own = held(contract_id, expected_version)
    refuse_unless_active(contract)
    changes = _change_terms(contract, terms or {})
    if lines is not None:
        changes += _change_lines(contract, own, lines)
    if not changes:
        raise InvalidInput("Nothing is changed: there is nothing to amend.", field="reason")
    _check_agreed(contract)
    contract.amendment_no += 1
    contract.version += 1
    contract.save()
    amendment = ContractAmendment.objects.create(
        contract=contract, amendment_no=contract.amendment_no, reason=reason.strip()[:200], made_at=now, made_by=by
    )
    for change in changes:
        change.amendment = amendment
    ContractChange.objects.bulk_create(changes)
    facts.state(
        crm_facts.ContractAmended(
            contract_id=contract.pk, customer_id=contract.customer_id, amendment_no=contract.amendment_no
        )
    )
    live.publish("contract", contract.pk, contract.version)
    return amendment


def _change_terms(contract: Contract, given: Mapping[str, Any]) -> Changes:
    before = {name: getattr(contract, name) for name in TERMS}
    after = before | {name: value for name, value in given.items() if name in TERMS}
    check_terms(ContractTerms(**after))
    changes = []
    for name in TERMS:
        if before[name] != after[name]:
            setattr(contract, name, after[name])
            changes.append(ContractChange(what=name, before=said(before[name]), after=said(after[name])))
            if name == "valid_to":
                contract.reminded_at = None
    return changes


def _change_lines(contract: Contract, own: Sequence[ContractLine], lines: Sequence[ContractLineInput]) -> Changes:
    _plants, company = plants_of(lines)
    if company.pk != contract.company_id:
        raise InvalidInput("These plants belong to another company.", field="lines.0.plant")
    materials = Material.objects.select_related("unit").in_bulk({line.material_id for line in lines})
    by_no = {line.line_no: line for line in own}
    next_no = max(by_no, default=0) + 1
    changes: Changes = []
    for index, given in enumerate(lines):
        wanted = checked_line(given, materials.get(given.material_id), f"lines.{index}.")
        if given.line_no is None:
            wanted.contract, wanted.line_no = contract, next_no
            wanted.save()
            write_steps([(wanted, given.prices)])
            changes.append(ContractChange(line_no=next_no, what="line", after=_in_words(wanted, given)))
            next_no += 1
            continue
        line = by_no.pop(given.line_no, None)
        if line is None:
            raise InvalidInput("The contract has no such line.", field=f"lines.{index}.line_no")
        changes += _change_line(line, wanted, given, f"lines.{index}.")
    for line in by_no.values():
        changes.append(_drop_line(line))
    return changes


def _change_line(line: ContractLine, wanted: ContractLine, given: ContractLineInput, where: str) -> Changes:
    if (line.plant_id, line.material_id) != (wanted.plant_id, wanted.material_id):
        raise InvalidInput("A line keeps its product and plant: add another line instead.", field=f"{where}material")
    changes = []
    for name in LINE_FIELDS:
        before, after = getattr(line, name), getattr(wanted, name)
        if before != after:
            setattr(line, name, after)
            changes.append(ContractChange(line_no=line.line_no, what=name, before=said(before), after=said(after)))
    if changes:
        line.save(update_fields=LINE_FIELDS)
    steps = sorted((step.from_qty, step.unit_price) for step in line.prices.all())
    if steps != sorted(given.prices):
        ContractPrice.objects.filter(line=line).delete()
        write_steps([(line, given.prices)])
        changes.append(
            ContractChange(
                line_no=line.line_no, what="prices", before=_steps(steps), after=_steps(sorted(given.prices))
            )
        )
    return changes


def _drop_line(line: ContractLine) -> ContractChange:
    if line.call_offs.exists() or line.planned.exclude(state=PlannedCallOff.State.DROPPED).exists():
        raise InvalidInput(
            f"Line {line.line_no} is called off or planned: agree for it what is called off instead.", field="lines"
        )
    line.planned.all().delete()
    before = _in_words(line, ContractLineInput(line.plant_id, line.material_id))
    line.delete()
    return ContractChange(line_no=line.line_no, what="line", before=before)


def _check_agreed(contract: Contract) -> None:
    """Raises InvalidInput when a line would be agreed for less than what was called off."""
    lines = list(contract.lines.order_by("line_no"))
    taken = taken_of([line.pk for line in lines])
    for index, line in enumerate(lines):
        use = Use(line, taken.get(line.pk, Taken()), contract.tolerance_percent)
        if use.called > use.most:
            raise InvalidInput(
                f"{plain(use.called)} of line {line.line_no} are called off already: agree at least that.",
                field=f"lines.{index}.agreed_value" if use.is_by_value else f"lines.{index}.agreed_qty",
                called=str(use.called),
            )


def said(value: Any) -> str:
    """As the log keeps it: decimals without trailing zeros, days in ISO 8601, nothing as empty."""
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else str(value)


def _steps(steps: Sequence[tuple[Decimal, Decimal]]) -> str:
    return ", ".join(f"{plain(start)}: {plain(price)}" for start, price in steps)[:200]


def _in_words(line: ContractLine, given: ContractLineInput) -> str:
    agreed = line.agreed_qty if line.agreed_value is None else line.agreed_value
    code = Material.objects.values_list("code", flat=True).get(pk=line.material_id)
    return f"{code}, {said(agreed)} at {said(line.unit_price)}{', ' if given.prices else ''}{_steps(given.prices)}"[
        :200
    ]


def contract_terms(contract: Contract) -> dict[str, Any]:
    """The contract's terms as they stand."""
    return asdict(ContractTerms(**{name: getattr(contract, name) for name in TERMS}))
