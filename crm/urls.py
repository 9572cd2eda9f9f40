"""Addresses of customers, quotations, rush requests, promises and notices."""

from django.urls import path

from crm.views import customers, editor, printed, promises, quotations, rush

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
