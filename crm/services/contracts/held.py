"""Contracts under lock, and what has been called off of their lines.

A call-off locks the lines that it takes from, in id order, before anything of sales; who changes a contract locks it
and then all its lines. So what is left of a line is true until the transaction ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from zoneinfo import ZoneInfo

from crm.models import Contract, ContractLine
from masterdata.errors import Refusal, StaleVersion


class ContractNotDraft(Refusal):
    """Released, ended or cancelled already."""

    code = "contract_not_draft"


class ContractNotActive(Refusal):
    """Not released yet, or ended."""

    code = "contract_not_active"


def held(contract_id: int, expected_version: int | None = None) -> tuple[Contract, list[ContractLine]]:
    """The contract and all its lines, locked. Raises StaleVersion."""
    rows = Contract.objects.select_for_update(of=("self",)).select_related("company", "customer", "currency", "owner")
    contract = rows.order_by("pk").get(pk=contract_id)
    if expected_version is not None and contract.version != expected_version:
        raise StaleVersion(
            f"{contract.number} was changed meanwhile. Look at it again, then decide.", version=contract.version
        )
    return contract, held_lines(ContractLine.objects.filter(contract=contract).values_list("pk", flat=True))


def held_lines(line_ids: Collection[int]) -> list[ContractLine]:
    """These lines with what a call-off needs, locked in id order."""
    rows = ContractLine.objects.select_for_update(of=("self",)).filter(pk__in=list(line_ids)).order_by("pk")
    return list(rows.select_related("plant", "material__unit").prefetch_related("prices"))


def refuse_unless_draft(contract: Contract) -> None:
    """Raises ContractNotDraft that says what to do instead."""
    if contract.state == Contract.State.ACTIVE:
        raise ContractNotDraft(f"{contract.number} is released: amend it, and say why.", state=contract.state)
    if contract.state != Contract.State.DRAFT:
        raise ContractNotDraft(f"{contract.number} is {contract.state}: write a new contract.", state=contract.state)


def refuse_unless_active(contract: Contract) -> None:
    """Raises ContractNotActive that says what to do instead."""
    if contract.state == Contract.State.DRAFT:
        raise ContractNotActive(f"{contract.number} is a draft: release it first.", state=contract.state)
    if contract.state != Contract.State.ACTIVE:
        raise ContractNotActive(
            f"{contract.number} is {contract.state}: renew it or write a new contract.", state=contract.state
        )


def today(lines: Collection[ContractLine], now: dt.datetime) -> dt.date:
    """The day at the plant of the first line."""
    first = min(lines, key=lambda line: line.line_no)
    return now.astimezone(ZoneInfo(first.plant.time_zone)).date()
