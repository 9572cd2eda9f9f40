"""Activities: what I have to do, the list of all, planning one, and finishing one."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.activity_forms import ActivityForm, CustomerActivityForm, FinishForm
from crm.models import Activity
from crm.views.picking import SalesForm
from erp.models import SalesOrder
from masterdata.access import Guarded, may, person
from masterdata.models import Company, Partner
from masterdata.pages import (
    Action,
    Choice,
    Column,
    CreatePage,
    Days,
    EditPage,
    Empty,
    Exactly,
    Flag,
    ListPage,
    View,
    When,
    sent_version,
)
from masterdata.pages.actions import offered
from masterdata.rights import visible_to

WRITE = "crm.write_activity"
WEEK = 7


def about_url(row: Activity) -> str:
    """The page of what it is about: the most particular thing first."""
    for name, url in (
        ("case_id", "crm:case"),
        ("quotation_id", "crm:quotation"),
        ("order_id", "erp:order"),
        ("opportunity_id", "crm:opportunity"),
        ("customer_id", "crm:customer"),
        ("lead_id", "crm:lead"),
    ):
        if (pk := getattr(row, name)) is not None:
            return reverse(url, args=[pk])
    return ""


def about_word(row: Activity) -> str:
    found = row.case or row.quotation or row.order or row.opportunity or row.lead
    return " · ".join(str(one) for one in (row.customer, found) if one)


def new_activity() -> Action:
    return Action(_t("New activity"), reverse("crm:activity_new"), "plus", WRITE, is_main=True)


class MyActivities(Guarded):
    """What do I have to do?"""

    permission = "crm.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        tomorrow, week = today + dt.timedelta(days=1), today + dt.timedelta(days=1 + WEEK)
        rows = list(selectors.to_do(request.user).filter(due_at__lte=week)[:200])
        for row in rows:
            row.url, row.about = about_url(row), about_word(row)  # type: ignore[attr-defined]
        groups = [
            ("late", _t("Overdue"), [row for row in rows if row.due_at <= now]),
            ("today", _t("Today"), [row for row in rows if now < row.due_at <= tomorrow]),
            ("week", _t("Next 7 days"), [row for row in rows if row.due_at > max(now, tomorrow)]),
        ]
        actions = [Action(_t("All activities"), reverse("crm:activities"), "list-check", "crm.view"), new_activity()]
        context = {
            "page_title": _t("My activities"),
            "question": _t("What do I have to do, and what is overdue?"),
            "groups": groups,
            "count": len(rows),
            "actions": offered(actions, request.user),
            "may_write": may(request.user, WRITE),
        }
        return render(request, "crm/my_activities.html", context)


class Activities(ListPage):
    """Who does what with whom, until when?"""

    permission = "crm.view"
    title, question = _("Activities"), _("Who does what with whom, until when?")
    columns = [
        Column("subject", _("What"), sort="subject", second="get_kind_display", link=True, css="wide"),
        Column("customer", _("Customer"), sort="customer__name", empty=_("A lead")),
        When("shown_at", _("Due"), sort="due_at"),
        Column("owner", _("Owner"), sort="owner__username"),
        When("done_at", _("Done"), sort="done_at", empty=_("Still to be done")),
        Column("outcome", _("What came of it"), empty=_("Nothing said")),
    ]
    search_fields = ["subject", "customer__name", "lead__organisation", "outcome"]
    filters = [
        Choice("kind", _("What"), choices=Activity.Kind.choices),
        Exactly("owner", _("Owner")),
        Exactly("customer", _("Customer")),
        Days("due_at", _("Due"), is_moment=True),
        Flag("open", _("Still to be done"), condition=Q(done_at__isnull=True)),
        Flag("done", _("Done"), condition=Q(done_at__isnull=False)),
    ]
    order_by = "due_at"
    live = ["activity"]
    empty = Empty(
        _("No activities"), _("Plan one here, or on the page of a customer, lead or opportunity."), "calendar-event"
    )

    def get_rows(self) -> QuerySet[Activity]:
        return selectors.visible_activities(self.request.user)

    def get_url(self, row: Any) -> str:
        if row.done_at is None and may(self.request.user, WRITE):
            return reverse("crm:activity_finish", args=[row.pk])
        return about_url(row)

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.done_at is None and row.due_at <= timezone.now() else ""

    def get_views(self) -> list[View]:
        return [
            View("open", _("Still to be done"), "open=1"),
            View("mine", _("Mine"), f"open=1&owner={self.request.user.pk}"),
            View("done", _("Done"), "done=1&sort=-done_at"),
            View("all", _("All")),
        ]

    def get_actions(self) -> list[Action]:
        return [new_activity()]


def own_company(request: HttpRequest) -> Company:
    """For what is about a customer of all companies: that of the plant one works in, else one's first."""
    mine = visible_to(request.user, Company.objects.order_by("name"), WRITE)
    plant = getattr(request, "plant", None)
    return get_object_or_404(mine.filter(pk=plant.company_id) if plant else mine[:1])


class CreateActivity(CreatePage):
    """Something to do about what the address names: `?opportunity=7`, `?lead=`, `?customer=`, `?order=` and so on."""

    permission, form_class = WRITE, ActivityForm
    submit_label, done_message = _("Plan"), _("Planned.")

    @cached_property
    def about(self) -> tuple[str, Any]:
        user: Any = self.request.user
        sources: dict[str, Any] = {
            "lead": selectors.visible_leads(user),
            "opportunity": selectors.visible_opportunities(user),
            "case": selectors.visible_cases(user),
            "quotation": selectors.visible_quotations(user),
            "order": visible_to(user, SalesOrder.objects.select_related("company", "customer")),
            "customer": visible_to(user, Partner.objects.filter(is_customer=True)),
        }
        for name, rows in sources.items():
            if wish := self.request.GET.get(name, ""):
                return name, get_object_or_404(rows, pk=int(wish) if wish.isdecimal() and len(wish) < 10 else 0)
        return "", get_object_or_404(Partner.objects.none())

    @cached_property
    def company(self) -> Company:
        row = self.about[1]
        if not isinstance(row, Partner):
            company: Company = row.company
            return company
        return own_company(self.request)

    def get_title(self) -> Any:
        return _t("Plan an activity: %(about)s") % {"about": self.about[1]}

    def get_back(self) -> tuple[Any, str]:
        name, row = self.about
        url = "erp:order" if name == "order" else f"crm:{name}"
        return str(row), reverse(url, args=[row.pk])

    def get_initial(self) -> dict[str, Any]:
        return {"owner": self.request.user.pk, "due_on": timezone.localdate(), "kind": "call"} | self.request.GET.dict()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"company": self.company}

    def perform(self, form: Any) -> str:
        name, row = self.about
        services.plan_activity(
            about=services.About(**{f"{name}_id": row.pk}, company_id=self.company.pk),
            activity=form.said(),
            now=timezone.now(),
            by=person(self.request),
        )
        return self.get_back()[1]


class NewActivity(SalesForm, CreatePage):
    """Something to do about a customer that is picked."""

    permission, form_class, picks_customer = WRITE, CustomerActivityForm, True
    title, submit_label, done_message = _("New activity"), _("Plan"), _("Planned.")

    @cached_property
    def company(self) -> Company:
        return own_company(self.request)

    def get_back(self) -> tuple[Any, str]:
        return _t("My activities"), reverse("crm:my_activities")

    def get_initial(self) -> dict[str, Any]:
        return {"owner": self.request.user.pk, "due_on": timezone.localdate(), "kind": "call"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"company": self.company, "catalogue": self.catalogue}

    def perform(self, form: Any) -> str:
        services.plan_activity(
            about=services.About(customer_id=form.cleaned_data["customer"].pk, company_id=self.company.pk),
            activity=form.said(),
            now=timezone.now(),
            by=self.me,
        )
        return self.get_back()[1]


class OfActivity(EditPage):
    """Pages about one activity that is still to be done."""

    permission = WRITE

    def get_rows(self) -> QuerySet[Activity]:
        return selectors.visible_activities(self.request.user)

    def get_title(self) -> Any:
        return self.get_object().subject

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return about_word(row), about_url(row)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"company": self.get_object().company}


class EditActivity(OfActivity):
    form_class, done_message = ActivityForm, _("Saved.")

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        due = timezone.localtime(row.shown_at)
        time = None if row.is_whole_day else due.time()
        return super().get_initial() | {"due_on": due.date(), "due_time": time, "owner": row.owner_id}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_activity(
            activity_id=row.pk, activity=form.said(), now=timezone.now(), expected_version=sent_version(self.request)
        )
        return about_url(row)


class FinishActivity(OfActivity):
    """Done, with what came of it, and what is next, in one step."""

    template_name = "crm/activity_finish.html"
    form_class, submit_label, done_message = FinishForm, _("Done"), _("Done.")

    def get_initial(self) -> dict[str, Any]:
        return {"owner": self.request.user.pk, "kind": self.get_object().kind}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.finish_activity(
            activity_id=row.pk,
            outcome=form.cleaned_data["outcome"],
            following=form.following(),
            now=timezone.now(),
            by=person(self.request),
            expected_version=sent_version(self.request),
        )
        return about_url(row)
