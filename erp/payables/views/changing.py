"""A payment proposal is changed before somebody approves it: another day, invoices taken out and put in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import selectors, services
from erp.payables.models import PaymentProposal
from erp.payables.paying_forms import ProposalChangeForm
from erp.payables.services.proposals import free_bills
from masterdata.access import visible_to
from masterdata.pages import EditPage, sent_version


class ChangeProposal(EditPage):
    """What a draft pays, and when."""

    permission, form_class = "erp.propose_payments", ProposalChangeForm
    template_name = "erp/payables/change_proposal.html"
    done_message, submit_label = _l("Changed. Somebody else approves it."), _l("Change")

    def get_rows(self) -> Any:
        rows = selectors.visible_proposals(self.request.user).filter(state=PaymentProposal.State.DRAFT)
        return visible_to(self.request.user, rows, self.permission)

    def get_title(self) -> Any:
        return _("Change %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:proposal", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {"pay_on": self.get_object().pay_on}

    def get_form_kwargs(self) -> dict[str, Any]:
        row = self.get_object()
        lines = row.lines.select_related("invoice__supplier").order_by("invoice__supplier__name", "pk")
        others = free_bills(row.company_id, row.currency_id).select_related("supplier").order_by("due_on", "pk")
        return {"lines": list(lines), "others": list(others), "decimals": row.currency.decimals}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.change_proposal(
            proposal_id=row.pk,
            parts=form.meant(),
            pay_on=form.cleaned_data["pay_on"],
            expected_version=sent_version(self.request),
        )
        return reverse("erp:proposal", args=[row.pk])
