"""Addresses of the hub, gathered from its packages."""

from django.urls import include, path

app_name = "erp"

urlpatterns = [
    path("", include("erp.banking.urls")),
    path("", include("erp.fulfilment.urls")),
    path("", include("erp.cost.urls")),
    path("", include("erp.books.urls")),
    path("", include("erp.ledger.urls")),
    path("", include("erp.material.urls")),
    path("", include("erp.payables.urls")),
    path("", include("erp.planning.urls")),
    path("", include("erp.production.urls")),
    path("", include("erp.profit.urls")),
    path("", include("erp.receivables.urls")),
    path("", include("erp.sales.credit_urls")),
    path("", include("erp.sales.paper_urls")),
    path("", include("erp.sales.urls")),
    path("", include("erp.standards.urls")),
    path("", include("erp.stock.urls")),
    path("", include("erp.stockroom.urls")),
    path("", include("erp.stockroom.floor_urls")),
    path("", include("erp.supply.urls")),
]
