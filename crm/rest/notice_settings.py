"""By which rules notices go, how a company treats moves of its promises, how a customer wants to be told, over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import CustomerGroup, NoticeRule, NoticeWish, Promise, PromisePolicy, Tone
from masterdata.api.deeds import changes, creates
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, Partner
from masterdata.models.languages import Language

SET = "crm.set_notice_rules"
WRITE = "crm.write_quotation"


class NoticeRuleRow(Row):
    class Meta:
        model = NoticeRule
        fields = (
            "id", "company", "rank", "reason", "days_from", "days_to", "customer", "group", "language", "tone",
            "action", "approver", "subject", "body", "is_active", "version",
        )  # fmt: skip


class NoticeRuleChange(Body):
    """What of the rule shall be otherwise. Empty conditions fit everything."""

    rank = serializers.IntegerField(min_value=1, max_value=9999, required=False)
    reason = serializers.ChoiceField(choices=Promise.Reason.choices, required=False, allow_blank=True)
    days_from = serializers.IntegerField(min_value=0, max_value=999, required=False)
    days_to = serializers.IntegerField(min_value=0, max_value=999, required=False, allow_null=True)
    customer = Visible(queryset=Partner.objects.filter(is_customer=True), required=False, allow_null=True)
    group = Visible(queryset=CustomerGroup.objects.all(), required=False, allow_null=True)
    language = serializers.ChoiceField(choices=Language.choices, required=False, allow_blank=True)
    tone = serializers.ChoiceField(choices=Tone.choices, required=False, allow_blank=True)
    action = serializers.ChoiceField(choices=NoticeRule.Action.choices, required=False)
    approver = serializers.ChoiceField(choices=NoticeRule.Approver.choices, required=False)
    subject = serializers.CharField(max_length=160, required=False, allow_blank=True)
    body = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    is_active = serializers.BooleanField(required=False)


class NoticeRuleBody(NoticeRuleChange):
    """When it fits, and what is done then; of two that fit the one with the lower rank decides."""

    company = Visible(queryset=Company.objects.all())
    rank = serializers.IntegerField(min_value=1, max_value=9999)
    action = serializers.ChoiceField(choices=NoticeRule.Action.choices)


class NoticeRules(ReadableRows):
    """Which notices go by themselves, which are looked at, by whom. A company without rules has the usual ones."""

    queryset = NoticeRule.objects.all()
    serializer_class = NoticeRuleRow
    view_deed = SET
    filterset_fields: Any = ("company", "customer", "group", "action", "is_active")
    ordering_fields = ("rank",)

    @creates(SET, takes=NoticeRuleBody, gives=NoticeRuleRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a rule; notices that are drafted from now on follow it."""
        return self.answer(services.write_notice_rule(**_by_id(self.taken(NoticeRuleBody))), status=201)

    @changes(SET, takes=NoticeRuleChange, gives=NoticeRuleRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change when it fits or what is done then."""
        rule, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the rule's ETag as If-Match, so that nobody's change is overwritten.")
        given = _by_id(self.taken(NoticeRuleChange))
        services.change_notice_rule(rule_id=rule.pk, expected_version=version, **given)
        return self.answer(rule)


class PromisePolicyRow(Row):
    class Meta:
        model = PromisePolicy
        fields = (
            "id", "company", "is_same_day_noise", "noise_min", "settle_min", "earlier_days", "machine_words", "version",
        )  # fmt: skip


class PromisePolicyBody(Body):
    """What is left out stays as it is, at first as it is usual."""

    company = Visible(queryset=Company.objects.all())
    is_same_day_noise = serializers.BooleanField(required=False)
    noise_min = serializers.IntegerField(required=False)
    settle_min = serializers.IntegerField(required=False)
    earlier_days = serializers.IntegerField(required=False)
    machine_words = serializers.ChoiceField(choices=PromisePolicy.MachineWords.choices, required=False)


class PromisePolicies(ReadableRows):
    """What is noise, how long a notice settles, what is worth offering. A company without a row has the usual."""

    queryset = PromisePolicy.objects.all()
    serializer_class = PromisePolicyRow
    view_deed = SET
    filterset_fields: Any = ("company",)

    @creates(SET, takes=PromisePolicyBody, gives=PromisePolicyRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set the policy of a company; it holds from the next plan on."""
        given = self.taken(PromisePolicyBody)
        policy = services.set_promise_policy(
            company_id=given.pop("company").pk, expected_version=self.expected_version(), **given
        )
        return self.answer(policy, status=201)


class NoticeWishRow(Row):
    class Meta:
        model = NoticeWish
        fields = ("id", "customer", "tone", "has_hours", "email", "version")


class NoticeWishBody(Body):
    """The wishes of a customer as they shall be; without a mail address notices go to the customer's own."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    tone = serializers.ChoiceField(choices=Tone.choices, default=Tone.FORMAL)
    has_hours = serializers.BooleanField(default=False)
    email = serializers.EmailField(default="", allow_blank=True)


class NoticeWishes(ReadableRows):
    """How customers want to be told. One without a row: formally, to the day, at its own address."""

    queryset = NoticeWish.objects.all()
    serializer_class = NoticeWishRow
    view_deed = "crm.view"
    filterset_fields: Any = ("customer", "has_hours")

    @creates(WRITE, takes=NoticeWishBody, gives=NoticeWishRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set how a customer wants to be told; it replaces what was set before."""
        given = self.taken(NoticeWishBody)
        return self.answer(services.set_notice_wish(customer_id=given.pop("customer").pk, **given), status=201)


def _by_id(given: dict[str, Any]) -> dict[str, Any]:
    """As the services take it: rows by their ids."""
    rows = {name: given.pop(name) for name in ("company", "customer", "group") if name in given}
    return given | {f"{name}_id": row.pk if row is not None else None for name, row in rows.items()}


VIEWSETS: tuple[tuple[str, Any], ...] = (
    ("notice-rules", NoticeRules),
    ("promise-policies", PromisePolicies),
    ("notice-wishes", NoticeWishes),
)
