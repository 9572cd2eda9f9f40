"""What a message is about: a customer of a company, and perhaps a quotation, an order, a case or a notice of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm.models import Case, Message, Notice, Quotation
from erp.models import SalesOrder
from masterdata import rights
from masterdata.errors import InvalidInput
from masterdata.models import Company, Partner, User


@dataclass(frozen=True)
class Subject:
    """Rows that belong together. `owner` is who looks after it."""

    customer: Partner
    company: Company
    owner: User | None
    documents: dict[str, Any]

    @property
    def columns(self) -> dict[str, Any]:
        """As a message's columns."""
        return {"customer": self.customer, "company": self.company, **self.documents}


def subject_of(
    *,
    customer_id: int,
    company_id: int | None = None,
    quotation_id: int | None = None,
    order_id: int | None = None,
    case_id: int | None = None,
    notice_id: int | None = None,
    by: User | None = None,
) -> Subject:
    """Read what is named; raises InvalidInput where it is not that customer's, or of different companies."""
    customer = Partner.objects.filter(pk=customer_id).first()
    if customer is None:
        raise InvalidInput("Choose a customer.", field="customer")
    documents = {
        name: row
        for name, row in (
            ("quotation", _row(Quotation.objects.select_related("company", "made_by"), quotation_id)),
            ("order", _row(SalesOrder.objects.select_related("company"), order_id)),
            ("case", _row(Case.objects.select_related("company", "owner"), case_id)),
            ("notice", _row(Notice.objects.select_related("order__company"), notice_id)),
        )
        if row is not None
    }
    for name, row in documents.items():
        if row.customer_id != customer_id:
            raise InvalidInput(f"This {name} is of another customer than {customer.name}.", field=name)
    companies = {_company(row) for row in documents.values()}
    if company_id is not None:
        companies.add(Company.objects.get(pk=company_id))
    if len(companies) > 1:
        raise InvalidInput("These belong to different companies: choose one of them.", field="order")
    company = companies.pop() if companies else _own_company(by)
    return Subject(customer, company, _owner(documents), documents)


def _row(rows: Any, pk: int | None) -> Any:
    if pk is None:
        return None
    row = rows.filter(pk=pk).first()
    if row is None:
        name = rows.model._meta.verbose_name
        raise InvalidInput(f"There is no such {name}.", field=rows.model._meta.model_name)
    return row


def _company(row: Any) -> Company:
    return row.order.company if isinstance(row, Notice) else row.company


def _own_company(by: User | None) -> Company:
    """The company of whoever writes; of the house itself: the first one."""
    companies = Company.objects.order_by("pk")
    if by is not None and (mine := rights.scope_of(by).companies):
        companies = companies.filter(pk__in=mine)
    elif by is not None and (plants := rights.scope_of(by).plants):
        companies = companies.filter(plants__in=plants)
    found = companies.first()
    if found is None:
        raise InvalidInput("There is no company yet that could write.", field="customer")
    return found


def _owner(documents: dict[str, Any]) -> User | None:
    """Who has the case, else who wrote the quotation, or that of the order."""
    if (case := documents.get("case")) is not None and case.owner is not None:
        return case.owner
    quotation = documents.get("quotation")
    if quotation is None and (order := documents.get("order")) is not None:
        quotation = Quotation.objects.select_related("made_by").filter(order=order).first()
    return quotation.made_by if quotation is not None else None


def fact_ids(message: Message) -> dict[str, Any]:
    """What a fact about a message says of it."""
    return {
        "message_id": message.pk,
        "customer_id": message.customer_id,
        "quotation_id": message.quotation_id,
        "order_id": message.order_id,
        "case_id": message.case_id,
    }
