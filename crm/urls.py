"""Addresses of customers, quotations, rush requests, promises and notices."""

from django.urls import path

from crm.views import contract_deeds, contracts, customers, editor, printed, promises, quotations, rush

app_name = "crm"

urlpatterns = [
    path("quotations/", quotations.Quotations.as_view(), name="quotations"),
    path("quotations/new/", editor.Create.as_view(), name="quotation_create"),
    path("quotations/line/", editor.line, name="quotation_line"),
    path("quotations/<int:pk>/", quotations.QuotationPage.as_view(), name="quotation"),
    path("quotations/<int:pk>/pdf/", printed.QuotationPdf.as_view(), name="quotation_pdf"),
    path("quotations/<int:pk>/edit/", editor.Edit.as_view(), name="quotation_edit"),
    path("quotations/<int:pk>/accept/", quotations.Accept.as_view(), name="quotation_accept"),
    path("quotations/<int:pk>/lose/", quotations.Lose.as_view(), name="quotation_lose"),
    path("contracts/", contracts.Contracts.as_view(), name="contracts"),
    path("contracts/new/", contract_deeds.Create.as_view(), name="contract_create"),
    path("contracts/<int:pk>/", contracts.ContractPage.as_view(), name="contract"),
    path("contracts/<int:pk>/pdf/", contract_deeds.ContractPdf.as_view(), name="contract_pdf"),
    path("contracts/<int:pk>/edit/", contract_deeds.Edit.as_view(), name="contract_edit"),
    path("contracts/<int:pk>/release/", contract_deeds.Release.as_view(), name="contract_release"),
    path("contracts/<int:pk>/amend/", contract_deeds.Amend.as_view(), name="contract_amend"),
    path("contracts/<int:pk>/call-off/", contract_deeds.CallOffContract.as_view(), name="contract_call_off"),
    path("contracts/<int:pk>/plan/", contract_deeds.PlanCallOffs.as_view(), name="contract_plan"),
    path("contracts/<int:pk>/renew/", contract_deeds.Renew.as_view(), name="contract_renew"),
    path("contracts/<int:pk>/notice/", contract_deeds.GiveNotice.as_view(), name="contract_notice"),
    path("contracts/<int:pk>/end/", contract_deeds.End.as_view(), name="contract_end"),
    path("contracts/<int:pk>/cancel/", contract_deeds.Cancel.as_view(), name="contract_cancel"),
    path("planned-call-offs/<int:pk>/drop/", contract_deeds.DropPlanned.as_view(), name="planned_drop"),
    path("planned-call-offs/<int:pk>/call/", contract_deeds.CallPlanned.as_view(), name="planned_call"),
    path("customers/<int:pk>/contracts/", contracts.customer_contracts, name="customer_contracts"),
    path("rush/", rush.RushRequests.as_view(), name="rush_requests"),
    path("rush/<int:pk>/", rush.RushPanel.as_view(), name="rush_request"),
    path("rush/<int:pk>/drop/", rush.Drop.as_view(), name="rush_drop"),
    path("customers/", customers.Customers.as_view(), name="customers"),
    path("customers/<int:pk>/", customers.Customer.as_view(), name="customer"),
    path("promises/", promises.Promises.as_view(), name="promises"),
    path("notices/", promises.Notices.as_view(), name="notices"),
    path("orders/<int:pk>/promises/", promises.order_promises, name="order_promises"),
    path("orders/<int:pk>/notices/", promises.order_notices, name="order_notices"),
]
