"""Pages of who is not reminded: the holds, and a new one of a customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.receivables import services
from erp.receivables.forms import CustomerHoldForm
from erp.receivables.models import DunningHold
from masterdata.access import visible_to
from masterdata.pages import Action, Code, Column, Day, Empty, Flag, ListPage, OfCompanyPage, View, When

SEE, DUN = "erp.view_invoice", "erp.send_dunning"


class Holds(ListPage):
    """Whom nobody reminds, or of what, until when."""

    permission = SEE
    title, question = _l("Reminders on hold"), _l("Whom do we not remind, why, and until when?")
    columns = [
        Column("customer.name", _l("Customer"), sort="customer__name", css="wide"),
        Code("invoice.number", _l("Invoice"), empty=_l("All of them")),
        Day("until_on", _l("Until"), sort="until_on"),
        Column("reason", _l("Why")),
        Column("by", _l("Held by"), empty=_l("A program")),
        When("made_at", _l("Held at"), sort="made_at"),
    ]
    search_fields = ["customer__name", "invoice__number", "reason"]
    filters = [Flag("now", _l("In force"), condition=~Q(pk=None))]
    order_by = "-pk"
    live = ["dunning"]
    empty = Empty(_l("Everybody is reminded"), _l("Hold a customer, or one invoice on its page."), "bell")

    def get_rows(self) -> Any:
        rows = visible_to(self.request.user, DunningHold.objects.select_related("customer", "invoice", "by"), SEE)
        return rows.filter(until_on__gte=timezone.localdate()) if self.request.GET.get("now") else rows

    def get_views(self) -> Sequence[View]:
        return [View("all", _("All"), ""), View("now", _("In force"), "now=1")]

    def get_actions(self) -> list[Action]:
        return [Action(_("Hold a customer"), reverse("erp:dunning_hold_new"), "bell-off", DUN, is_main=True)]


class HoldCustomer(OfCompanyPage):
    """Do not remind a customer of anything until a day."""

    permission, form_class = DUN, CustomerHoldForm
    title, submit_label = _l("Hold a customer's reminders"), _l("Hold")
    done_message = _l("Held: nobody reminds this customer until then.")

    def get_back(self) -> tuple[Any, str]:
        return _("Reminders on hold"), reverse("erp:dunning_holds")

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        services.hold_dunning(
            company_id=given["company"].pk,
            customer_id=given["customer"].pk,
            until_on=given["until_on"],
            reason=given["reason"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:dunning_holds")
