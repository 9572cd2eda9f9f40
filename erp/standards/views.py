"""Pages of standard costs: versions, what each material costs in one and why, what if, release."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.standards import services
from erp.standards.forms import AssumeForm, DraftForm
from erp.standards.models import ELEMENTS, StandardChange, StandardCost, StandardVersion
from masterdata.access import visible_to
from masterdata.forms import limit_choices
from masterdata.models import BomLine
from masterdata.pages import (
    Action,
    Card,
    Column,
    Day,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    FormPage,
    ListPage,
    State,
    Tab,
    When,
)

SEE, SET = "erp.view_cost", "erp.set_standard"
MOST = 300


def _seen(request: HttpRequest) -> int | None:
    """The version that stood on the page."""
    return int(request.POST.get("version") or 0) or None


class Versions(ListPage):
    """Versions of standard costs."""

    permission = SEE
    title, question = _l("Standard costs"), _l("What should things cost, and what if?")
    columns = [
        Column("name", _l("Name"), sort="name", link=True, css="wide"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        State("state", _l("State")),
        Day("valid_from", _l("Holds from"), sort="valid_from"),
        When("rolled_at", _l("Rolled up"), sort="rolled_at"),
        When("released_at", _l("Released"), sort="released_at", empty=_l("A draft")),
    ]
    search_fields = ["name", "plant__name"]
    order_by = "-pk"
    empty = Empty(_l("No versions yet"), _l("Draft one: it is rolled up over all levels at once."), "stack-2")

    def get_rows(self) -> QuerySet[StandardVersion]:
        return visible_to(self.request.user, StandardVersion.objects.select_related("plant"), SEE)

    def get_url(self, row: StandardVersion) -> str:
        return reverse("erp:standard_version", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("New version"), reverse("erp:standards_draft"), "plus", SET, is_main=True)]


class Version(DetailPage):
    """A version: what differs most from what is in force comes first."""

    permission = SEE

    def get_rows(self) -> QuerySet[StandardVersion]:
        rows = StandardVersion.objects.select_related("plant__company__currency")
        return visible_to(self.request.user, rows, SEE)

    def get_title(self, row: Any) -> str:
        return str(row.name)

    def get_subtitle(self, row: Any) -> str:
        return str(row.plant.name)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Standard costs"), reverse("erp:standards")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_cards(self, row: Any) -> Sequence[Card]:
        return [
            Card(
                _("How"),
                [
                    Day("valid_from", _("Holds from")),
                    Column("get_basis_display", _("What is bought costs")),
                    Column(lambda one: f"{one.lot_qty.normalize():f}", _("Pieces that share a setup")),
                    When("rolled_at", _("Rolled up")),
                    When("released_at", _("Released"), empty=_("A draft")),
                ],
            )
        ]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        changes = StandardChange.objects.filter(version=row).count()
        return [
            Tab("costs", _("Costs"), template="erp/standards/_costs.html"),
            Tab("what-if", _("What if"), template="erp/standards/_changes.html", count=changes),
        ]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        context = super().get_context_data(row)
        context["currency"] = row.plant.company.currency
        if context["tab"].key == "costs":
            costs = StandardCost.objects.filter(version=row).select_related("material")
            costs = costs.annotate(more=F("total") - F("present")).exclude(total=0, present=0)
            found = sorted(costs[: 20 * MOST], key=lambda one: (-abs(one.more), one.material.code))
            context |= {"costs": found[:MOST], "left_out": max(0, len(found) - MOST)}
        else:
            changes = StandardChange.objects.filter(version=row).select_related("material", "work_centre")
            context["changes"] = changes.order_by("id")
        return context

    def get_actions(self, row: Any) -> list[Action]:
        if row.state != StandardVersion.State.DRAFT:
            return []
        roll, release = (reverse(f"erp:standards_{name}", args=[row.pk]) for name in ("roll", "release"))
        return [
            Action(_("What if"), reverse("erp:standard_assume", args=[row.pk]), "adjustments", SET),
            Action(_("Roll up again"), roll, "refresh", SET, post=True, fields={"version": row.version}),
            Action(
                _("Release"),
                release,
                "lock",
                SET,
                post=True,
                is_main=True,
                fields={"version": row.version},
                confirm=_("Put these standard costs in force? What lies in stock at standard cost is revalued."),
            ),
        ]


class Cost(DetailPage):
    """One material in a version: what its own level adds, and what its components bring."""

    permission = SEE

    def get_rows(self) -> QuerySet[StandardCost]:
        rows = StandardCost.objects.select_related("version__plant__company__currency", "material__unit")
        return visible_to(self.request.user, rows, SEE)

    def get_title(self, row: Any) -> str:
        return str(row.material.code)

    def get_subtitle(self, row: Any) -> str:
        return str(row.material.name)

    def get_back(self, row: Any) -> tuple[Any, str]:
        return row.version.name, reverse("erp:standard_version", args=[row.version_id])

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("levels", _("Where it comes from"), template="erp/standards/_levels.html")]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        lines = BomLine.objects.filter(bom__material=row.material_id, bom__state="frozen", bom__material__supply="make")
        lines = lines.select_related("component__unit", "bom").order_by("line_no")
        costs = StandardCost.objects.filter(version=row.version_id, material__in=[line.component_id for line in lines])
        by_material = {one.material_id: one for one in costs}
        scraps = StandardChange.objects.filter(version=row.version_id, kind=StandardChange.Kind.SCRAP)
        assumed = dict(scraps.values_list("material_id", "value"))
        parts = []
        for line in lines:
            scrap = assumed.get(line.component_id, line.scrap_percent)
            gross = line.quantity / line.bom.base_qty / (1 - scrap / 100)
            one = by_material.get(line.component_id)
            parts.append((line, gross, one, gross * one.total if one else Decimal(0)))
        elements = [(name.capitalize(), getattr(row, f"own_{name}"), getattr(row, f"{name}_cost")) for name in ELEMENTS]
        return super().get_context_data(row) | {
            "parts": parts,
            "elements": elements,
            "currency": row.version.plant.company.currency,
        }


class Draft(FormPage):
    """A new version, rolled up at once."""

    permission, form_class, done_message = SET, DraftForm, _l("Rolled up.")
    title, submit_label = _l("New standard costs"), _l("Roll up")

    def get_back(self) -> tuple[Any, str]:
        return _("Standard costs"), reverse("erp:standards")

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": timezone.localdate(), "lot_qty": 1} | super().get_initial()

    def get_form(self, data: Any = None) -> Any:
        return limit_choices(super().get_form(data), self.request.user, SET)

    def perform(self, form: Any) -> str:
        version = services.draft_standards(now=timezone.now(), **form.cleaned_data)
        return reverse("erp:standard_version", args=[version.pk])


class Assume(EditPage):
    """What if a price, an hour or scrap were another."""

    permission, form_class, done_message = SET, AssumeForm, _l("Assumed, and rolled up again.")
    submit_label = _l("Assume it")

    def get_rows(self) -> QuerySet[StandardVersion]:
        return visible_to(self.request.user, StandardVersion.objects.filter(state="draft"), SET)

    def get_title(self) -> Any:
        return _("What if, in %(name)s") % {"name": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, reverse("erp:standard_version", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form(self, data: Any = None) -> Any:
        return limit_choices(super().get_form(data), self.request.user, SET)

    def perform(self, form: Any) -> str:
        services.assume(
            version_id=self.get_object().pk,
            now=timezone.now(),
            expected_version=_seen(self.request),
            **form.cleaned_data,
        )
        return reverse("erp:standard_version", args=[self.get_object().pk])


class Forget(DeedView):
    """Assume nothing else of it."""

    permission, done_message = SET, _l("Taken back, and rolled up again.")

    def get_rows(self) -> QuerySet[StandardChange]:
        return visible_to(self.request.user, StandardChange.objects.all(), SET)

    def perform(self, row: StandardChange) -> str:
        version = services.forget(change_id=row.pk, now=timezone.now())
        return reverse("erp:standard_version", args=[version.pk]) + "?tab=what-if"


class Roll(DeedView):
    """As everything stands now."""

    permission, done_message = SET, _l("Rolled up.")

    def get_rows(self) -> QuerySet[StandardVersion]:
        return visible_to(self.request.user, StandardVersion.objects.all(), SET)

    def perform(self, row: StandardVersion) -> str:
        services.roll_up(version_id=row.pk, now=timezone.now(), expected_version=_seen(self.request))
        return reverse("erp:standard_version", args=[row.pk])


class Release(Roll):
    """In force from now on."""

    done_message = _l("In force. What lies in stock at standard cost is revalued.")

    def perform(self, row: StandardVersion) -> str:
        services.release_standards(
            version_id=row.pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            expected_version=_seen(self.request),
        )
        return reverse("erp:standard_version", args=[row.pk])
