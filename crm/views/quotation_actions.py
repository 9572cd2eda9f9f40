"""What the page of a quotation offers to do, by where it stands."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t

from crm.models import Quotation
from masterdata.pages import Action

WRITE = "crm.write_quotation"


def actions_of(row: Any, shown: str) -> list[Action]:
    """`shown` is the state as people see it. Exactly one is the main one."""
    pdf = Action(_t("PDF"), _to(row, "pdf"), "file-type-pdf")
    if row.order_id:
        url = reverse("erp:order", args=[row.order_id])
        signed = [Action(_t("Signed PDF"), _to(row, "signed"), "signature")] if row.signature else []
        return [pdf, *signed, Action(_t("Open order"), url, "clipboard-list", "erp.view_order", is_main=True)]
    if row.state == Quotation.State.REPLACED:
        url = reverse("crm:quotation", args=[row.replaced_by_id])
        return [pdf, Action(_t("Open the newest revision"), url, "arrow-right", is_main=True)]
    if row.state == Quotation.State.LOST:
        return [pdf]
    rush = Action(_t("Rush"), reverse("suite:rush_for_quotation", args=[row.pk]), "bolt", "crm.ask_rush")
    return [pdf, rush, _lost(row), *(_of_draft(row) if row.state == Quotation.State.DRAFT else _of_sent(row, shown))]


def _of_draft(row: Any) -> list[Action]:
    edit = Action(_t("Edit"), _to(row, "edit"), "pencil", WRITE)
    if row.approval in (Quotation.Approval.NEEDED, Quotation.Approval.REJECTED):
        return [edit, Action(_t("Ask for approval"), _to(row, "ask"), "user-question", WRITE, is_main=True)]
    if row.approval == Quotation.Approval.ASKED:
        return [edit]
    return [edit, Action(_t("Send"), _to(row, "send"), "send", WRITE), _accept(row), _schedule(row)]


def _of_sent(row: Any, shown: str) -> list[Action]:
    revise = Action(_t("Revise"), _to(row, "revise"), "versions", WRITE, post=True, fields={"version": row.version})
    extend = Action(_t("New last day"), _to(row, "extend"), "calendar-plus", WRITE, is_main=shown == "expired")
    if shown == "expired":
        return [revise, extend]
    link = Action(_t("Link for the customer"), _to(row, "link"), "link", WRITE, post=True)
    return [revise, extend, link, _accept(row), _schedule(row)]


def _accept(row: Any) -> Action:
    fields = {"version": row.version}
    return Action(_t("Accept"), _to(row, "accept"), "circle-check", "crm.accept_quotation", post=True, fields=fields)


def _schedule(row: Any) -> Action:
    """One click: accepted, and in the plan at once. It is a deed of the house, reached by its name."""
    return Action(
        _t("Accept and schedule"),
        reverse("suite:quotation_schedule", args=[row.pk]),
        "calendar-check",
        "crm.accept_quotation",
        post=True,
        is_main=True,
        fields={"version": row.version},
    )


def _lost(row: Any) -> Action:
    return Action(_t("Lost"), _to(row, "lose"), "circle-x", WRITE)


def _to(row: Any, name: str) -> str:
    return reverse(f"crm:quotation_{name}", args=[row.pk])
