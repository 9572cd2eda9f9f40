"""How contracts end: notice, renewal by a follow-up contract, reminders, the last day."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Activity, Contract, ContractLine, ContractPrice, PlannedCallOff
from crm.selectors.owners import owners
from crm.services import activities
from crm.services.contracts.held import held, refuse_unless_active, today
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbering import next_numbers
from masterdata.numbers import money

COPIED = (
    "title", "company", "customer", "currency", "customer_reference", "notice_days", "renewal", "renewal_months",
    "renewal_percent", "remind_days", "tolerance_percent", "call_ahead_days", "confirms_planned", "owner",
)  # fmt: skip


class AlreadyRenewed(Refusal):
    """There is a follow-up contract."""

    code = "already_renewed"


class NoticeTooLate(Refusal):
    """The last day for giving notice has passed."""

    code = "notice_too_late"


@transaction.atomic
def renew_contract(
    *,
    contract_id: int,
    now: dt.datetime,
    by: User | None = None,
    months: int | None = None,
    percent: Decimal | None = None,
    release: bool = False,
) -> Contract:
    """Make the follow-up contract from the day after the last one: same lines, prices changed by `percent`.

    A draft, or in force at once with `release`. Prices are rounded half up to as many decimals as they have, at least
    the currency's. Locks the contract. Raises ContractNotActive for a draft, AlreadyRenewed, InvalidInput.
    """
    contract, lines = held(contract_id)
    if contract.state != Contract.State.ENDED:
        refuse_unless_active(contract)
    follow_up = contract.renewals.exclude(state=Contract.State.CANCELLED).first()
    if follow_up is not None:
        raise AlreadyRenewed(f"{contract.number} is renewed already, as {follow_up.number}.", contract_id=follow_up.pk)
    months = contract.renewal_months if months is None else months
    percent = contract.renewal_percent if percent is None else percent
    if not 1 <= months <= 120:
        raise InvalidInput("Renew for 1 to 120 months.", field="months")
    if not -100 < percent <= 1000:
        raise InvalidInput("A change of prices is more than -100 percent.", field="percent")
    start = contract.valid_to + dt.timedelta(days=1)
    renewed = Contract.objects.create(
        number=next_numbers(company=contract.company, kind="CO", year=now.year)[0],
        valid_from=start,
        valid_to=months_later(start, months) - dt.timedelta(days=1),
        previous=contract,
        made_at=now,
        made_by=by,
        state=Contract.State.ACTIVE if release else Contract.State.DRAFT,
        released_at=now if release else None,
        released_by=by if release else None,
        **{name: getattr(contract, name) for name in COPIED},
    )
    _copy_lines(renewed, lines, percent)
    if release:
        facts.state(crm_facts.ContractReleased(contract_id=renewed.pk, customer_id=renewed.customer_id))
    for one in (contract, renewed):
        live.publish("contract", one.pk, one.version)
    return renewed


def _copy_lines(renewed: Contract, lines: list[ContractLine], percent: Decimal) -> None:
    decimals = renewed.currency.decimals
    rows = ContractLine.objects.bulk_create(
        ContractLine(
            contract=renewed,
            line_no=line.line_no,
            plant_id=line.plant_id,
            material_id=line.material_id,
            agreed_qty=line.agreed_qty,
            agreed_value=line.agreed_value,
            unit_price=changed_price(line.unit_price, percent, decimals),
            min_call_qty=line.min_call_qty,
        )
        for line in lines
    )
    ContractPrice.objects.bulk_create(
        ContractPrice(line=row, from_qty=step.from_qty, unit_price=changed_price(step.unit_price, percent, decimals))
        for row, line in zip(rows, lines, strict=True)
        for step in line.prices.all()
    )


def changed_price(price: Decimal, percent: Decimal, decimals: int) -> Decimal:
    """Half up to as many decimals as the price has, at least the currency's."""
    exponent = price.normalize().as_tuple().exponent
    own = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return money(price * (100 + percent) / 100, max(decimals, own))


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month, or that month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@transaction.atomic
def give_notice(
    *, contract_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Contract:
    """It ends on its last day and is not renewed by itself. Locks it. Raises NoticeTooLate, ContractNotActive."""
    contract, lines = held(contract_id, expected_version)
    refuse_unless_active(contract)
    day, last = today(lines, now), contract.valid_to - dt.timedelta(days=contract.notice_days)
    if day > last:
        raise NoticeTooLate(
            f"Notice for {contract.number} had to be given by {last:%d %b %Y}: agree an end with the customer and "
            "amend its last day.",
            last=last.isoformat(),
        )
    contract.notice_on = day
    contract.version += 1
    contract.save(update_fields=["notice_on", "version"])
    live.publish("contract", contract.pk, contract.version)
    return contract


@transaction.atomic
def end_contract(
    *,
    contract_id: int,
    reason: str,
    now: dt.datetime,
    by: User | None = None,
    expected_version: int | None = None,
) -> Contract:
    """End it before its last day; what is planned is dropped, orders stay. Locks it. States ContractEnded.

    Raises ContractNotActive, StaleVersion, InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput("Say why it ends.", field="reason")
    contract, _lines = held(contract_id, expected_version)
    refuse_unless_active(contract)
    return _close(contract, Contract.State.ENDED, reason, now, by)


@transaction.atomic
def cancel_contract(
    *, contract_id: int, reason: str, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> Contract:
    """Drop a draft. Locks it. Raises InvalidInput for a released one, which is ended instead."""
    contract, _lines = held(contract_id, expected_version)
    if contract.state != Contract.State.DRAFT:
        raise InvalidInput(f"{contract.number} is released: end it instead.", field="reason")
    return _close(contract, Contract.State.CANCELLED, reason, now, by)


def _close(contract: Contract, state: str, reason: str, now: dt.datetime, by: User | None) -> Contract:
    PlannedCallOff.objects.filter(contract_line__contract=contract, state=PlannedCallOff.State.PLANNED).update(
        state=PlannedCallOff.State.DROPPED
    )
    contract.state, contract.ended_at, contract.ended_by = state, now, by
    contract.end_reason = reason.strip()[:200]
    contract.version += 1
    contract.save(update_fields=["state", "ended_at", "ended_by", "end_reason", "version"])
    if state == Contract.State.ENDED:
        facts.state(crm_facts.ContractEnded(contract_id=contract.pk, customer_id=contract.customer_id))
    live.publish("contract", contract.pk, contract.version)
    return contract


def watch_contracts(*, now: dt.datetime) -> int:
    """Clockwork: remind once of what ends soon, renew what renews by itself, end what is over; how many changed.

    Each in a transaction of its own, and each once: what was done is written at the contract.
    """
    pks = Contract.objects.filter(state=Contract.State.ACTIVE).order_by("pk").values_list("pk", flat=True)
    return sum(_watch(pk, now) for pk in list(pks))


def _remind_owner(contract: Contract, now: dt.datetime) -> None:
    """Something to do for who looks after it, which rings at once; nobody, or somebody who no longer sells: the list
    of contracts says it alone."""
    if (
        contract.owner_id is None
        or not owners(contract.company, activities.WRITE).filter(pk=contract.owner_id).exists()
    ):
        return
    day = contract.valid_to - dt.timedelta(days=contract.notice_days)
    due_at = max(now, dt.datetime.combine(day, dt.time(12), dt.UTC))
    activities.plan_activity(
        about=activities.About(customer_id=contract.customer_id, company_id=contract.company_id),
        activity=activities.ActivityInput(
            kind=Activity.Kind.TASK,
            subject=f"{contract.number} ends on {contract.valid_to:%d %b %Y}: renew it or let it end",
            due_at=due_at,
            owner_id=contract.owner_id,
            remind_at=now,
        ),
        now=now,
    )


@transaction.atomic
def _watch(contract_id: int, now: dt.datetime) -> int:
    contract, lines = held(contract_id)
    if contract.state != Contract.State.ACTIVE or not lines:
        return 0
    day, changed = today(lines, now), 0
    is_renewed = contract.renewals.exclude(state=Contract.State.CANCELLED).exists()
    if (
        contract.reminded_at is None
        and not is_renewed
        and day >= contract.valid_to - dt.timedelta(contract.remind_days)
    ):
        contract.reminded_at = now
        contract.save(update_fields=["reminded_at"])
        facts.state(
            crm_facts.ContractEnding(
                contract_id=contract.pk, customer_id=contract.customer_id, valid_to=contract.valid_to
            )
        )
        _remind_owner(contract, now)
        changed = 1
    renews = contract.renewal == Contract.Renewal.AUTO and contract.notice_on is None and not is_renewed
    if renews and day > contract.valid_to - dt.timedelta(contract.notice_days):
        renew_contract(contract_id=contract.pk, now=now, release=True)
        changed = 1
    if day > contract.valid_to:
        _close(contract, Contract.State.ENDED, "Its last day has passed", now, None)
        changed = 1
    if changed:
        live.publish("contract", contract.pk, contract.version)
    return changed
