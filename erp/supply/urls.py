"""Addresses of buying."""

from django.urls import path

from erp.supply.views import needs, purchases

urlpatterns = [
    path("purchase-orders/", purchases.PurchaseOrders.as_view(), name="purchase_orders"),
    path("purchase-orders/<int:pk>/", purchases.PurchaseOrderPage.as_view(), name="purchase_order"),
    path("purchase-orders/<int:pk>/receive/", purchases.Receive.as_view(), name="purchase_receive"),
    path("purchase-orders/lines/<int:pk>/date/", needs.ConfirmDate.as_view(), name="purchase_confirm_date"),
    path("planned-orders/", needs.PlannedOrders.as_view(), name="planned_orders"),
    path("planned-orders/<int:pk>/buy/", needs.BuyPlanned.as_view(), name="planned_order_buy"),
    path("parts/prices/supplier/<int:pk>/", needs.prices_of, name="prices_of"),
    path("parts/prices/material/<int:pk>/", needs.prices_of_material, name="prices_of_material"),
]
