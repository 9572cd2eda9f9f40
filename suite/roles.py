"""The one table of who may do what: role -> permissions, each named after a deed."""

from __future__ import annotations

LOOK = {"masterdata.view"}
FLOOR_WORK = {
    "mes.view_floor", "mes.start_operation", "mes.report_operation", "erp.view_work_order", "erp.issue_material"
}  # fmt: skip
MACHINE_REPORTS = {"mes.report_machine_down", "mes.report_machine_up"}
ASK_TO_BUY = {"erp.view_requisition", "erp.request_purchase"}
PRODUCT_DATA = {"masterdata.edit_material", "masterdata.edit_engineering"}
SEE_EVERYTHING = {
    "masterdata.view",
    "crm.view",
    "erp.view_order",
    "erp.view_purchase",
    "erp.view_requisition",
    "erp.view_stock",
    "erp.view_work_order",
    "erp.view_invoice",
    "erp.view_supplier_invoice",
    "erp.view_ledger",
    "erp.view_cost",
    "aps.view_plan",
    "aps.view_scenario",
    "mes.view_floor",
    "suite.view_flows",
    "suite.view_proof",
    "suite.view_trail",
}

TABLE: dict[str, set[str]] = {
    "sales": LOOK
    | {
        "masterdata.edit_partner",
        "crm.view",
        "crm.write_quotation",
        "crm.accept_quotation",
        "crm.ask_rush",
        "crm.accept_rush",
        "erp.view_order",
        "erp.write_order",
        "erp.confirm_order",
        "erp.cancel_order",
        "erp.set_shipping",
        "erp.record_delivery",
        "erp.authorise_return",
        "erp.view_work_order",
        "erp.reserve_stock",
        "erp.view_stock",
        "erp.view_invoice",
        "erp.view_cost",
        "aps.view_plan",
        "aps.ask_offer",
    },
    "planner": LOOK
    | ASK_TO_BUY
    | {"erp.approve_requisition"}
    | PRODUCT_DATA
    | {
        "masterdata.edit_resource",
        "masterdata.edit_calendar",
        "crm.view",
        "erp.view_order",
        "erp.view_purchase",
        "erp.reserve_stock",
        "erp.move_stock",
        "erp.view_stock",
        "erp.view_work_order",
        "erp.view_cost",
        "erp.write_work_order",
        "erp.release_work_order",
        "erp.issue_material",
        "aps.view_plan",
        "aps.ask_offer",
        "aps.want_plan",
        "aps.publish_plan",
        "aps.stop_run",
        "aps.set_weights",
        "aps.view_scenario",
        "aps.write_scenario",
        "aps.promote_scenario",
        "mes.view_floor",
    },
    "operator": LOOK | FLOOR_WORK | MACHINE_REPORTS,
    "shift_lead": LOOK
    | ASK_TO_BUY
    | FLOOR_WORK
    | MACHINE_REPORTS
    | {
        "masterdata.edit_employee",
        "erp.view_stock",
        "erp.move_stock",
        "erp.scrap_stock",
        "erp.count_stock",
        "erp.approve_count",
        "aps.view_plan",
        "aps.want_plan",
        "mes.acknowledge_alarm",
        "mes.correct_event",
        "mes.decide_quarantine",
        "mes.manage_device",
    },
    "buyer": LOOK
    | ASK_TO_BUY
    | {
        "masterdata.edit_partner",
        "masterdata.edit_material",
        "erp.view_order",
        "erp.view_purchase",
        "erp.write_purchase",
        "erp.view_supplier_invoice",
        "erp.release_supplier_invoice",
        "erp.hold_supplier_payment",
        "erp.post_landed_cost",
        "erp.view_cost",
        "erp.view_stock",
        "erp.view_work_order",
    },
    "warehouse": LOOK
    | ASK_TO_BUY
    | {
        "erp.view_order",
        "erp.view_purchase",
        "erp.view_stock",
        "erp.view_work_order",
        "erp.receive_purchase",
        "erp.issue_material",
        "erp.reverse_move",
        "erp.pick_goods",
        "erp.pack_shipment",
        "erp.ship",
        "erp.record_delivery",
        "erp.receive_return",
        "erp.move_stock",
        "erp.count_stock",
    },
    "accountant": LOOK
    | ASK_TO_BUY
    | {"erp.approve_requisition", "erp.set_buying_limit"}
    | {
        "masterdata.edit_money",
        "erp.view_order",
        "erp.view_purchase",
        "erp.approve_count",
        "erp.count_stock",
        "erp.view_stock",
        "erp.view_work_order",
        "erp.view_invoice",
        "erp.view_ledger",
        "erp.view_cost",
        "erp.post_invoice",
        "erp.release_credit",
        "erp.set_credit_limit",
        "erp.receive_payment",
        "erp.credit_invoice",
        "erp.undo_allocation",
        "erp.refund_payment",
        "erp.write_off",
        "erp.edit_bank_account",
        "erp.import_bank_statement",
        "erp.send_dunning",
        "erp.match_bank",
        "erp.set_money_policy",
        "erp.view_supplier_invoice",
        "erp.enter_supplier_invoice",
        "erp.pay_supplier",
        "erp.propose_payments",
        "erp.approve_payments",
        "erp.hold_supplier_payment",
        "erp.set_match_tolerance",
        "erp.post_landed_cost",
        "erp.set_rate",
        "erp.set_standard",
        "erp.book_order_cost",
        "erp.revalue_stock",
        "erp.reverse_move",
        "erp.close_period",
        "erp.reopen_period",
        "erp.write_entry",
        "erp.approve_entry",
        "erp.close_year",
        "erp.value_currencies",
        "erp.write_account",
        "suite.view_proof",
    },
    "quality": LOOK
    | {
        "erp.move_stock",
        "erp.scrap_stock",
        "erp.view_order",
        "erp.decide_return",
        "erp.view_stock",
        "erp.view_work_order",
        "mes.view_floor",
        "mes.acknowledge_alarm",
    },
    "maintenance": LOOK
    | MACHINE_REPORTS
    | ASK_TO_BUY
    | {"masterdata.edit_resource", "aps.view_plan", "mes.view_floor", "mes.acknowledge_alarm"},
    # Users, keys and the frame of the company; posts no business.
    "admin": LOOK
    | {
        "masterdata.manage_users",
        "masterdata.import_data",
        "masterdata.edit_place",
        "masterdata.edit_calendar",
        "masterdata.edit_employee",
        "masterdata.edit_money",
        "masterdata.edit_reason",
        "masterdata.edit_unit",
        "mes.manage_device",
        "suite.view_flows",
        "suite.view_proof",
        "suite.retry_flow",
        "suite.view_trail",
    },
    "integration": LOOK
    | PRODUCT_DATA
    | FLOOR_WORK
    | MACHINE_REPORTS
    | {
        "masterdata.edit_partner",
        "crm.view",
        "crm.write_quotation",
        "crm.accept_quotation",
        "erp.view_order",
        "erp.write_order",
        "erp.confirm_order",
        "erp.view_purchase",
        "erp.receive_purchase",
        "erp.move_stock",
        "erp.count_stock",
        "erp.reserve_stock",
        "erp.view_stock",
        "erp.view_cost",
        "erp.pick_goods",
        "erp.pack_shipment",
        "erp.ship",
        "erp.set_shipping",
        "erp.record_delivery",
        "erp.authorise_return",
        "erp.receive_return",
        "aps.view_plan",
        "aps.ask_offer",
        "mes.send_machine_event",
        "mes.acknowledge_alarm",
    },
    "auditor": set(SEE_EVERYTHING),
    # A customer's own log-in: sees only what a portal link of theirs opens, nothing of the house.
    "portal": set(),
}

ROLES: dict[str, frozenset[str]] = {role: frozenset(deeds) for role, deeds in TABLE.items()}
LABELS = {
    "sales": "Sales",
    "planner": "Planner",
    "operator": "Operator",
    "shift_lead": "Shift lead",
    "buyer": "Buyer",
    "warehouse": "Warehouse",
    "accountant": "Accountant",
    "quality": "Quality",
    "maintenance": "Maintenance",
    "admin": "Administrator",
    "integration": "Integration",
    "auditor": "Auditor",
    "portal": "Customer portal",
}
DEEDS: frozenset[str] = frozenset().union(*ROLES.values())
