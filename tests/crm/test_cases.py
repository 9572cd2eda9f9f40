"""Cases: opened about an order, given to somebody, closed with an outcome, opened again."""

from __future__ import annotations

import pytest
from django.utils import timezone

from crm import services as crm
from crm.models import Case
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import FactRecord, Partner
from tests.crm.orders import confirmed
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


def test_a_case_about_a_line_knows_order_customer_and_company(shop: Workshop) -> None:
    order = confirmed(shop, 2, now=timezone.now())
    line = order.lines.get()
    case = crm.open_case(subject=" Scratched top ", order_line_id=line.pk, topic="damage", now=timezone.now())
    assert (case.order_id, case.customer_id, case.company_id) == (order.pk, order.customer_id, order.company_id)
    assert (case.state, case.subject, case.number[:3]) == ("open", "Scratched top", "CS-")
    fact = FactRecord.objects.get(kind="CaseOpened")
    assert (fact.subject, fact.payload["case_id"]) == (f"order:{order.pk}", case.pk)


def test_a_case_is_refused_about_another_customers_order(shop: Workshop) -> None:
    order = confirmed(shop, 2, now=timezone.now())
    other = Partner.objects.create(code="OTHER", name="Other", is_customer=True)
    with pytest.raises(crm.OtherCustomersOrder, match="choose an order of the customer"):
        crm.open_case(subject="Late", order_id=order.pk, customer_id=other.pk, now=timezone.now())
    with pytest.raises(InvalidInput, match="line of this order"):
        crm.open_case(subject="Late", order_id=order.pk + 1, order_line_id=order.lines.get().pk, now=timezone.now())


def test_a_closed_case_has_an_outcome_and_can_be_opened_again(shop: Workshop) -> None:
    case = _case(shop)
    closed = crm.close_case(case_id=case.pk, outcome="replaced", note="New top sent", now=timezone.now())
    assert (closed.state, closed.outcome, closed.version) == ("closed", "replaced", 2)
    assert FactRecord.objects.get(kind="CaseClosed").subject == f"customer:{shop.customer.pk}"
    with pytest.raises(crm.CaseIsClosed, match="Replaced or repaired"):
        crm.assign_case(case_id=case.pk, owner_id=None)
    again = crm.reopen_case(case_id=case.pk, now=timezone.now())
    assert (again.state, again.outcome, again.closed_at) == ("open", "", None)
    with pytest.raises(crm.CaseIsOpen):
        crm.reopen_case(case_id=case.pk, now=timezone.now())


def test_an_old_version_closes_nothing(shop: Workshop) -> None:
    case = _case(shop)
    crm.mark_case_answered(case_id=case.pk, now=timezone.now())
    with pytest.raises(StaleVersion):
        crm.close_case(case_id=case.pk, outcome="solved", now=timezone.now(), expected_version=1)
    assert Case.objects.get(pk=case.pk).state == "answered"


def test_a_customer_who_writes_again_opens_a_closed_case(shop: Workshop) -> None:
    case = _case(shop)
    crm.close_case(case_id=case.pk, outcome="solved", now=timezone.now())
    assert crm.mark_case_answered(case_id=case.pk, now=timezone.now()).state == "closed"
    waiting = crm.mark_case_waiting(case_id=case.pk)
    assert (waiting.state, waiting.outcome) == ("open", "")


def test_only_who_takes_care_of_cases_there_owns_one(shop: Workshop) -> None:
    sara, otto = person("sara", "sales", shop.plant), person("otto", "operator", shop.plant)
    case = _case(shop)
    assert crm.assign_case(case_id=case.pk, owner_id=sara.pk).owner == sara
    with pytest.raises(InvalidInput, match="takes care of cases"):
        crm.assign_case(case_id=case.pk, owner_id=otto.pk)


def _case(shop: Workshop) -> Case:
    return crm.open_case(
        subject="Which oil?", customer_id=shop.customer.pk, company_id=shop.company.pk, now=timezone.now()
    )
