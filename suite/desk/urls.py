"""Addresses of questions and deeds across apps; they stand in the shell's namespace."""

from django.urls import path

from erp.sales.views import beside
from suite.desk import offers, rush, schedule, why

beside.register(schedule.order_actions)

urlpatterns = [
    path("orders/<int:pk>/why/", why.why_date, name="why_date"),
    path("ask/quote/", offers.quote_live, name="quote_live"),
    path("ask/quote/check/", offers.CheckNew.as_view(), name="quote_check"),
    path("ask/quote/check/<int:pk>/", offers.CheckEdit.as_view(), name="quote_check_edit"),
    path("ask/quote/answer/<slug:token>/", offers.quote_live_answer, name="quote_live_answer"),
    path("rush/ask/", rush.Ask.as_view(), name="rush_ask"),
    path("rush/ask/preview/", rush.preview, name="rush_preview"),
    path("rush/ask/preview/<slug:token>/", rush.preview_answer, name="rush_preview_answer"),
    path("rush/<int:pk>/ask-again/", rush.AskAgain.as_view(), name="rush_ask_again"),
    path("rush/options/<int:pk>/take/", rush.Take.as_view(), name="rush_take"),
    path("quotations/<int:pk>/schedule/", schedule.ScheduleQuotation.as_view(), name="quotation_schedule"),
    path("orders/<int:pk>/schedule/", schedule.ScheduleOrder.as_view(), name="order_schedule"),
    path("orders/<int:pk>/undo/", schedule.UndoSchedule.as_view(), name="order_undo"),
]
