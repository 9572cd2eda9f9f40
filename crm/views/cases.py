"""Cases: the list, the page of one with what was said, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.models import Case
from crm.pipeline_forms import AnswerForm, AssignForm, CaseForm, CloseCaseForm
from crm.views.picking import SalesForm
from erp.models import SalesOrder
from masterdata.access import requires
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    CreatePage,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Exactly,
    Flag,
    Happening,
    ListPage,
    State,
    View,
    When,
    sent_version,
)
from masterdata.rights import visible_to

HANDLE = "crm.handle_case"


class Cases(ListPage):
    """Who waits for an answer?"""

    permission = "crm.view"
    title, question = _("Cases"), _("Who waits for an answer, and who takes care of it?")
    columns = [
        Code("number", _("Case"), sort="number", link=True),
        Column("subject", _("What it is about"), sort="subject", second="get_topic_display", css="wide"),
        Column("customer.name", _("Customer"), sort="customer__name"),
        Code("order.number", _("Order"), empty=_("About no order")),
        State("state", _("State"), sort="state"),
        Column("get_urgency_display", _("Urgency"), sort="urgency"),
        Column("owner", _("Owner"), sort="owner__username", empty=_("Nobody yet")),
        When("opened_at", _("Opened"), sort="opened_at"),
    ]
    search_fields = ["number", "subject", "customer__name", "order__number"]
    filters = [
        Choice("state", _("State"), choices=Case.State.choices),
        Choice("topic", _("Topic"), choices=Case.Topic.choices),
        Choice("urgency", _("Urgency"), choices=Case.Urgency.choices),
        Choice("outcome", _("Outcome"), choices=[one for one in Case.Outcome.choices if one[0]]),
        Exactly("customer", _("Customer")),
        Exactly("owner", _("Owner")),
        Exactly("order", _("Order")),
        Flag("nobody", _("Nobody takes care"), condition=Q(owner__isnull=True)),
    ]
    order_by = "-number"
    live = ["case"]
    empty = Empty(_("No cases"), _("What a customer asks or complains about after the sale stands here."), "lifebuoy")

    def get_rows(self) -> QuerySet[Case]:
        return selectors.visible_cases(self.request.user)

    def get_url(self, row: Any) -> str:
        return reverse("crm:case", args=[row.pk])

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.state == "open" and row.urgency == Case.Urgency.HIGH else ""

    def get_views(self) -> list[View]:
        return [
            View("open", _("Wait for us"), "state=open"),
            View("mine", _("Mine"), f"state=open&state=answered&owner={self.request.user.pk}"),
            View("nobody", _("Nobody takes care"), "state=open&nobody=1"),
            View("answered", _("Wait for the customer"), "state=answered"),
            View("closed", _("Closed"), "state=closed"),
            View("all", _("All")),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_t("New case"), reverse("crm:case_create"), "plus", HANDLE, is_main=True)]


class CasePage(DetailPage):
    """What do they ask, what were they told, and who takes care of it?"""

    permission = "crm.view"
    template_name = "crm/case.html"
    live = ["case", "message", "activity"]

    def get_rows(self) -> QuerySet[Case]:
        return selectors.visible_cases(self.request.user).select_related("opened_by", "closed_by")

    def get_back(self, row: Any) -> tuple[str, str]:
        return _t("Cases"), reverse("crm:cases")

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_state(self, row: Any) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_subtitle(self, row: Any) -> Any:
        url = reverse("crm:customer", args=[row.customer_id])
        return format_html('{} · <a href="{}">{}</a>', row.subject, url, row.customer.name)

    def get_actions(self, row: Any) -> list[Action]:
        version = {"version": row.version}
        urls = {
            name: reverse(f"crm:case_{name}", args=[row.pk]) for name in ("assign", "answer", "close", "reopen", "take")
        }
        if row.state == Case.State.CLOSED:
            return [Action(_t("Open again"), urls["reopen"], "refresh", HANDLE, post=True, fields=version)]
        mine = Action(_t("I take it"), urls["take"], "user-check", HANDLE, post=True, fields=version)
        return [
            Action(_t("Give to"), urls["assign"], "user", HANDLE),
            *([] if row.owner_id == self.request.user.pk else [mine]),
            Action(_t("Close"), urls["close"], "circle-check", HANDLE),
            Action(_t("Answer"), urls["answer"], "send", HANDLE, is_main=True),
        ]

    def get_cards(self, row: Any) -> Sequence[Card]:
        about = [
            Column("customer.name", _("Customer")),
            Column("contact", _("Contact"), empty=_("Nobody named")),
            Code("order.number", _("Order"), empty=_("About no order")),
            Column("order_line.material.name", _("Line"), empty=_("The whole order")),
            Column("get_topic_display", _("Topic")),
        ]
        how = [
            Column("get_urgency_display", _("Urgency")),
            Column("owner", _("Owner"), empty=_("Nobody yet")),
            When("opened_at", _("Opened")),
            When("answered_at", _("First answered"), empty=_("Not yet")),
        ]
        ended = [
            When("closed_at", _("Closed")),
            Column("get_outcome_display", _("How it ended")),
            Column("outcome_note", _("More about it"), empty=_("Not said")),
        ]
        closed = row.state == Case.State.CLOSED
        return [Card(_t("About"), about), Card(_t("Care"), [*how, *(ended if closed else [])])]

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        told = [Happening(row.opened_at, _t("Case opened"), "lifebuoy", row.opened_by or "")]
        if row.answered_at:
            told.insert(0, Happening(row.answered_at, _t("First answered"), "send"))
        if row.closed_at:
            ended = row.get_outcome_display()
            told.insert(0, Happening(row.closed_at, _t("Closed"), "circle-check", row.closed_by or "", ended))
        return told

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(row) | {
            "talk": list(row.messages.select_related("made_by").order_by("-made_at", "-pk")[:100]),
            "activities": list(selectors.visible_activities(user).filter(case=row).order_by("done_at", "due_at")[:50]),
            "now": timezone.now(),
        }


class CreateCase(SalesForm, CreatePage):
    """A case of a customer, or with `?order=` of an order and perhaps a line of it."""

    permission, form_class = HANDLE, CaseForm
    title, submit_label, done_message = _("New case"), _("Open case"), _("Opened.")

    @cached_property
    def order(self) -> SalesOrder | None:
        wish = self.request.GET.get("order", "")
        if not wish:
            return None
        orders = visible_to(self.request.user, SalesOrder.objects.select_related("customer"))
        return get_object_or_404(orders, pk=int(wish) if wish.isdecimal() and len(wish) < 10 else 0)

    @property
    def picks_customer(self) -> bool:  # type: ignore[override]
        return self.order is None

    def get_title(self) -> Any:
        if self.order is None:
            return self.title
        names = {"order": self.order.number, "customer": self.order.customer.name}
        return _t("New case about %(order)s, %(customer)s") % names

    def get_back(self) -> tuple[Any, str]:
        if self.order is not None:
            return self.order.number, reverse("erp:order", args=[self.order.pk])
        return _t("Cases"), reverse("crm:cases")

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.dict()
        if (line := asked.pop("line", "")) and self.order is not None:
            asked["order_line"] = line
        if self.picks_customer and (customer := asked.get("customer", "")):
            found = {str(row.pk): row.code for row in self.catalogue.customers.values()}
            asked["customer"] = found.get(customer, customer)
        return asked

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return kwargs | {"catalogue": kwargs.get("catalogue"), "order": self.order}

    def perform(self, form: Any) -> str:
        given, line = form.cleaned_data, form.cleaned_data.get("order_line")
        case = services.open_case(
            subject=given["subject"],
            topic=given["topic"],
            urgency=given["urgency"],
            body=given["body"],
            owner_id=given["owner"].pk if given["owner"] else None,
            customer_id=self.order.customer_id if self.order else given["customer"].pk,
            company_id=given["company"].pk,
            order_id=self.order.pk if self.order else None,
            order_line_id=line.pk if line else None,
            now=timezone.now(),
            by=self.me,
        )
        return reverse("crm:case", args=[case.pk])


class OfCase(EditPage):
    """Pages about one case."""

    permission = HANDLE

    def get_rows(self) -> QuerySet[Case]:
        return selectors.visible_cases(self.request.user)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("crm:case", args=[self.get_object().pk])

    def get_title(self) -> Any:
        return f"{self.get_object().number} {self.get_object().subject}"


class AnswerCase(OfCase):
    form_class, submit_label, done_message = AnswerForm, _("Answer"), _("Answered.")

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        address = selectors.address_of_case(row)
        return {"to": address, "kind": "mail" if address else "call"}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.answer_case(
            case_id=row.pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            expected_version=sent_version(self.request),
            **form.cleaned_data,
        )
        return reverse("crm:case", args=[row.pk])


class AssignCase(OfCase):
    form_class, submit_label, done_message = AssignForm, _("Give"), _("Given.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"company": self.get_object().company, "deed": HANDLE}

    def perform(self, form: Any) -> str:
        row, owner = self.get_object(), form.cleaned_data["owner"]
        services.assign_case(
            case_id=row.pk, owner_id=owner.pk if owner else None, expected_version=sent_version(self.request)
        )
        return reverse("crm:case", args=[row.pk])


class CloseCase(OfCase):
    form_class, submit_label, done_message = CloseCaseForm, _("Close"), _("Closed.")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.close_case(
            case_id=row.pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            expected_version=sent_version(self.request),
            **form.cleaned_data,
        )
        return reverse("crm:case", args=[row.pk])


class CaseDeed(DeedView):
    permission = HANDLE

    def get_rows(self) -> QuerySet[Case]:
        return selectors.visible_cases(self.request.user)


class TakeCase(CaseDeed):
    done_message = _("It is yours.")

    def perform(self, row: Any) -> str:
        services.assign_case(
            case_id=row.pk,
            owner_id=self.request.user.pk,
            expected_version=sent_version(self.request),
        )
        return reverse("crm:case", args=[row.pk])


class ReopenCase(CaseDeed):
    done_message = _("Open again.")

    def perform(self, row: Any) -> str:
        services.reopen_case(
            case_id=row.pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            expected_version=sent_version(self.request),
        )
        return reverse("crm:case", args=[row.pk])


@requires("crm.view")
def order_cases(request: HttpRequest, pk: int) -> HttpResponse:
    """The cases of an order: a part of its page."""
    order = get_object_or_404(visible_to(request.user, SalesOrder.objects.all()), pk=pk)
    lines = order.lines.select_related("material").order_by("line_no")
    cases = list(selectors.visible_cases(request.user).filter(order=order))
    return render(request, "crm/_order_cases.html", {"order": order, "cases": cases, "lines": lines})
