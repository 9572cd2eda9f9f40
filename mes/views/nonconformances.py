"""Non-conformances: the list, one of them, and where it is decided and closed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import access, drawn
from masterdata.access import person, requires, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Days,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    Happening,
    ListPage,
    Quantity,
    State,
    Tab,
    View,
    When,
)
from masterdata.shown import plain
from masterdata.shown import quantity as in_words
from mes import selectors, services
from mes.models import EventPhoto, NonConformance
from mes.quality_forms import AddPhotoForm, CloseForm, DecisionForm, ReasonForm, kept_photo
from mes.selectors.poor_quality import PoorQuality

SEE, RAISE, DECIDE, COST = (
    "mes.view_quality", "mes.raise_nonconformance", "mes.decide_nonconformance", "mes.view_quality_cost",
)  # fmt: skip
STATES = NonConformance.State


def wrong(row: NonConformance) -> str:
    """The defect, and what was written."""
    return " · ".join(part for part in (row.defect.name if row.defect else "", row.text) if part)


class NonConformances(ListPage):
    """All non-conformances."""

    permission = SEE
    title, question = _l("Non-conformances"), _l("What is not as it should be, and what becomes of it?")
    columns = [
        Code("number", _l("Number"), sort="number", link=True, css="w-1"),
        Column("get_kind_display", _l("Kind"), sort="kind"),
        Column("material.name", _l("Material"), sort="material__name", second="material.code"),
        Quantity("quantity", _l("Quantity"), unit="material.unit.code", sort="quantity"),
        Column(wrong, _l("What is wrong"), css="wide wraps"),
        Column("get_severity_display", _l("Severity"), sort="severity"),
        Code("machine.code", _l("Machine"), sort="machine__code", empty=_l("None")),
        When("raised_at", _l("Raised"), sort="raised_at"),
        State("state", _l("State"), sort="state"),
    ]
    search_fields = ["number", "material__code", "material__name", "text", "defect__name", "partner__name"]
    filters = [
        Choice("state", _l("State"), choices=STATES.choices),
        Choice("kind", _l("Kind"), choices=NonConformance.Kind.choices),
        Choice("severity", _l("Severity"), choices=NonConformance.Severity.choices),
        Flag("holding", _l("Holds an operation"), condition=Q(is_holding=True)),
        Days("day", _l("Raised"), field="raised_at", is_moment=True),
    ]
    order_by = "-number"
    live = ["quality"]
    empty = Empty(
        _l("No non-conformances"), _l("They come from checks and tablets, or are raised here."), "circle-check"
    )

    def get_rows(self) -> QuerySet[Any]:
        return in_chosen_plant(self.request, visible_to(self.request.user, selectors.nonconformances(), SEE))

    def get_url(self, row: Any) -> str:
        return reverse("mes:nonconformance", args=[row.pk])

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().filter(state=STATES.OPEN).count()
        return [
            View("all", _("All")),
            View("open", _("To be decided"), "state=open", waiting, "risk" if waiting else ""),
            View("decided", _("To be closed"), "state=decided"),
            View("supplier", _("Suppliers"), "kind=supplier"),
            View("customer", _("Complaints"), "kind=customer"),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_("Raise one"), reverse("mes:raise"), "plus", RAISE, is_main=True)]


class NonConformancePage(DetailPage):
    """One non-conformance: where from, what became of it, what it costs."""

    permission, template_name = SEE, "mes/quality/detail.html"
    live = ["quality"]

    def get_rows(self) -> QuerySet[Any]:
        rows = selectors.nonconformances().select_related(
            "lot", "raised_by", "employee", "closed_by", "result__plan", "receipt_line__receipt",
            "return_receipt__line__customer_return",
        )  # fmt: skip
        return visible_to(self.request.user, rows, SEE)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> str:
        return f"{row.material.name} · {in_words(row.quantity, row.material.unit.code)}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Non-conformances"), reverse("mes:nonconformances")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def _source(self, row: Any) -> Any:
        """The document that it came from, as a link for who may open it."""
        user = self.request.user
        if row.operation is not None:
            order = row.operation.work_order
            url = reverse("erp:work_order", args=[order.pk])
            return format_html("{} · {}", drawn.document(url, order.number, user), row.operation.name)
        if row.receipt_line is not None:
            order = row.receipt_line.receipt.order_id
            url = reverse("erp:purchase_order", args=[order])
            return drawn.document(url, row.receipt_line.receipt.number, user)
        if row.return_receipt is not None:
            back = row.return_receipt.line.customer_return
            return drawn.document(reverse("erp:return", args=[back.pk]), back.number, user)
        return drawn.document(reverse("erp:order", args=[row.sales_order_id]), row.sales_order.number, user)

    def _order(self, row: Any) -> Any:
        if row.sales_order is None:
            return None
        return drawn.document(
            reverse("erp:order", args=[row.sales_order_id]), row.sales_order.number, self.request.user
        )

    def get_cards(self, row: Any) -> Sequence[Card]:
        what = [
            Column("get_kind_display", _("Kind")),
            Column("defect", _("Defect"), empty=_("None was chosen")),
            Column("text", _("What is wrong"), empty=_("Nothing was written")),
            Column("get_severity_display", _("Severity")),
            Column("get_place_display", _("Where the pieces are")),
            Code("lot.number", _("Lot"), empty=_("None")),
        ]
        whence = [
            Column(self._source, _("From")),
            Column(self._order, _("Order"), empty=_("For stock")),
            Column("partner.name", _("Partner"), empty=_("Our own work")),
            Code("machine.code", _("Machine"), empty=_("None")),
            Code("result.plan.code", _("Check"), empty=_("Seen without a check")),
            Column(lambda one: one.employee or one.raised_by, _("Raised by"), empty=_("A check")),
        ]
        cards = [Card(_("What"), what), Card(_("Where from"), whence)]
        if row.cause:
            cards.append(
                Card(
                    _("Why, and what was done"),
                    [Column("cause", _("Cause")), Column("corrective_action", _("Corrective action"), empty=_("None"))],
                )
            )
        return cards

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("became", _("What becomes of it"), template="mes/quality/_nonconformance.html")]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        related = "decided_by", "rework_step__work_order", "rework_order", "supplier_return", "move"
        may_see = access.may(self.request.user, COST)
        return super().get_context_data(row) | {
            "dispositions": list(row.dispositions.select_related(*related)),
            "left": row.quantity - row.decided_qty,
            "hold_rows": list(row.holds.filter(released_at=None).select_related("operation")),
            "photos": list(row.photos.all()),
            "cost": selectors.costs_of([row.pk]).get(row.pk, PoorQuality()) if may_see else None,
            "of_order": selectors.cost_of_order(row.sales_order_id) if may_see and row.sales_order_id else None,
            "currency": row.plant.company.currency.code,
            "may_decide": access.may(self.request.user, DECIDE),
            "may_release": access.may(self.request.user, "mes.release_hold"),
        }

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [
            Happening(row.raised_at, _("Raised"), "flag", who=str(row.employee or row.raised_by or ""), tone="bad")
        ]
        for one in row.dispositions.select_related("decided_by"):
            sentence = f"{one.get_kind_display()}: {in_words(one.quantity, row.material.unit.code)}"
            found.append(Happening(one.decided_at, sentence, "gavel", who=str(one.decided_by or ""), detail=one.note))
        for hold in row.holds.select_related("released_by"):
            found.append(Happening(hold.since_at, _("Operation held"), "hand-stop"))
            if hold.released_at:
                who = str(hold.released_by or "")
                found.append(Happening(hold.released_at, _("Released"), "lock-open", who=who, detail=hold.note))
        if row.closed_at:
            word = _("Withdrawn") if row.state == STATES.WITHDRAWN else _("Closed")
            found.append(Happening(row.closed_at, word, "circle-check", who=str(row.closed_by or ""), tone="good"))
        return sorted(found, key=lambda one: one.at, reverse=True)

    def get_actions(self, row: Any) -> list[Action]:
        def url(name: str) -> str:
            return reverse(f"mes:{name}", args=[row.pk])

        if row.state == STATES.OPEN:
            actions = [Action(_("Add a photo"), url("add_photo"), "camera", RAISE)]
            if not row.decided_qty:
                actions.append(Action(_("Withdraw"), url("withdraw"), "arrow-back-up", DECIDE))
            return [*actions, Action(_("Decide"), url("decide"), "gavel", DECIDE, is_main=True)]
        if row.state == STATES.DECIDED:
            return [
                Action(_("Add a photo"), url("add_photo"), "camera", RAISE),
                Action(_("Close"), url("close_nonconformance"), "check", DECIDE, is_main=True),
            ]
        return []


class OfNonConformance(EditPage):
    """A form about one non-conformance."""

    permission = DECIDE

    def get_rows(self) -> QuerySet[NonConformance]:
        rows = NonConformance.objects.select_related("plant__company", "material__unit")
        return visible_to(self.request.user, rows, self.permission)

    def get_back(self) -> tuple[Any, str]:
        row = self.get_object()
        return row.number, reverse("mes:nonconformance", args=[row.pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def there(self) -> str:
        return reverse("mes:nonconformance", args=[self.get_object().pk])


class Decide(OfNonConformance):
    """What becomes of its pieces."""

    form_class, submit_label, done_message = DecisionForm, _l("Decide"), _l("Decided and done.")

    def get_title(self) -> Any:
        return _("What becomes of %(number)s") % {"number": self.get_object().number}

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        done = sum((one.quantity for one in row.dispositions.all()), Decimal(0))
        return {"quantity": plain(row.quantity - done)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"row": self.get_object()}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.dispose(
            nonconformance_id=row.pk,
            decision=form.decision,
            by=person(self.request),
            now=timezone.now(),
            expected_version=row.version,
        )
        return self.there()


class Close(OfNonConformance):
    """Why it was, and what was done against it."""

    form_class, submit_label, done_message = CloseForm, _l("Close"), _l("Closed.")

    def get_title(self) -> Any:
        return _("Close %(number)s") % {"number": self.get_object().number}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.close_nonconformance(
            nonconformance_id=row.pk,
            by=person(self.request),
            now=timezone.now(),
            expected_version=row.version,
            **form.cleaned_data,
        )
        return self.there()


class Withdraw(OfNonConformance):
    """It was none."""

    form_class, submit_label, done_message = ReasonForm, _l("Withdraw"), _l("Withdrawn.")

    def get_title(self) -> Any:
        return _("Withdraw %(number)s") % {"number": self.get_object().number}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.withdraw_nonconformance(
            nonconformance_id=row.pk,
            reason=form.cleaned_data["reason"],
            by=person(self.request),
            now=timezone.now(),
            expected_version=row.version,
        )
        return self.there()


class AddPhoto(OfNonConformance):
    """One more photo."""

    permission, form_class, version_field, title = RAISE, AddPhotoForm, "", _l("Add a photo")

    def perform(self, form: Any) -> str:
        row = self.get_object()
        for photo_id in kept_photo(form.cleaned_data["photo"], row.plant):
            services.add_photo(nonconformance_id=row.pk, photo_id=photo_id)
        return self.there()


@requires(SEE)
def photo(request: HttpRequest, photo_id: Any) -> HttpResponse:
    """A photo of the floor."""
    found = get_object_or_404(visible_to(request.user, EventPhoto.objects.all(), SEE), pk=photo_id)
    answer = HttpResponse(bytes(found.content), content_type=found.content_type)
    answer["Cache-Control"] = "private, max-age=86400"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
