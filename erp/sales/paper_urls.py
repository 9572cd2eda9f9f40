"""Address of order profit."""

from django.urls import path

from erp.sales.views import papers

urlpatterns = [
    path("order-profit/", papers.OrderProfit.as_view(), name="order_profit"),
]
