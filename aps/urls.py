"""Addresses of planning."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from aps.views import (
    board,
    board_page,
    board_run,
    board_why,
    compare,
    drafts,
    lists,
    paper,
    plants,
    proposals,
    runs,
    scenario_deeds,
    scenario_lists,
    scenarios,
    sooner,
    weights,
)

app_name = "aps"


class PieceConverter(IntConverter):
    """The id of an operation; those that a draft has split off are negative."""

    regex = "-?[0-9]+"


register_converter(PieceConverter, "piece")

urlpatterns = [
    path("", board_page.Board.as_view(), name="board"),
    path("plans/", lists.Plans.as_view(), name="plans"),
    path("late/", lists.LateOrders.as_view(), name="late_orders"),
    path("runs/", runs.Runs.as_view(), name="runs"),
    path("runs/<int:pk>/", runs.Run.as_view(), name="run"),
    path("runs/<int:pk>/now/", runs.RunNow.as_view(), name="run_now"),
    path("runs/<int:pk>/stop/", runs.StopRun.as_view(), name="run_stop"),
    path("plants/<int:plant_id>/optimise/", runs.Optimise.as_view(), name="optimise"),
    path("scenarios/", scenarios.Scenarios.as_view(), name="scenarios"),
    path("scenarios/new/", scenarios.NewScenario.as_view(), name="scenario_create"),
    path("scenarios/compare/", compare.Compare.as_view(), name="scenario_compare"),
    path("scenarios/changes/<int:pk>/remove/", scenario_deeds.RemoveChange.as_view(), name="scenario_change_remove"),
    path("scenarios/<int:pk>/", scenarios.ScenarioPage.as_view(), name="scenario"),
    path("scenarios/<int:pk>/now/", scenarios.ScenarioNow.as_view(), name="scenario_now"),
    path("scenarios/<int:pk>/edit/", scenarios.EditScenario.as_view(), name="scenario_edit"),
    path("scenarios/<int:pk>/orders/", scenario_lists.Orders.as_view(), name="scenario_orders"),
    path("scenarios/<int:pk>/operations/", scenario_lists.Operations.as_view(), name="scenario_operations"),
    path("scenarios/<int:pk>/changes/<slug:kind>/", scenario_deeds.AddChange.as_view(), name="scenario_change"),
    path("scenarios/<int:pk>/solve/", scenario_deeds.Solve.as_view(), name="scenario_solve"),
    path("scenarios/<int:pk>/stop/", scenario_deeds.Stop.as_view(), name="scenario_stop"),
    path("scenarios/<int:pk>/drop/", scenario_deeds.Drop.as_view(), name="scenario_drop"),
    path("scenarios/<int:pk>/promote/", scenario_deeds.Promote.as_view(), name="scenario_promote"),
    path("weights/", weights.AnyWeights.as_view(), name="any_weights"),
    path("weights/<int:plant_id>/", weights.Weights.as_view(), name="weights"),
    path("proposals/", proposals.Proposals.as_view(), name="proposals"),
    path("proposals/<int:pk>/", proposals.Proposal.as_view(), name="proposal"),
    path("proposals/<int:pk>/take/", proposals.Take.as_view(), name="proposal_take"),
    path("proposals/<int:pk>/leave/", proposals.Leave.as_view(), name="proposal_leave"),
    path("policy/", proposals.AnyPolicy.as_view(), name="any_policy"),
    path("policy/<int:plant_id>/", proposals.Policy.as_view(), name="policy"),
    path("lines/<int:pk>/plants/", plants.line_plants, name="line_plants"),
    path("lines/<int:pk>/sooner/", sooner.line_sooner, name="line_sooner"),
    path("plants/<int:plant_id>/board.json", board.board_data, name="board_data"),
    path("plants/<int:plant_id>/run/", board_run.board_run, name="board_run"),
    path("plants/<int:plant_id>/people.json", paper.people_load, name="people_load"),
    path("plants/<int:plant_id>/print/", paper.print_week, name="print_week"),
    path("plants/<int:plant_id>/draft.json", drafts.Draft.as_view(), name="draft"),
    path("plants/<int:plant_id>/orders/<int:order_id>/", board.order_panel, name="order_panel"),
    path("plants/<int:plant_id>/orders/<int:order_id>/why/", board.order_why, name="order_why"),
    path("plants/<int:plant_id>/operations/<piece:operation_id>/why/", board_why.operation_why, name="operation_why"),
]
