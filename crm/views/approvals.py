"""Prices that wait for approval, the decision, and the limits of sales."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.models import QuotationApproval, SalesPolicy
from crm.views.quotation_lines import ShownLine
from masterdata import shown
from masterdata.access import may, person, visible_to
from masterdata.models import Company, MaterialCategory
from masterdata.numbers import ZERO
from masterdata.pages import (
    Action,
    Choice,
    Code,
    Column,
    Empty,
    FormPage,
    ListPage,
    OneRow,
    Percent,
    State,
    View,
    When,
    sent_version,
)

APPROVE = "crm.approve_discount"


def visible_approvals(user: Any) -> QuerySet[QuotationApproval]:
    """With what a list and a page show of each."""
    rows = visible_to(user, QuotationApproval.objects.all())
    return rows.select_related("quotation__customer", "quotation__currency", "asked_by", "decided_by")


class Approvals(ListPage):
    """What waits for me, and what was decided?"""

    permission = "crm.view"
    title, question = _("Approvals"), _("Which prices wait for approval, and what was decided?")
    columns = [
        Code("quotation.number", _("Quotation"), sort="quotation__number", link=True),
        Column("quotation.customer.name", _("Customer"), sort="quotation__customer__name"),
        State("decision", _("State"), sort="decision"),
        Column("because", _("Because"), css="wide", second="note"),
        Percent("discount_percent", _("Discount"), sort="discount_percent"),
        Percent("margin_percent", _("Margin"), sort="margin_percent", empty=_("A cost is not known")),
        Column("asked_by", _("Asked by"), empty=_("By an integration")),
        When("asked_at", _("Asked"), sort="asked_at"),
        Column("decided_by", _("Decided by"), second="reason", empty=_("Not decided yet")),
    ]
    search_fields = ["quotation__number", "quotation__customer__name", "because"]
    filters = [Choice("decision", _("State"), choices=QuotationApproval.Decision.choices)]
    order_by = "-asked_at"
    live = ["quotation-approval"]
    empty = Empty(
        _("Nothing waits"), _("A quotation comes here when its price is beyond what sales may give."), "shield-check"
    )

    def get_rows(self) -> QuerySet[QuotationApproval]:
        return visible_approvals(self.request.user)

    def get_columns(self) -> list[Column]:
        sees_cost = may(self.request.user, "erp.view_cost")
        return [one for one in super().get_columns() if sees_cost or one.key != "margin_percent"]

    def get_views(self) -> list[View]:
        return [View("open", _("Waiting"), "decision=open"), View("all", _("All"))]

    def get_actions(self) -> list[Action]:
        return [Action(_("Limits of sales"), reverse("crm:any_policy"), "adjustments", APPROVE)]

    def get_url(self, row: Any) -> str:
        """To the decision for who may decide, else to what is offered."""
        if may(self.request.user, APPROVE):
            return reverse("crm:approval", args=[row.pk])
        return reverse("crm:quotation", args=[row.quotation_id])


class DecideForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("approve", _("Approve these figures")), ("reject", _("Do not approve"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Why"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class Decide(FormPage, OneRow):
    """One price: what is beyond the limits and who wants it why; approve it, or not."""

    permission, form_class = APPROVE, DecideForm
    template_name = "crm/approval.html"
    submit_label, done_message = _("Decide"), _("Decided.")

    def get_rows(self) -> QuerySet[QuotationApproval]:
        return visible_approvals(self.request.user)

    def get_title(self) -> Any:
        return _t("Approval of %(number)s") % {"number": self.get_object().quotation.number}

    def get_back(self) -> tuple[Any, str]:
        return _t("Approvals"), f"{reverse('crm:approvals')}?decision=open"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        row = self.get_object()
        is_open = row.decision == QuotationApproval.Decision.OPEN  # what was decided is not what stands there now
        lines = row.quotation.lines.select_related("material", "plant").order_by("line_no") if is_open else []
        return super().get_context_data(form) | {
            "object": row,
            "sees_cost": may(self.request.user, "erp.view_cost"),
            "lines": [ShownLine(line, row.quotation.rate) for line in lines],
            "net": sum((line.net_amount for line in lines if line.is_taken), ZERO),
            "policy": SalesPolicy.objects.filter(company=row.quotation.company_id).first(),
        }

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.decide_approval(
            approval_id=row.pk,
            is_approved=form.cleaned_data["decision"] == "approve",
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            by=person(self.request),
        )
        return reverse("crm:quotation", args=[row.quotation_id])


class PolicyForm(forms.Form):
    """The company's floor and limit, and a floor for each category that has its own."""

    floor_percent = forms.DecimalField(
        label=_("Margin floor, %"), required=False, decimal_places=2, max_value=100, min_value=-100,
        help_text=_("Empty: not checked"),
    )  # fmt: skip
    discount_limit_percent = forms.DecimalField(
        label=_("Discount limit, %"), required=False, decimal_places=2, max_value=100, min_value=0,
        help_text=_("Against the price lists, whatever was typed. Empty: not checked"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for category in MaterialCategory.objects.order_by("name"):
            self.fields[f"floor_{category.pk}"] = forms.DecimalField(
                label=_t("Margin floor of %(category)s, %%") % {"category": category.name},
                required=False,
                decimal_places=2,
                max_value=100,
                min_value=-100,
            )

    def floors(self) -> dict[int, Any]:
        given = self.cleaned_data.items()
        return {
            int(name.removeprefix("floor_")): value
            for name, value in given
            if name.startswith("floor_") and name != "floor_percent" and value is not None
        }


class AnyPolicy(ListPage):
    """The limits of each company."""

    permission = APPROVE
    title, question = _("Limits of sales"), _("How far may sales go without asking?")
    columns = [
        Column("name", _("Company"), sort="name", link=True),
        Percent("floor", _("Margin floor"), empty=_("Not checked")),
        Percent("limit", _("Discount limit"), empty=_("Not checked")),
    ]
    search_fields = ["name", "code"]
    order_by = "name"
    empty = Empty(_("No company"), _("An administrator founds the first one."), "building")

    def get_rows(self) -> QuerySet[Company]:
        return visible_to(self.request.user, Company.objects.all(), APPROVE).select_related("sales_policy")

    def prepare(self, rows: Any) -> Any:
        for row in rows:
            policy = getattr(row, "sales_policy", None)
            row.floor = policy.floor_percent if policy else None
            row.limit = policy.discount_limit_percent if policy else None
        return rows

    def get_url(self, row: Any) -> str:
        return reverse("crm:sales_policy", args=[row.pk])


class Policy(FormPage, OneRow):
    """The limits of one company."""

    permission, form_class = APPROVE, PolicyForm
    done_message = _("Saved. Drafts are judged by it when they are saved or sent.")

    def get_rows(self) -> QuerySet[Company]:
        return visible_to(self.request.user, Company.objects.all(), APPROVE)

    @property
    def policy(self) -> SalesPolicy | None:
        return SalesPolicy.objects.filter(company=self.get_object()).first()

    def get_title(self) -> Any:
        return _t("Limits of sales of %(company)s") % {"company": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return _t("Limits of sales"), reverse("crm:any_policy")

    def get_initial(self) -> dict[str, Any]:
        policy = self.policy
        if policy is None:
            return {}
        found = {
            "floor_percent": policy.floor_percent,
            "discount_limit_percent": policy.discount_limit_percent,
        } | {f"floor_{one.category_id}": one.floor_percent for one in policy.floors.all()}
        return {name: shown.plain(value) for name, value in found.items() if value is not None}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        policy = self.policy
        version = self.request.POST.get("version") or (policy.version if policy else "")
        return super().get_context_data(form) | {"version": version}

    def perform(self, form: Any) -> str:
        services.set_sales_policy(
            company=self.get_object(),
            floor_percent=form.cleaned_data["floor_percent"],
            discount_limit_percent=form.cleaned_data["discount_limit_percent"],
            floors=form.floors(),
            expected_version=sent_version(self.request),
        )
        return reverse("crm:any_policy")
