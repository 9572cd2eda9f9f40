"""Pages of payment proposals: what is to be paid, who agrees, and the file for the bank."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.payables import pain, selectors, services
from erp.payables.forms import ProposalForm
from erp.payables.models import PaymentProposal, SupplierInvoice
from erp.treasury.forms import ReasonForm
from masterdata.access import requires, visible_to
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Day,
    DeedView,
    DetailPage,
    EditPage,
    Empty,
    Happening,
    ListPage,
    Money,
    Number,
    OfCompanyPage,
    State,
    Tab,
    sent_version,
)

SEE, PROPOSE, APPROVE, PAY = selectors.SEE, "erp.propose_payments", "erp.approve_payments", "erp.pay_supplier"
HOLD = "erp.hold_supplier_payment"
CHIPS = {"draft": "planned", "approved": "running", "paid": "done", "dropped": "cancelled"}


class PaymentProposals(ListPage):
    """Payments to suppliers that are prepared, and those that were made."""

    permission = SEE
    title, question = _l("Payment proposals"), _l("Which suppliers do we pay, and who has agreed?")
    columns = [
        Code("number", _l("Proposal"), sort="number", link=True, css="w-1"),
        Column("company.name", _l("Company"), css="wide"),
        Day("pay_on", _l("Pay on"), sort="pay_on"),
        Day("due_until", _l("Due until")),
        State(lambda row: CHIPS[row.state], _l("State"), word=lambda row: row.get_state_display()),
        Number("parts", _l("Invoices")),
        Money("total", _l("Amount"), currency="currency.code"),
    ]
    search_fields = ["number"]
    filters = [Choice("state", _l("State"), choices=PaymentProposal.State.choices)]
    order_by = "-pk"
    live = ["payment_proposal"]
    empty = Empty(_l("No payment proposals yet"), _l("Make one of what is due."), "coin")

    def get_rows(self) -> Any:
        return selectors.visible_proposals(self.request.user)

    def get_actions(self) -> list[Action]:
        return [Action(_("Propose payments"), reverse("erp:proposal_new"), "plus", PROPOSE, is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("erp:proposal", args=[row.pk])


class ProposalPage(DetailPage):
    """One proposal: its invoices, who made and approved it."""

    permission = SEE
    live = ["payment_proposal"]

    def get_rows(self) -> Any:
        return selectors.visible_proposals(self.request.user)

    def get_title(self, row: Any) -> str:
        return str(row.number)

    def get_subtitle(self, row: Any) -> Any:
        return row.company.name

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Payment proposals"), reverse("erp:proposals")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return CHIPS[row.state], row.get_state_display()

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("lines", _("Invoices"), template="erp/payables/_proposed.html", count=row.parts)]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        lines = row.lines.select_related("invoice__supplier", "payment").order_by("invoice__supplier__name", "id")
        return super().get_context_data(row) | {"lines": list(lines)}

    def get_cards(self, row: Any) -> Sequence[Card]:
        facts = [
            Day("pay_on", _("Pay on")),
            Day("due_until", _("Due until")),
            Column("bank_account.name", _("Bank account"), empty=_("The company's bank")),
            Column("made_by", _("Made by"), empty=_("A program")),
            Column("approved_by", _("Approved by"), empty=_("Nobody yet")),
            Money("total", _("Amount"), currency="currency.code"),
        ]
        return [Card(_("Facts"), facts)]

    def get_actions(self, row: Any) -> list[Action]:
        def act(label: str, name: str, icon: str, deed: str, **more: Any) -> Action:
            return Action(label, reverse(f"erp:{name}", args=[row.pk]), icon, deed, **more)

        seen = {"version": row.version}
        if row.state == PaymentProposal.State.DRAFT:
            return [
                act(_("Drop"), "proposal_drop", "x", PROPOSE, post=True, fields=seen),
                act(_("Change"), "proposal_change", "pencil", PROPOSE),
                act(_("Approve"), "proposal_approve", "check", APPROVE, post=True, is_main=True, fields=seen),
            ]
        files = [
            act(_("CSV"), "proposal_csv", "file-text", SEE),
            act(_("File for the bank"), "proposal_pain", "file-text", SEE),
        ]
        if row.state == PaymentProposal.State.APPROVED:
            drop = act(_("Drop"), "proposal_drop", "x", PROPOSE, post=True, fields=seen)
            return [drop, *files, act(_("Pay"), "proposal_pay", "coin", PAY, post=True, is_main=True, fields=seen)]
        return files if row.state == PaymentProposal.State.PAID else []

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [Happening(row.made_at, _("Made"), "file-text", who=str(row.made_by or ""))]
        if row.approved_at:
            found.insert(0, Happening(row.approved_at, _("Approved"), "check", who=str(row.approved_by or "")))
        if row.paid_at:
            found.insert(0, Happening(row.paid_at, _("Paid"), "coin", tone="good"))
        return found


class NewProposal(OfCompanyPage):
    """What is due until a day."""

    permission, form_class = PROPOSE, ProposalForm
    title, submit_label, done_message = _l("Propose payments"), _l("Propose"), _l("Somebody else approves it.")

    def get_back(self) -> tuple[Any, str]:
        return _("Payment proposals"), reverse("erp:proposals")

    def get_initial(self) -> dict[str, Any]:
        return {"pay_on": timezone.localdate(), "due_until": timezone.localdate()}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        proposal = services.propose_payments(
            company_id=given["company"].pk,
            pay_on=given["pay_on"],
            due_until=given["due_until"],
            currency_id=given["currency"].pk if given["currency"] else None,
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:proposal", args=[proposal.pk])


class ProposalDeed(DeedView):
    """A deed on a proposal; afterwards one sees it."""

    def get_rows(self) -> Any:
        return visible_to(self.request.user, PaymentProposal.objects.all(), self.permission)

    def perform(self, row: Any) -> str:
        seen = {"expected_version": sent_version(self.request)}
        self.do(row, seen | {"by": self.request.user, "now": timezone.now()})
        return reverse("erp:proposal", args=[row.pk])

    @abstractmethod
    def do(self, row: Any, what: dict[str, Any]) -> None: ...


class ApproveProposal(ProposalDeed):
    permission, done_message = APPROVE, _l("Approved.")

    def do(self, row: Any, what: dict[str, Any]) -> None:
        services.approve_proposal(proposal_id=row.pk, **what)


class PayProposal(ProposalDeed):
    permission, done_message = PAY, _l("Paid.")

    def do(self, row: Any, what: dict[str, Any]) -> None:
        services.pay_proposal(proposal_id=row.pk, **what)


class DropProposal(ProposalDeed):
    permission, done_message = PROPOSE, _l("Dropped. Its invoices are free again.")

    def do(self, row: Any, what: dict[str, Any]) -> None:
        services.drop_proposal(proposal_id=row.pk, expected_version=what["expected_version"])


@requires(SEE)
def proposal_pain(request: HttpRequest, pk: int) -> HttpResponse:
    """The XML file for the bank."""
    proposal = get_object_or_404(selectors.visible_proposals(request.user), pk=pk)
    answer = HttpResponse(pain.pain_001(proposal, timezone.now()), content_type="application/xml")
    answer["Content-Disposition"] = f'attachment; filename="{proposal.number}.xml"'
    return answer


@requires(SEE)
def proposal_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as CSV."""
    proposal = get_object_or_404(selectors.visible_proposals(request.user), pk=pk)
    answer = HttpResponse(pain.as_csv(proposal), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{proposal.number}.csv"'
    return answer


class HoldPayment(EditPage):
    """Keep an invoice out of proposals."""

    permission, form_class, version_field = HOLD, ReasonForm, ""
    done_message = _l("Held: no proposal takes it.")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, SupplierInvoice.objects.filter(state="posted"), HOLD)

    def get_title(self) -> Any:
        return _("Hold the payment of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:supplier_invoice", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Hold")}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.hold_payment(
            invoice_id=row.pk,
            reason=form.cleaned_data["reason"],
            by=self.request.user,  # type: ignore[arg-type]  # signed in, or the page is closed
            now=timezone.now(),
        )
        return reverse("erp:supplier_invoice", args=[row.pk])


class LiftHold(DeedView):
    permission, done_message = HOLD, _l("It may be paid again.")

    def get_rows(self) -> Any:
        return visible_to(self.request.user, SupplierInvoice.objects.all(), HOLD)

    def perform(self, row: Any) -> str:
        services.lift_payment_hold(invoice_id=row.pk, by=self.request.user, now=timezone.now())  # type: ignore[arg-type]
        return reverse("erp:supplier_invoice", args=[row.pk])
