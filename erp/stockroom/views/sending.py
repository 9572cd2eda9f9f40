"""Sending to another plant: from rows of stock, or what planning wants moved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.stock import transferring
from erp.stockroom import journeys, selectors
from erp.stockroom.fields import note_field, quantity_field, typed
from erp.supply.models import PlannedOrder
from erp.supply.services import journeys as sending
from masterdata.access import visible_to
from masterdata.errors import Refusal
from masterdata.models import Plant
from masterdata.pages import (
    FormPage,
)

SEE, MOVE = "erp.view_stock", "erp.move_stock"
MOST_FOUND = 20


class SendForm(forms.Form):
    """To where, when it is expected, and how much of each row of stock."""

    expected_at = forms.DateTimeField(
        label=_l("Expected there"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, rows: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stock = rows
        plants = Plant.objects.none()
        if rows:
            plants = Plant.objects.filter(company=rows[0].plant.company_id).exclude(pk=rows[0].plant_id)
        self.fields["to_plant"] = forms.ModelChoiceField(
            plants.order_by("code"), label=_("To which plant"), empty_label=_("Choose a plant")
        )
        self.fields["note"] = note_field()
        for row in rows:
            name = _("Send of %(code)s") % {"code": row.material.code}
            field = quantity_field(name, required=False, **{"aria-label": name})
            field.initial = typed(getattr(row, "leaves", row.free))
            self.fields[f"row_{row.pk}"] = field
        self.order_fields(["to_plant", "expected_at", "note"])

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(row, self[f"row_{row.pk}"]) for row in self.stock]

    @property
    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("to_plant", "expected_at", "note")]

    def pieces(self) -> list[transferring.Piece]:
        found = [(row.pk, self.cleaned_data.get(f"row_{row.pk}")) for row in self.stock]
        return [transferring.Piece(pk, quantity) for pk, quantity in found if quantity]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.pieces():
            raise forms.ValidationError(_("Enter how much of at least one row leaves."))
        return cleaned


class Send(FormPage):
    """Free stock of one plant leaves for another: `row` in the address are the rows of stock to choose from.

    `planned` is a planned transfer: its rows, quantities, plant and day are proposed.
    """

    permission, form_class = MOVE, SendForm
    title, submit_label = _l("Send to another plant"), _l("Send")
    template_name = "erp/stockroom/send.html"
    done_message = _l("On the way.")

    def get_back(self) -> tuple[Any, str]:
        return _("Transfers"), reverse("erp:transfers")

    def sendable(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = visible_to(
            self.request.user, selectors.stock_rows().select_related("plant__company"), MOVE
        )
        chosen = getattr(self.request, "plant", None)
        rows = rows.filter(plant=chosen) if chosen else rows
        return rows.select_related("material__unit", "location", "lot", "sales_order").filter(free__gt=0)

    @cached_property
    def planned(self) -> PlannedOrder | None:
        pk = self.request.GET.get("planned", "")
        found = visible_to(self.request.user, journeys.planned(), SEE)
        return found.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None

    @cached_property
    def rows(self) -> list[Any]:
        """Those of the address, all of the first one's plant; else what a planned transfer takes."""
        if self.planned is not None and not self.request.GET.getlist("row"):
            return journeys.leaving(self.sendable(), self.planned)
        wanted = [int(one) for one in self.request.GET.getlist("row") if one.isdecimal() and len(one) < 18]
        found: dict[int, Any] = {row.pk: row for row in self.sendable().filter(pk__in=wanted)} if wanted else {}
        rows = [found[pk] for pk in dict.fromkeys(wanted) if pk in found]
        return [row for row in rows if row.plant_id == rows[0].plant_id]

    def found(self) -> list[tuple[Any, str]]:
        """Further rows that fit what was typed or scanned, each with the address that adds it."""
        text = self.request.GET.get("find", "").strip()
        if not text:
            return []
        rows = journeys.matching(self.sendable(), text).exclude(pk__in=[row.pk for row in self.rows])
        if self.rows:
            rows = rows.filter(plant=self.rows[0].plant_id)
        return [(row, self.address(row.pk)) for row in rows.order_by("material__code", "pk")[:MOST_FOUND]]

    def address(self, *more: int) -> str:
        asked = QueryDict(mutable=True)
        asked.setlist("row", [str(pk) for pk in [*(row.pk for row in self.rows), *more]])
        if self.planned is not None:
            asked["planned"] = str(self.planned.pk)
        return f"?{asked.urlencode()}"

    def get_initial(self) -> dict[str, Any]:
        if self.planned is None:
            return {}
        return {"to_plant": self.planned.plant_id, "expected_at": self.planned.due_at}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"rows": self.rows}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {
            "chosen": self.rows,
            "found": self.found(),
            "find": self.request.GET.get("find", ""),
            "planned": self.planned,
        }

    def refuse(self, form: Any, refusal: Refusal) -> None:
        short = next((row for row in self.rows if row.material_id == refusal.values.get("material_id")), None)
        if short is not None:
            refusal.field = f"row_{short.pk}"
        super().refuse(form, refusal)

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        sent = sending.send_transfer(
            pieces=form.pieces(),
            to_plant=given["to_plant"],
            expected_at=given["expected_at"],
            note=given["note"],
            planned_order_ids=[self.planned.pk] if self.planned is not None else [],
            now=timezone.now(),
        )
        return reverse("erp:transfer", args=[sent.pk])
