"""Addresses of profit."""

from django.urls import path

from erp.profit.views import order

urlpatterns = [path("orders/<int:pk>/margin/", order.OrderProfit.as_view(), name="order_margin")]
