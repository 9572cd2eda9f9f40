"""Addresses of stock."""

from django.urls import path

from erp.stock import views

urlpatterns = [
    path("stock/", views.Stock.as_view(), name="stock"),
    path("stock/moves/", views.Moves.as_view(), name="moves"),
    path("parts/stock/<int:pk>/", views.of_material, name="stock_of_material"),
]
