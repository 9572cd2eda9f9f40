"""Addresses of questions and deeds across apps; they stand in the shell's namespace."""

from django.urls import path

from erp.sales.views import beside
from mes import selectors as mes_now
from suite.desk import board, board_publish, offers, promise_why, rush, rush_deeds, rush_floor, rush_from, schedule, why

beside.register(schedule.order_actions)
beside.register(rush_from.order_actions)
beside.register_floor(mes_now.at_work)

urlpatterns = [
    path("plan/plants/<int:plant_id>/effect/", board.board_effect, name="board_effect"),
    path("plan/publish/", board_publish.Publish.as_view(), name="board_summary"),
    path("orders/<int:pk>/why/", why.why_date, name="why_date"),
    path("promises/<int:pk>/why/", promise_why.promise_why, name="promise_why"),
    path("ask/quote/", offers.quote_live, name="quote_live"),
    path("ask/quote/check/", offers.CheckNew.as_view(), name="quote_check"),
    path("ask/quote/check/<int:pk>/", offers.CheckEdit.as_view(), name="quote_check_edit"),
    path("ask/quote/answer/<slug:token>/", offers.quote_live_answer, name="quote_live_answer"),
    path("rush/ask/", rush.Ask.as_view(), name="rush_ask"),
    path("rush/ask/preview/", rush.preview, name="rush_preview"),
    path("rush/ask/preview/<slug:token>/", rush.preview_answer, name="rush_preview_answer"),
    path("rush/<int:pk>/ask-again/", rush.AskAgain.as_view(), name="rush_ask_again"),
    path("quotations/<int:pk>/schedule/", schedule.ScheduleQuotation.as_view(), name="quotation_schedule"),
    path("orders/<int:pk>/schedule/", schedule.ScheduleOrder.as_view(), name="order_schedule"),
    path("orders/<int:pk>/undo/", schedule.UndoSchedule.as_view(), name="order_undo"),
    path("rush/<int:pk>/undo/", rush_deeds.Undo.as_view(), name="rush_undo"),
    path("rush/options/<int:pk>/take/", rush_deeds.Take.as_view(), name="rush_take"),
    path("rush/options/<int:pk>/floor/", rush_floor.rush_floor, name="rush_floor"),
    path("rush/options/<int:pk>/ask-approval/", rush_deeds.AskApproval.as_view(), name="rush_ask_approval"),
    path("rush/approvals/<int:pk>/approve/", rush_deeds.Approve.as_view(), name="rush_approve"),
    path("rush/approvals/<int:pk>/reject/", rush_deeds.Reject.as_view(), name="rush_reject"),
    path("quotations/<int:pk>/rush/", rush_from.ForQuotation.as_view(), name="rush_for_quotation"),
    path("orders/<int:pk>/sooner/", rush_from.ForOrder.as_view(), name="rush_for_order"),
]
