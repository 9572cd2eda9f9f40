"""Opportunities: opened, changed, moved between stages; won by an accepted quotation, lost for a reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Opportunity, Quotation, Stage, StageMove
from crm.selectors.owners import owners
from crm.services.stages import lay_down_stages, reason_of
from masterdata import facts, live, numbers
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Contact, Currency, Partner, Plant, User
from masterdata.numbering import next_numbers

WRITE = "crm.write_opportunity"
MOST = Decimal(10) ** 14


class OpportunityIsClosed(Refusal):
    """It is won or lost: move it to an open stage first."""

    code = "opportunity_is_closed"


class WonByItsQuotation(Refusal):
    """A quotation of it is accepted, so it stays won."""

    code = "won_by_its_quotation"


@dataclass(frozen=True, kw_only=True)
class OpportunityInput:
    """What an opportunity says of itself; the currency is the company's unless another is given."""

    title: str
    value: Decimal
    expected_on: dt.date
    currency_id: int | None = None
    contact_id: int | None = None
    owner_id: int | None = None
    plant_id: int | None = None
    note: str = ""


@transaction.atomic
def open_opportunity(
    *,
    customer_id: int,
    company_id: int,
    opportunity: OpportunityInput,
    now: dt.datetime,
    by: User | None = None,
    stage_id: int | None = None,
) -> Opportunity:
    """A new opportunity, in the first open stage unless another is given; without stages the usual ones are laid down.

    Raises InvalidInput. The caller has checked that `by` may see what the ids name.
    """
    company = Company.objects.select_related("currency").filter(pk=company_id).first()
    if company is None:
        raise InvalidInput("Choose the company that sells.", field="company")
    customer = Partner.objects.filter(pk=customer_id, is_customer=True).first()
    if customer is None:
        raise InvalidInput("Choose a customer from the list.", field="customer")
    stage = _first_stage(stage_id)
    row = Opportunity(
        number=next_numbers(company=company, kind="OP", year=now.year)[0],
        company=company,
        customer=customer,
        currency=company.currency,
        stage=stage,
        stage_since_at=now,
        made_at=now,
        made_by=by,
    )
    _fill(row, opportunity)
    row.save()
    StageMove.objects.create(opportunity=row, stage=stage, moved_at=now, by=by)
    live.publish("opportunity", row.pk, row.version)
    return row


@transaction.atomic
def change_opportunity(
    *, opportunity_id: int, opportunity: OpportunityInput, expected_version: int | None = None
) -> Opportunity:
    """What it says of itself. Locks the opportunity. Raises OpportunityIsClosed, StaleVersion, InvalidInput."""
    row = locked(opportunity_id, expected_version)
    if row.state != Opportunity.State.OPEN:
        raise OpportunityIsClosed(
            f"{row.number} is {row.get_state_display().lower()}: move it to an open stage first.", state=row.state
        )
    _fill(row, opportunity)
    row.version += 1
    row.save()
    live.publish("opportunity", row.pk, row.version)
    return row


@transaction.atomic
def move_opportunity(
    *,
    opportunity_id: int,
    stage_id: int,
    now: dt.datetime,
    by: User | None = None,
    expected_version: int | None = None,
    lost_reason_id: int | None = None,
    lost_note: str = "",
) -> Opportunity:
    """To another stage: the won one wins it, the lost one loses it for a reason, an open one opens it again.

    In its stage already: nothing changes. Locks the opportunity. Raises StaleVersion, InvalidInput, WonByItsQuotation.
    """
    row = locked(opportunity_id, expected_version)
    stage = Stage.objects.filter(pk=stage_id, is_active=True).first()
    if stage is None:
        raise InvalidInput("Choose a stage of the pipeline.", field="stage")
    if stage.pk == row.stage_id:
        return row
    if stage.kind != Stage.Kind.WON and Quotation.objects.filter(opportunity=row, state="accepted").exists():
        raise WonByItsQuotation(
            f"A quotation of {row.number} is accepted: cancel its order, then open a new opportunity.", field="stage"
        )
    if stage.kind == Stage.Kind.LOST:
        row.lost_reason, row.lost_note = reason_of(lost_reason_id), lost_note.strip()
    else:
        row.lost_reason, row.lost_note = None, ""
    return _arrive(row, stage, now, by)


def win_by_quotation(quotation: Quotation, now: dt.datetime, by: User | None = None) -> None:
    """Inside the transaction that accepts the quotation: its opportunity is won, whatever stage it stands in."""
    if quotation.opportunity_id is None:
        return
    row = locked(quotation.opportunity_id, None)
    stage = next(one for one in lay_down_stages() if one.kind == Stage.Kind.WON)
    if row.stage_id != stage.pk:
        row.lost_reason, row.lost_note = None, ""
        _arrive(row, stage, now, by, quotation)


def give_back_win(quotation: Quotation, accepted_at: dt.datetime | None, now: dt.datetime, by: User | None) -> None:
    """Inside the transaction that reopens the quotation: the opportunity that its yes had won is where it was before.

    It stays won where another quotation of it is accepted, or where somebody had won it by hand. Locks it.
    """
    if quotation.opportunity_id is None:
        return
    row = locked(quotation.opportunity_id, None)
    moves = list(row.moves.select_related("stage", "lost_reason").order_by("-pk")[:2])
    if len(moves) < 2 or row.state != Opportunity.State.WON or row.quotations.filter(state="accepted").exists():
        return
    won, before = moves
    if won.quotation_id is None and won.moved_at != accepted_at:
        return
    stage = before.stage
    if not stage.is_active or (stage.kind == Stage.Kind.LOST and before.lost_reason is None):
        stage = _first_stage(None)
    if stage.kind == Stage.Kind.LOST:
        row.lost_reason, row.lost_note = before.lost_reason, before.lost_note
    _arrive(row, stage, now, by)


def opportunity_for(opportunity_id: int | None, *, customer: Partner, company: Company) -> Opportunity | None:
    """The open opportunity that a quotation of this customer is written for. Raises InvalidInput."""
    if opportunity_id is None:
        return None
    row = Opportunity.objects.filter(pk=opportunity_id, customer=customer, company=company).first()
    if row is None:
        raise InvalidInput(f"Choose an opportunity of {customer.name}.", field="opportunity")
    if row.state != Opportunity.State.OPEN:
        raise OpportunityIsClosed(
            f"{row.number} is {row.get_state_display().lower()}: open a new opportunity.", field="opportunity"
        )
    return row


def locked(opportunity_id: int, expected_version: int | None) -> Opportunity:
    """The opportunity, locked. Raises StaleVersion with who moved it where."""
    row = (
        Opportunity.objects.select_for_update(of=("self",))
        .select_related("company__currency", "customer", "currency", "stage")
        .order_by("pk")
        .get(pk=opportunity_id)
    )
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(
            f"{row.number} was changed meanwhile and is in {row.stage.name} now. Look at it again, then decide.",
            version=row.version,
            stage=row.stage_id,
        )
    return row


def _arrive(
    row: Opportunity, stage: Stage, now: dt.datetime, by: User | None, quotation: Quotation | None = None
) -> Opportunity:
    before = row.state
    row.stage, row.stage_since_at, row.state = stage, now, stage.kind
    row.closed_at = None if stage.kind == Stage.Kind.OPEN else now
    row.version += 1
    row.save(update_fields=["stage", "stage_since_at", "state", "closed_at", "lost_reason", "lost_note", "version"])
    StageMove.objects.create(
        opportunity=row,
        stage=stage,
        quotation=quotation,
        lost_reason=row.lost_reason,
        lost_note=row.lost_note,
        moved_at=now,
        by=by,
    )
    if row.state != before and row.state == Opportunity.State.WON:
        facts.state(crm_facts.OpportunityWon(opportunity_id=row.pk, customer_id=row.customer_id))
    if row.state != before and row.state == Opportunity.State.LOST:
        facts.state(
            crm_facts.OpportunityLost(
                opportunity_id=row.pk, customer_id=row.customer_id, lost_reason_id=row.lost_reason_id or 0
            )
        )
    live.publish("opportunity", row.pk, row.version)
    return row


def _first_stage(stage_id: int | None) -> Stage:
    stages = [stage for stage in lay_down_stages() if stage.kind == Stage.Kind.OPEN]
    for stage in stages:
        if stage_id in (None, stage.pk):
            return stage
    raise InvalidInput("Choose an open stage of the pipeline.", field="stage")


def _fill(row: Opportunity, given: OpportunityInput) -> None:
    if not given.title.strip():
        raise InvalidInput("Say in a few words what they may buy.", field="title")
    if not 0 <= given.value < MOST:
        raise InvalidInput("Give what it may be worth: zero or more.", field="value")
    if given.currency_id is not None:
        currency = Currency.objects.filter(pk=given.currency_id).first()
        if currency is None:
            raise InvalidInput("Choose a currency from the list.", field="currency")
        row.currency = currency
    row.title, row.expected_on, row.note = given.title.strip(), given.expected_on, given.note.strip()
    row.value = numbers.money(given.value, row.currency.decimals)
    row.contact = _contact(given.contact_id, row)
    row.owner = _owner(given.owner_id, row.company)
    row.plant = _plant(given.plant_id, row.company)


def _contact(contact_id: int | None, row: Opportunity) -> Contact | None:
    contact = Contact.objects.filter(pk=contact_id, partner=row.customer).first() if contact_id else None
    if contact_id and contact is None:
        raise InvalidInput(f"Choose a contact of {row.customer.name}.", field="contact")
    return contact


def _owner(owner_id: int | None, company: Company) -> User | None:
    owner = owners(company, WRITE).filter(pk=owner_id).first() if owner_id else None
    if owner_id and owner is None:
        raise InvalidInput("Choose somebody who sells for this company.", field="owner")
    return owner


def _plant(plant_id: int | None, company: Company) -> Plant | None:
    plant = Plant.objects.filter(pk=plant_id, company=company).first() if plant_id else None
    if plant_id and plant is None:
        raise InvalidInput(f"Choose a plant of {company.name}.", field="plant")
    return plant
