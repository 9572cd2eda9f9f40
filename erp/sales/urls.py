"""Addresses of sales orders."""

from django.urls import path

from erp.sales.views import available, costs, deeds, order, orders, printed, releasing, shortening, together

urlpatterns = [
    path("orders/", orders.Orders.as_view(), name="orders"),
    path("orders/confirm/", together.ConfirmTogether.as_view(), name="orders_confirm"),
    path("orders/<int:pk>/", order.Order.as_view(), name="order"),
    path("orders/<int:pk>/available/", available.available, name="order_available"),
    path("orders/<int:pk>/pdf/", printed.Confirmation.as_view(), name="order_pdf"),
    path("orders/<int:pk>/confirm/", deeds.Confirm.as_view(), name="order_confirm"),
    path("orders/<int:pk>/cost/", costs.BookCost.as_view(), name="order_cost_book"),
    path("order-costs/<int:pk>/undo/", costs.UndoCost.as_view(), name="order_cost_undo"),
    path("work-orders/<int:pk>/close-short/", shortening.CloseShort.as_view(), name="work_order_close_short"),
    path("work-orders/<int:pk>/release/", releasing.Release.as_view(), name="work_order_release"),
    path("work-orders/<int:pk>/split/", shortening.Split.as_view(), name="work_order_split"),
]
