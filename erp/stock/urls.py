"""Addresses of stock."""

from django.urls import path

from erp.stock import value_views, views

urlpatterns = [
    path("stock/value/", value_views.StockValue.as_view(), name="stock_value"),
    path("stock/value/<int:pk>/revalue/", value_views.Revalue.as_view(), name="revalue"),
    path("stock/moves/<int:pk>/undo/", value_views.ReverseMove.as_view(), name="reverse_move"),
    path("stock/moves/", views.Moves.as_view(), name="moves"),
    path("parts/stock/<int:pk>/", views.of_material, name="stock_of_material"),
]
