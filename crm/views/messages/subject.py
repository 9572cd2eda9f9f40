"""What a page of messages is about, as its address says it: ?customer=, ?quotation=, ?order=, ?case= or ?answers=."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from crm import selectors
from crm.letters import quotation_pdf
from crm.models import Case, Message, Quotation
from erp import selectors as erp_now
from erp.models import SalesOrder
from masterdata.access import may, visible_to
from masterdata.documents.printing import Pdf
from masterdata.models import Company, Contact, Partner
from masterdata.rights import scope_of

PDF_OF_QUOTATION = ("company__currency", "customer__payment_term", "customer__tax_code", "currency", "made_by")


def address(name: str, pk: int) -> str:
    """The page of a document; empty where there is none."""
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


@dataclass
class Named:
    """Rows that the user may see, from the address; 404 for any other."""

    request: HttpRequest

    def _id(self, name: str) -> int | None:
        text = self.request.GET.get(name, "")
        if text and not (text.isdecimal() and len(text) < 18):
            raise Http404
        return int(text) if text else None

    @cached_property
    def answered(self) -> Message | None:
        pk = self._id("answers")
        return None if pk is None else get_object_or_404(selectors.visible_messages(self.request.user), pk=pk)

    @property
    def failed(self) -> Message | None:
        """The mail that did not arrive and is written anew, perhaps to another address."""
        return self.answered if self.answered and self.answered.state == Message.State.FAILED else None

    @cached_property
    def quotation(self) -> Quotation | None:
        pk = self._id("quotation")
        if pk is None:
            return self.answered.quotation if self.answered else None
        rows = selectors.visible_quotations(self.request.user).select_related(*PDF_OF_QUOTATION)
        return get_object_or_404(rows, pk=pk)

    @cached_property
    def order(self) -> SalesOrder | None:
        pk = self._id("order")
        if pk is None:
            return self.answered.order if self.answered else None
        return get_object_or_404(erp_now.visible_orders(self.request.user), pk=pk)

    @cached_property
    def case(self) -> Case | None:
        pk = self._id("case")
        if pk is None:
            return self.answered.case if self.answered else None
        return get_object_or_404(selectors.visible_cases(self.request.user), pk=pk)

    @property
    def document(self) -> Quotation | SalesOrder | Case | None:
        return self.case or self.order or self.quotation

    @cached_property
    def customer(self) -> Partner | None:
        if self.document is not None:
            return self.document.customer
        if self.answered is not None:
            return self.answered.customer
        pk = self._id("customer")
        rows = visible_to(self.request.user, Partner.objects.filter(is_customer=True))
        return None if pk is None else get_object_or_404(rows, pk=pk)

    @property
    def company(self) -> Company | None:
        """The document's, else the first in which the user works."""
        if self.document is not None:
            return self.document.company
        if self.answered is not None:
            return self.answered.company
        user = self.request.user
        mine = scope_of(user, "crm.view")
        companies = Company.objects.order_by("pk")
        return companies.filter(pk__in=mine.companies).first() or companies.filter(plants__in=mine.plants).first()

    @property
    def ids(self) -> dict[str, Any]:
        """As the services take them."""
        return {
            "quotation_id": self.quotation.pk if self.quotation else None,
            "order_id": self.order.pk if self.order else None,
            "case_id": self.case.pk if self.case else None,
        }

    def contact(self) -> Contact | None:
        """Whom one writes to: who wrote, else the case's person, else the customer's first one with an address."""
        if self.answered is not None and self.answered.contact:
            return self.answered.contact
        if self.case is not None and self.case.contact:
            return self.case.contact
        return self.customer.contacts.exclude(email="").order_by("pk").first() if self.customer else None

    def addresses(self) -> list[tuple[str, str]]:
        """Addresses of the customer and of its people, with their names."""
        if self.customer is None:
            return []
        people = self.customer.contacts.exclude(email="").order_by("name").values_list("email", "name")
        own = [(self.customer.email, self.customer.name)] if self.customer.email else []
        return [*people, *own]

    def about(self) -> selectors.About | None:
        """For templates."""
        if self.customer is None or self.company is None:
            return None
        user: Any = self.request.user
        return selectors.About(self.customer, self.company, self.document, self.contact(), user)

    def pdf(self) -> Pdf:
        """The quotation in the customer's language."""
        assert self.quotation is not None
        row = Quotation.objects.select_related(*PDF_OF_QUOTATION).get(pk=self.quotation.pk)
        return quotation_pdf(row)

    def has_pdf(self) -> bool:
        return self.quotation is not None

    def back(self) -> tuple[str, str]:
        """Where one came from: the answered mail, the document, the customer, or all messages."""
        if self.answered is not None:
            return _("Message"), reverse("crm:message", args=[self.answered.pk])
        for row, name, permission in (
            (self.case, "crm:case", "crm.view"),
            (self.order, "erp:order", "erp.view_order"),
            (self.quotation, "crm:quotation", "crm.view"),
        ):
            if row is not None and may(self.request.user, permission) and (url := address(name, row.pk)):
                return row.number, url
        if self.customer is not None:
            return self.customer.name, reverse("crm:customer", args=[self.customer.pk])
        return _("Messages"), reverse("crm:messages")
