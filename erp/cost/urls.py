"""Addresses of costing."""

from django.urls import path

from erp.cost import views

urlpatterns = [
    path("hour-rates/", views.HourRates.as_view(), name="hour_rates"),
    path("hour-rates/set/", views.SetHourRate.as_view(), name="hour_rate_set"),
    path("piece-rates/", views.PieceRates.as_view(), name="piece_rates"),
    path("piece-rates/set/", views.SetPieceRate.as_view(), name="piece_rate_set"),
    path("overheads/", views.Overheads.as_view(), name="overheads"),
    path("overheads/set/", views.SetOverhead.as_view(), name="overhead_set"),
]
