"""Addresses of work orders."""

from django.urls import path

from erp.production import control_views as control
from erp.production import printed, views

urlpatterns = [
    path("work-orders/", views.WorkOrders.as_view(), name="work_orders"),
    path("work-orders/<int:pk>/", views.WorkOrderPage.as_view(), name="work_order"),
    path("work-orders/<int:pk>/traveller/", printed.Traveller.as_view(), name="work_order_traveller"),
    path("work-orders/<int:pk>/unrelease/", control.Unrelease.as_view(), name="work_order_unrelease"),
    path("work-orders/<int:pk>/rework/", control.Rework.as_view(), name="work_order_rework"),
    path("work-orders/<int:pk>/issue/", control.Issue.as_view(), name="work_order_issue"),
    path("work-orders/<int:pk>/give-back/", control.GiveBack.as_view(), name="work_order_give_back"),
]
