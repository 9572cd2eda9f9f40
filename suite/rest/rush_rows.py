"""How rush requests, their options, approvals and rules read over REST."""

from __future__ import annotations

from rest_framework import serializers

from crm.models import (
    RushApproval,
    RushDriver,
    RushLine,
    RushOption,
    RushPart,
    RushPolicy,
    RushRequest,
    RushVictim,
)
from masterdata.api.serializers import Row


class RushVictimRow(Row):
    order_number = serializers.CharField(source="order_line.order.number")
    customer = serializers.IntegerField(source="order_line.order.customer_id")

    class Meta:
        model = RushVictim
        fields = ("order_line", "order_number", "customer", "old_end_at", "new_end_at", "promised_at")


class RushLineRow(Row):
    class Meta:
        model = RushLine
        fields = ("line_no", "material", "quantity", "net_amount", "order_line")


class RushDriverRow(Row):
    class Meta:
        model = RushDriver
        fields = ("text", "amount")


class RushPartRow(Row):
    """How much of a line that is asked for comes first."""

    class Meta:
        model = RushPart
        fields = ("line_no", "material", "quantity", "first_qty")


class RushOptionRow(Row):
    """A card. `lever` names what it does beside the plan; with `ask_first` somebody has to be asked, and it is not
    taken. `plant` is another than was asked. When a part comes first, `parts` say how much of each line is there at
    `deliver_at`, the rest at `rest_at` (empty: all of it is, made in two lots); `first_qty` is that of the only line.
    Without `is_possible`, `cause` says why. `sure_percent` is how sure the wanted day is; empty: `sure_why` says why
    nobody knows. `moved_count` operations of others stand elsewhere then."""

    victims = RushVictimRow(many=True)
    drivers = RushDriverRow(many=True)
    parts = RushPartRow(many=True)

    class Meta:
        model = RushOption
        fields = (
            "id",
            "request",
            "answer_no",
            "key",
            "label",
            "state",
            "is_possible",
            "deliver_at",
            "cause",
            "cost",
            "extra_cost",
            "margin_percent",
            "victims",
            "drivers",
            "lever",
            "ask_first",
            "plant",
            "first_qty",
            "parts",
            "rest_at",
            "bound_at",
            "moved_count",
            "sure_percent",
            "sure_why",
            "p50_at",
            "p90_at",
        )
        needs = dict.fromkeys(("cost", "extra_cost", "margin_percent", "drivers"), "erp.view_cost")


class RushRow(Row):
    """A request with all its options; those of the latest `answer_no` that are open may be taken.

    Levers come behind the first options, one by one; all of an answer are there when `levers_no` is `answer_no`.
    `note` says how the latest answer was computed when it was not as usual, else it is empty. `quotation`: all of it is
    asked, and taking accepts it; `for_order`: that order comes earlier. An answer may be taken until `holds_until`.
    `base_cost` is what it costs without a rush.
    """

    lines = RushLineRow(many=True)
    options = RushOptionRow(many=True)

    class Meta:
        model = RushRequest
        fields = (
            "id",
            "number",
            "customer",
            "plant",
            "material",
            "quantity",
            "unit_price",
            "wanted_on",
            "state",
            "asked_at",
            "answered_at",
            "input_version",
            "note",
            "answer_no",
            "levers_no",
            "order",
            "quotation",
            "for_order",
            "holds_until",
            "base_cost",
            "taken_at",
            "lines",
            "options",
        )
        needs = {"base_cost": "erp.view_cost"}


class RushApprovalRow(Row):
    """Somebody asks whether an option may be taken; `answer` is what whoever decided it said."""

    class Meta:
        model = RushApproval
        fields = (
            "id",
            "request",
            "option",
            "state",
            "why",
            "asked_by",
            "asked_at",
            "decided_by",
            "decided_at",
            "answer",
        )


class RushPolicyRow(Row):
    class Meta:
        model = RushPolicy
        fields = (
            "id",
            "company",
            "holds_min",
            "expires_days",
            "asks_when_hurt",
            "cost_above",
            "delivery_cost",
            "version",
        )
