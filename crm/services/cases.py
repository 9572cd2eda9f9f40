"""Cases: opened, given to somebody, answered, closed with an outcome, opened again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Case
from crm.selectors.owners import owners
from erp.models import SalesOrder, SalesOrderLine
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Contact, Partner, User
from masterdata.numbering import next_numbers

HANDLE = "crm.handle_case"


class CaseIsClosed(Refusal):
    """It has an outcome: open it again first."""

    code = "case_is_closed"


class CaseIsOpen(Refusal):
    """It has no outcome yet, so there is nothing to open again."""

    code = "case_is_open"


class OtherCustomersOrder(Refusal):
    """The order, its line or the contact belongs to another customer."""

    code = "other_customers_order"


@transaction.atomic
def open_case(
    *,
    subject: str,
    now: dt.datetime,
    by: User | None = None,
    customer_id: int | None = None,
    company_id: int | None = None,
    order_id: int | None = None,
    order_line_id: int | None = None,
    contact_id: int | None = None,
    topic: str = Case.Topic.QUESTION,
    urgency: int = Case.Urgency.NORMAL,
    body: str = "",
    owner_id: int | None = None,
) -> Case:
    """A new case of a customer, perhaps about an order or a line of one, which then says customer and company.

    Raises InvalidInput and OtherCustomersOrder. The caller has checked that `by` may see what the ids name.
    """
    order = _order(order_id, order_line_id)
    company = order.company if order else _company(company_id)
    customer = order.customer if order else _customer(customer_id)
    if customer_id not in (None, customer.pk):
        raise OtherCustomersOrder(f"This order is {customer.name}'s: choose an order of the customer.", field="order")
    case = Case.objects.create(
        number=next_numbers(company=company, kind="CS", year=now.year)[0],
        company=company,
        customer=customer,
        contact=_contact(contact_id, customer),
        order=order,
        order_line_id=order_line_id,
        topic=topic,
        urgency=urgency,
        subject=_said(subject),
        body=body.strip(),
        owner=_owner(owner_id, company),
        opened_at=now,
        opened_by=by,
    )
    facts.state(crm_facts.CaseOpened(case_id=case.pk, customer_id=customer.pk, order_id=case.order_id))
    live.publish("case", case.pk, case.version)
    return case


@transaction.atomic
def assign_case(*, case_id: int, owner_id: int | None, expected_version: int | None = None) -> Case:
    """Somebody takes care of it, or nobody any more. Locks the case. Raises CaseIsClosed, StaleVersion."""
    case = lock_open_case(case_id, expected_version)
    case.owner = _owner(owner_id, case.company)
    return _changed(case, "owner")


@transaction.atomic
def close_case(
    *,
    case_id: int,
    outcome: str,
    now: dt.datetime,
    by: User | None = None,
    note: str = "",
    expected_version: int | None = None,
) -> Case:
    """It ended, with an outcome. Locks the case. Raises CaseIsClosed, StaleVersion."""
    case = lock_open_case(case_id, expected_version)
    if outcome not in Case.Outcome.values or not outcome:
        raise InvalidInput("Choose how the case ended.", field="outcome")
    case.state, case.outcome, case.outcome_note = Case.State.CLOSED, outcome, note.strip()
    case.closed_at, case.closed_by = now, by
    _changed(case, "state", "outcome", "outcome_note", "closed_at", "closed_by")
    facts.state(
        crm_facts.CaseClosed(case_id=case.pk, customer_id=case.customer_id, outcome=outcome, order_id=case.order_id)
    )
    return case


@transaction.atomic
def reopen_case(*, case_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None) -> Case:
    """It was not over: it waits for us again, without an outcome. Locks the case. Raises CaseIsOpen, StaleVersion."""
    case = _locked(case_id, expected_version)
    if case.state != Case.State.CLOSED:
        raise CaseIsOpen(f"{case.number} is open already.")
    case.state, case.outcome, case.outcome_note = Case.State.OPEN, Case.Outcome.NONE, ""
    case.closed_at, case.closed_by = None, None
    _changed(case, "state", "outcome", "outcome_note", "closed_at", "closed_by")
    facts.state(crm_facts.CaseOpened(case_id=case.pk, customer_id=case.customer_id, order_id=case.order_id))
    return case


@transaction.atomic
def mark_case_answered(*, case_id: int, now: dt.datetime) -> Case:
    """The customer has an answer: the case waits for them. A closed case stays closed. Locks the case."""
    case = _locked(case_id, None)
    if case.state == Case.State.CLOSED:
        return case
    case.state, case.answered_at = Case.State.ANSWERED, case.answered_at or now
    return _changed(case, "state", "answered_at")


@transaction.atomic
def mark_case_waiting(*, case_id: int) -> Case:
    """The customer wrote again: the case waits for us, a closed one too. Locks the case."""
    case = _locked(case_id, None)
    if case.state == Case.State.OPEN:
        return case
    if case.state == Case.State.CLOSED:
        facts.state(crm_facts.CaseOpened(case_id=case.pk, customer_id=case.customer_id, order_id=case.order_id))
    case.state, case.outcome, case.outcome_note = Case.State.OPEN, Case.Outcome.NONE, ""
    case.closed_at, case.closed_by = None, None
    return _changed(case, "state", "outcome", "outcome_note", "closed_at", "closed_by")


def lock_open_case(case_id: int, expected_version: int | None) -> Case:
    """The case, locked, unless it is closed. Raises CaseIsClosed, StaleVersion."""
    case = _locked(case_id, expected_version)
    if case.state == Case.State.CLOSED:
        raise CaseIsClosed(f"{case.number} is closed ({case.get_outcome_display()}). Open it again first.")
    return case


def _locked(case_id: int, expected_version: int | None) -> Case:
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("company", "customer")
        .order_by("pk")
        .get(pk=case_id)
    )
    if expected_version is not None and case.version != expected_version:
        raise StaleVersion(f"{case.number} was changed meanwhile. Look at it again, then decide.", version=case.version)
    return case


def _changed(case: Case, *fields: str) -> Case:
    case.version += 1
    case.save(update_fields=[*fields, "version"])
    live.publish("case", case.pk, case.version)
    return case


def _said(subject: str) -> str:
    if not subject.strip():
        raise InvalidInput("Say in a few words what the customer asks or complains about.", field="subject")
    return subject.strip()


def _order(order_id: int | None, order_line_id: int | None) -> SalesOrder | None:
    if order_line_id is not None:
        line = SalesOrderLine.objects.filter(pk=order_line_id).first()
        if line is None or (order_id is not None and line.order_id != order_id):
            raise InvalidInput("Choose a line of this order.", field="order_line")
        order_id = line.order_id
    if order_id is None:
        return None
    order = SalesOrder.objects.select_related("company", "customer").filter(pk=order_id).first()
    if order is None:
        raise InvalidInput("Choose an order from the list.", field="order")
    return order


def _company(company_id: int | None) -> Company:
    company = Company.objects.filter(pk=company_id or 0).first()
    if company is None:
        raise InvalidInput("Choose the company that takes care of it.", field="company")
    return company


def _customer(customer_id: int | None) -> Partner:
    customer = Partner.objects.filter(pk=customer_id or 0, is_customer=True).first()
    if customer is None:
        raise InvalidInput("Choose a customer from the list.", field="customer")
    return customer


def _contact(contact_id: int | None, customer: Partner) -> Contact | None:
    if contact_id is None:
        return None
    contact = Contact.objects.filter(pk=contact_id, partner=customer).first()
    if contact is None:
        raise OtherCustomersOrder(f"Choose a contact of {customer.name}.", field="contact")
    return contact


def _owner(owner_id: int | None, company: Company) -> User | None:
    if owner_id is None:
        return None
    owner = owners(company, HANDLE).filter(pk=owner_id).first()
    if owner is None:
        raise InvalidInput("Choose somebody who takes care of cases in this company.", field="owner")
    return owner
