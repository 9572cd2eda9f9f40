"""The left navigation: one table of what there is, and what of it a person may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from masterdata.access import SIGNED_IN, may


@dataclass(frozen=True, slots=True)
class Item:
    """One place: `url_name` is where it leads, `permission` who sees it, `also` what else is found under it."""

    label: Any
    icon: str
    url_name: str
    permission: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A place as the page shows it."""

    label: Any
    icon: str
    url: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: Any
    entries: list[Entry]


TABLE: list[tuple[Any, list[Item]]] = [
    (
        "",
        [
            Item(_("Start"), "home", "suite:home", SIGNED_IN),
            Item(_("Control tower"), "layout-dashboard", "suite:control_tower", "erp.view_order"),
        ],
    ),
    (
        _("Sell"),
        [
            Item(
                _("Pipeline"),
                "layout-kanban",
                "crm:pipeline",
                "crm.view",
                also=("crm:opportunities", "crm:stages", "crm:lost_reasons"),
            ),
            Item(_("Leads"), "user-search", "crm:leads", "crm.view"),
            Item(_("My activities"), "calendar-event", "crm:my_activities", "crm.view", also=("crm:activities",)),
            Item(_("Quotations"), "file-text", "crm:quotations", "crm.view"),
            Item(_("Approvals"), "shield-check", "crm:approvals", "crm.view", ("crm:any_policy",)),
            Item(_("Price lists"), "tag", "crm:price_lists", "crm.view", ("crm:customer_groups",)),
            Item(_("Rush requests"), "bolt", "crm:rush_requests", "crm.view"),
            Item(_("Contracts"), "writing-sign", "crm:contracts", "crm.view"),
            Item(_("Customers"), "users-group", "crm:customers", "crm.view"),
            Item(_("Cases"), "lifebuoy", "crm:cases", "crm.view"),
            Item(_("Promises"), "flag", "crm:promises", "crm.view", ("crm:earlier", "crm:reliability")),
            Item(_("Notices"), "mail", "crm:notices", "crm.view"),
            Item(_("Messages"), "messages", "crm:messages", "crm.view"),
            Item(_("Orders"), "clipboard-list", "erp:orders", "erp.view_order"),
            Item(_("Credit holds"), "alert-circle", "erp:credit_holds", "erp.view_invoice"),
            Item(_("Partners"), "users", "masterdata:partners", "masterdata.view"),
        ],
    ),
    (
        _("Plan"),
        [
            Item(_("Scheduling board"), "calendar-time", "aps:board", "aps.view_plan"),
            Item(_("Plans"), "timeline", "aps:plans", "aps.view_plan"),
            Item(_("Plan runs"), "activity", "aps:runs", "aps.view_plan"),
            Item(_("Proposals"), "flag", "aps:proposals", "aps.view_plan", ("aps:any_policy",)),
            Item(_("Late orders"), "clock-exclamation", "aps:late_orders", "aps.view_plan"),
            Item(_("What if"), "versions", "aps:scenarios", "aps.view_scenario"),
            Item(_("What counts"), "adjustments", "aps:any_weights", "aps.set_weights"),
            Item(_("Supply"), "arrows-exchange", "erp:supply_messages", "erp.view_purchase"),
            Item(_("Planning parameters"), "adjustments", "erp:planning_parameters", "masterdata.edit_material"),
            Item(
                _("Purchase orders"),
                "truck-delivery",
                "erp:purchase_orders",
                "erp.view_purchase",
                (
                    "erp:planned_orders",
                    "erp:supplier_returns",
                    "erp:punctuality",
                    "erp:buying_limits",
                    "erp:delivery_tolerances",
                ),
            ),
            Item(
                _("Requisitions"),
                "clipboard-plus",
                "erp:requisitions",
                "erp.view_requisition",
                ("erp:approval_limits",),
            ),
            Item(_("Requests for quotation"), "message-question", "erp:quotation_requests", "erp.write_purchase"),
            Item(_("Supplier prices"), "tag", "erp:supplier_prices", "erp.view_purchase"),
        ],
    ),
    (
        _("Make"),
        [
            Item(_("Work orders"), "list-check", "erp:work_orders", "erp.view_work_order"),
            Item(_("Floor"), "building-factory-2", "mes:floor", "mes.view_floor"),
            Item(_("Alarms"), "alert-octagon", "mes:alarms", "mes.view_floor"),
            Item(_("Trace"), "affiliate", "mes:trace", "mes.view_trace"),
            Item(_("Work instructions"), "notes", "mes:instructions", "mes.view_instructions"),
            Item(_("Labels"), "qrcode", "mes:labels", "mes.print_labels"),
            Item(_("People"), "users-group", "mes:people", "mes.view_hours", also=("mes:hours", "mes:skill_overrides")),
            Item(_("OEE"), "chart-bar", "mes:oee", "mes.view_floor"),
            Item(_("Standard times"), "clock-check", "mes:standard_times", "mes.view_standard_times"),
            Item(
                _("Quality"),
                "shield-check",
                "mes:quality",
                "mes.view_quality",
                also=("mes:holds", "mes:check_results", "mes:supplier_quality", "mes:poor_quality"),
            ),
            Item(_("Non-conformances"), "alert-triangle", "mes:nonconformances", "mes.view_quality"),
            Item(_("Check plans"), "clipboard-check", "mes:check_plans", "mes.view_quality"),
            Item(_("Control charts"), "chart-line", "mes:spc", "mes.view_quality"),
            Item(_("Gauges"), "ruler-measure", "mes:gauges", "mes.view_quality"),
            Item(_("Tablet"), "device-tablet", "mes:tablet", "mes.start_operation"),
            Item(_("Tablets"), "devices", "mes:devices", "mes.manage_device"),
            Item(_("Receive"), "package-import", "erp:receiving", "erp.receive_purchase"),
            Item(
                _("To subcontractors"),
                "truck-loading",
                "erp:to_subcontractors",
                "erp.view_purchase",
                also=("erp:at_subcontractors",),
            ),
            Item(_("Stock"), "packages", "erp:stock", "erp.view_stock"),
            Item(_("Reservations"), "bookmark", "erp:reservations", "erp.view_stock"),
            Item(_("Lots"), "barcode", "erp:lots", "erp.move_stock"),
            Item(_("Transfers"), "truck", "erp:transfers", "erp.move_stock"),
            Item(_("Put away"), "forklift", "erp:put_away", "erp.move_stock"),
            Item(_("Counts"), "clipboard-check", "erp:count_sheets", "erp.view_stock"),
            Item(_("To ship"), "truck-delivery", "erp:to_ship", "erp.view_order", also=("erp:backorders",)),
            Item(_("Pick lists"), "list-check", "erp:pick_lists", "erp.view_order"),
            Item(_("Shipments"), "package", "erp:shipments", "erp.view_order"),
            Item(_("Returns"), "arrows-exchange", "erp:returns", "erp.view_order"),
        ],
    ),
    (
        _("Money"),
        [
            Item(_("Order profit"), "chart-bar", "erp:order_profit", "erp.view_cost"),
            Item(_("Profit"), "chart-pie", "erp:profit", "erp.view_ledger"),
            Item(_("Invoices"), "receipt", "erp:invoices", "erp.view_invoice"),
            Item(_("Payments"), "cash", "erp:payments", "erp.view_invoice"),
            Item(_("Open items"), "calendar-dollar", "erp:ageing", "erp.view_ledger"),
            Item(_("Owed to suppliers"), "calendar-dollar", "erp:ageing_payables", "erp.view_ledger"),
            Item(
                _("Reminders"), "mail", "erp:dunning", "erp.view_invoice", ("erp:dunning_levels", "erp:dunning_holds")
            ),
            Item(_("Bank accounts"), "building-bank", "erp:bank_accounts", "erp.view_ledger"),
            Item(
                _("Supplier invoices"),
                "file-invoice",
                "erp:supplier_invoices",
                "erp.view_supplier_invoice",
                also=("erp:landed_costs", "erp:proposals", "erp:supplier_payments"),
            ),
            Item(
                _("Rates"), "clock-dollar", "erp:hour_rates", "erp.view_cost", also=("erp:overheads", "erp:piece_rates")
            ),
            Item(_("Standard costs"), "stack-2", "erp:standards", "erp.view_cost"),
            Item(_("Stock value"), "scale", "erp:stock_value", "erp.view_cost"),
            Item(_("Ledger"), "book", "erp:ledger", "erp.view_ledger"),
            Item(_("Manual entries"), "pencil", "erp:manual_entries", "erp.view_ledger"),
            Item(_("Accounts"), "list-numbers", "erp:accounts", "erp.view_ledger"),
            Item(_("Periods"), "calendar", "erp:periods", "erp.view_ledger"),
            Item(_("Proof"), "shield-check", "suite:proof", "suite.view_proof"),
        ],
    ),
    (
        _("Master data"),
        [
            Item(_("Materials"), "box", "masterdata:materials", "masterdata.view"),
            Item(_("Bills of materials"), "sitemap", "masterdata:boms", "masterdata.view"),
            Item(_("Machines"), "tool", "masterdata:machines", "masterdata.view"),
            Item(_("Everything else"), "database", "masterdata:registers", "masterdata.view"),
        ],
    ),
    (
        _("House"),
        [
            Item(_("Users and roles"), "user-shield", "suite:users", "masterdata.manage_users"),
            Item(_("Imports"), "file-import", "suite:imports", "masterdata.import_data"),
            Item(_("Webhooks"), "webhook", "suite:webhooks", "masterdata.manage_webhooks"),
            Item(_("Failed flows"), "refresh-alert", "suite:flow_runs", "suite.view_flows"),
        ],
    ),
]


def navigation(request: HttpRequest) -> list[Group]:
    """The groups with at least one place that the user may open; the longest address that fits is where we are."""
    shown = [(label, [(item, url) for item in items if (url := _url(item, request.user))]) for label, items in TABLE]
    fits = [
        (len(address), url)
        for _label, items in shown
        for item, url in items
        for address in (url, *map(reverse, item.also))
        if request.path == address or (address != "/" and request.path.startswith(address))
    ]
    here = max(fits, default=(0, ""))[1]
    return [
        Group(label, [Entry(item.label, item.icon, url, url == here) for item, url in items])
        for label, items in shown
        if items
    ]


def _url(item: Item, user: Any) -> str:
    if not may(user, item.permission):
        return ""
    try:
        return reverse(item.url_name)
    except NoReverseMatch:
        return ""
