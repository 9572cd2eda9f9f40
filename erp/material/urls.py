"""Addresses of the parts of a material's page."""

from django.urls import path

from erp.material import views

urlpatterns = [
    path("parts/material/<int:pk>/outlook/", views.outlook, name="material_outlook"),
    path("parts/material/<int:pk>/components/", views.components, name="material_components"),
    path("parts/material/<int:pk>/purchases/", views.purchases, name="material_purchases"),
]
