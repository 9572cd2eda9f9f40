"""Addresses of planning."""

from django.urls import path

from aps.views import board, lists, runs, weights

app_name = "aps"

urlpatterns = [
    path("", board.Board.as_view(), name="board"),
    path("plans/", lists.Plans.as_view(), name="plans"),
    path("late/", lists.LateOrders.as_view(), name="late_orders"),
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/<int:pk>/", runs.Run.as_view(), name="run"),
    path("runs/<int:pk>/now/", runs.RunNow.as_view(), name="run_now"),
    path("runs/<int:pk>/stop/", runs.StopRun.as_view(), name="run_stop"),
    path("plants/<int:plant_id>/optimise/", runs.Optimise.as_view(), name="optimise"),
    path("weights/", weights.AnyWeights.as_view(), name="any_weights"),
    path("weights/<int:plant_id>/", weights.Weights.as_view(), name="weights"),
    path("plants/<int:plant_id>/board.json", board.board_data, name="board_data"),
    path("plants/<int:plant_id>/orders/<int:order_id>/", board.order_panel, name="order_panel"),
    path("plants/<int:plant_id>/orders/<int:order_id>/why/", board.order_why, name="order_why"),
]
