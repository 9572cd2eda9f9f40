"""Rules of notices, how a company treats moves of its promises, and how a customer wants to be told."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.forms_of_notices import NewRuleForm, PolicyForm, RuleForm, WishForm
from crm.models import NoticeRule
from crm.selectors import customers
from masterdata.access import visible_to
from masterdata.models import Company, Partner
from masterdata.pages import (
    Action,
    Choice,
    Column,
    EditPage,
    Empty,
    ListPage,
    Number,
    OfCompanyPage,
    YesNo,
    sent_version,
)

SET = "crm.set_notice_rules"


class Rules(ListPage):
    """Which notices go by themselves?"""

    permission = SET
    title, question = _("Rules of notices"), _("Which notices go by themselves, which are looked at, by whom?")
    columns = [
        Column("company.name", _("Company"), sort="company__name"),
        Number("rank", _("Rank"), sort="rank", link=True),
        Column(lambda row: _when(row), _("When"), css="wide"),
        Column("get_action_display", _("What is done"), sort="action", second=lambda row: _by(row)),
        YesNo("is_active", _("In use"), sort="is_active"),
    ]
    search_fields = ["company__name", "customer__name", "group__name"]
    filters = [Choice("action", _("What is done"), choices=NoticeRule.Action.choices)]
    order_by = "rank"
    live = ["notice_rule"]
    empty = Empty(
        _("The usual rules"),
        _("Rush is looked at, four days or more are approved, the rest is sent. A rule that you write comes before."),
        "mail",
    )

    def get_rows(self) -> QuerySet[NoticeRule]:
        return visible_to(self.request.user, selectors.visible_notice_rules(self.request.user), SET)

    def get_url(self, row: Any) -> str:
        return reverse("crm:notice_rule", args=[row.pk])

    def get_actions(self) -> list[Action]:
        companies = visible_to(self.request.user, Company.objects.order_by("name"), SET)
        policies = [
            Action(
                _t("Noise and waiting of %(company)s") % {"company": one.name} if len(companies) > 1
                else _t("Noise and waiting"),
                reverse("crm:promise_policy", args=[one.pk]),
                "adjustments",
                SET,
            )
            for one in companies
        ]  # fmt: skip
        return [*policies, Action(_t("New rule"), reverse("crm:notice_rule_create"), "plus", SET, is_main=True)]


def _when(row: NoticeRule) -> str:
    until = _t("to %(n)s") % {"n": row.days_to} if row.days_to is not None else _t("or more")
    parts = [
        row.get_reason_display() if row.reason else _t("Any reason"),
        _t("%(n)s days moved %(until)s") % {"n": row.days_from, "until": until},
        row.customer.name if row.customer else "",
        row.group.name if row.group else "",
        row.get_language_display() if row.language else "",
    ]
    return " · ".join(str(part) for part in parts if part)


def _by(row: NoticeRule) -> str:
    return str(row.get_approver_display()) if row.action == NoticeRule.Action.HOLD else ""


class CreateRule(OfCompanyPage):
    """When it fits, and what is done then."""

    permission, form_class = SET, NewRuleForm
    title, submit_label, done_message = _("New rule"), _("Write"), _("Notices follow it from now on.")

    def get_back(self) -> tuple[Any, str]:
        return _t("Rules of notices"), reverse("crm:notice_rules")

    def perform(self, form: Any) -> str:
        given = form.given()
        services.write_notice_rule(company_id=given.pop("company").pk, **given)
        return reverse("crm:notice_rules")


class EditRule(EditPage):
    """The same of a rule that is there."""

    permission, form_class = SET, RuleForm
    submit_label, done_message = _("Change"), _("Notices follow it from now on.")

    def get_rows(self) -> QuerySet[NoticeRule]:
        return visible_to(self.request.user, selectors.visible_notice_rules(self.request.user), SET)

    def get_title(self) -> str:
        return _t("Rule %(rank)s of %(company)s") % {
            "rank": self.get_object().rank,
            "company": self.get_object().company.name,
        }

    def get_back(self) -> tuple[Any, str]:
        return _t("Rules of notices"), reverse("crm:notice_rules")

    def perform(self, form: Any) -> str:
        services.change_notice_rule(
            rule_id=self.get_object().pk, expected_version=sent_version(self.request), **form.given()
        )
        return reverse("crm:notice_rules")


class Policy(EditPage):
    """What is noise, how long a notice settles, what is worth offering."""

    permission, form_class, version_field = SET, PolicyForm, ""
    submit_label, done_message = _("Set"), _("Set: it holds from the next plan on.")

    def get_rows(self) -> QuerySet[Company]:
        return visible_to(self.request.user, Company.objects.all(), SET)

    def get_title(self) -> str:
        return _t("Noise and waiting of %(company)s") % {"company": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return _t("Rules of notices"), reverse("crm:notice_rules")

    def get_initial(self) -> dict[str, Any]:
        policy = selectors.promise_policy(self.get_object().pk)
        return {name: getattr(policy, name) for name in PolicyForm.base_fields}

    def perform(self, form: Any) -> str:
        services.set_promise_policy(company_id=self.get_object().pk, **form.cleaned_data)
        return reverse("crm:notice_rules")


class Wish(EditPage):
    """How this customer wants to be told."""

    permission, form_class, version_field = "crm.write_quotation", WishForm, ""
    submit_label, done_message = _("Set"), _("Set: the next notice follows it.")

    def get_rows(self) -> QuerySet[Partner]:
        return customers.visible_customers(self.request.user)

    def get_title(self) -> str:
        return _t("Notices to %(customer)s") % {"customer": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, reverse("crm:customer", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        wish = selectors.notice_wish(self.get_object().pk)
        return {name: getattr(wish, name) for name in WishForm.base_fields}

    def perform(self, form: Any) -> str:
        services.set_notice_wish(customer_id=self.get_object().pk, **form.cleaned_data)
        return reverse("crm:customer", args=[self.get_object().pk])
