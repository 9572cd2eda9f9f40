"""Pages of landed costs: the list, and a cost spread over receipts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import selectors, services
from erp.payables.forms import LandedForm
from erp.payables.models import LandedCost
from erp.supply.models import Receipt, ReceiptLine
from masterdata.access import visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import Action, Choice, Code, Column, CreatePage, Empty, ListPage, Money, Number, When

SEE, POST = "erp.view_cost", "erp.post_landed_cost"
MOST_RECEIPTS = 200


class LandedCosts(ListPage):
    """Freight, duty and the like."""

    permission = SEE
    title, question = _l("Landed costs"), _l("What did it cost to bring the goods here?")
    columns = [
        Code("number", _l("Landed cost"), sort="number", css="w-1"),
        Column("get_element_display", _l("What for"), sort="element"),
        Column("partner.name", _l("Owed to"), sort="partner__name", css="wide", empty=_l("Not said")),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        When("posted_at", _l("Posted"), sort="posted_at"),
        Column("get_basis_display", _l("Spread"), sort="basis"),
        Number("parts", _l("Receipts")),
        Money("amount", _l("Amount"), currency="plant.company.currency.code", sort="amount"),
    ]
    search_fields = ["number", "note", "partner__name"]
    filters = [Choice("element", _l("What for"), choices=LandedCost.Element.choices)]
    order_by = "-number"
    live = ["stock"]
    empty = Empty(_l("No landed costs yet"), _l("Spread freight or duty over the receipts that it brought."), "truck")

    def get_rows(self) -> QuerySet[LandedCost]:
        return in_chosen_plant(self.request, selectors.listed_landed_costs(self.request.user))

    def get_actions(self) -> list[Action]:
        return [Action(_("Post a landed cost"), reverse("erp:landed_cost_post"), "plus", POST, is_main=True)]

    def get_url(self, row: LandedCost) -> str:
        return ""


class PostLandedCost(CreatePage):
    """Spread a cost over receipts."""

    permission, form_class = POST, LandedForm
    title, submit_label = _l("Post a landed cost"), _l("Post")
    done_message = _l("Posted: goods on hand became worth more, orders that used the others pay their part.")

    def get_back(self) -> tuple[Any, str]:
        return _("Landed costs"), reverse("erp:landed_costs")

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = visible_to(self.request.user, Receipt.objects.order_by("-pk"), POST)
        newest = list(in_chosen_plant(self.request, rows, "order__plant").values_list("pk", flat=True)[:MOST_RECEIPTS])
        receipts = Receipt.objects.filter(pk__in=newest).select_related("order__supplier", "order__plant")
        return {"receipts": receipts.order_by("-pk")}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        receipts = list(given["receipts"])
        lines = ReceiptLine.objects.filter(receipt__in=receipts).order_by("pk")
        partner = given["partner"]
        services.post_landed_cost(
            plant_id=receipts[0].order.plant_id,
            receipt_line_ids=list(lines.values_list("pk", flat=True)),
            amount=given["amount"],
            element=given["element"],
            basis=given["basis"],
            partner_id=partner.pk if partner else None,
            note=given["note"],
            now=timezone.now(),
        )
        return reverse("erp:landed_costs")
