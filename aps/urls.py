"""Addresses of planning."""

from django.urls import path

from aps import views

app_name = "aps"

urlpatterns = [
    path("", views.Board.as_view(), name="board"),
    path("plants/<int:plant_id>/board.json", views.board_data, name="board_data"),
    path("plants/<int:plant_id>/orders/<int:order_id>/", views.order_panel, name="order_panel"),
    path("plants/<int:plant_id>/orders/<int:order_id>/why/", views.order_why, name="order_why"),
]
