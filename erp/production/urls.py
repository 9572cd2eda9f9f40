"""Addresses of work orders."""

from django.urls import path

from erp.production import printed, views

urlpatterns = [
    path("work-orders/", views.WorkOrders.as_view(), name="work_orders"),
    path("work-orders/<int:pk>/", views.WorkOrderPage.as_view(), name="work_order"),
    path("work-orders/<int:pk>/traveller/", printed.Traveller.as_view(), name="work_order_traveller"),
    path("work-orders/<int:pk>/release/", views.Release.as_view(), name="work_order_release"),
]
