"""Addresses of profit."""

from django.urls import path

from erp.profit.views import groups, order

urlpatterns = [
    path("profit/", groups.Profit.as_view(), name="profit"),
    path("orders/<int:pk>/margin/", order.OrderProfit.as_view(), name="order_margin"),
]
