"""What the ids in facts name: how a webhook finds whose a fact is, and where its rows are read. And who is woken."""

from __future__ import annotations

from collections.abc import Sequence

from aps import models as aps
from crm import models as crm
from erp import models as erp
from masterdata import models as masterdata
from masterdata.webhooks.places import Place
from mes import models as mes

FIELDS: dict[str, Place] = {
    "plant_id": Place(masterdata.Plant, "masterdata/plants"),
    "company_id": Place(masterdata.Company, "masterdata/companies"),
    "customer_id": Place(masterdata.Partner, "masterdata/partners"),
    "material_id": Place(masterdata.Material, "masterdata/materials"),
    "machine_id": Place(masterdata.Machine, "masterdata/machines"),
    "routing_id": Place(masterdata.Routing, "masterdata/routings"),
    "order_id": Place(erp.SalesOrder, "erp/sales-orders"),
    "order_line_id": Place(erp.SalesOrderLine),
    "work_order_id": Place(erp.WorkOrder, "erp/work-orders"),
    "purchase_order_id": Place(erp.PurchaseOrder, "erp/purchase-orders"),
    "receipt_id": Place(erp.Receipt, "erp/receipts"),
    "shipment_id": Place(erp.Shipment, "erp/shipments"),
    "invoice_id": Place(erp.Invoice, "erp/invoices"),
    "payment_id": Place(erp.Payment, "erp/payments"),
    "plan_id": Place(aps.Plan, "aps/plans"),
    "downtime_id": Place(mes.Downtime, "mes/downtimes"),
    "quotation_id": Place(crm.Quotation, "crm/quotations"),
    "request_id": Place(crm.RushRequest, "crm/rush-requests"),
    "promise_id": Place(crm.Promise, "crm/promises"),
    "notice_id": Place(crm.Notice, "crm/notices"),
    "contract_id": Place(crm.Contract, "crm/contracts"),
    "message_id": Place(crm.Message, "crm/messages"),
    "offer_id": Place(crm.EarlierOffer, "crm/earlier-offers"),
    "case_id": Place(crm.Case, "crm/cases"),
    "lead_id": Place(crm.Lead, "crm/leads"),
    "opportunity_id": Place(crm.Opportunity, "crm/opportunities"),
}
OF_KIND: dict[tuple[str, str], Place] = {
    ("ReminderSent", "notice_id"): Place(erp.DunningNotice, "erp/dunning-notices"),
    ("RushApprovalAsked", "option_id"): Place(crm.RushOption, "crm/rush-options"),
    ("RushApprovalAsked", "approval_id"): Place(crm.RushApproval, "crm/rush-approvals"),
    ("RushApprovalDecided", "approval_id"): Place(crm.RushApproval, "crm/rush-approvals"),
    ("PriceApprovalAsked", "approval_id"): Place(crm.QuotationApproval, "crm/quotation-approvals"),
    ("PriceApprovalDecided", "approval_id"): Place(crm.QuotationApproval, "crm/quotation-approvals"),
    ("GoodsCameBack", "return_id"): Place(erp.CustomerReturn, "erp/customer-returns"),
}


def wake(endpoint_ids: Sequence[int]) -> None:
    """Have somebody send to these endpoints. A broker that does not answer costs a second: the relay finds them."""
    from suite import tasks

    tasks.wake_webhooks(endpoint_ids)
