"""Addresses of questions and deeds across apps; they stand in the shell's namespace."""

from django.urls import path

from suite.desk import offers, rush, why

urlpatterns = [
    path("orders/<int:pk>/why/", why.why_date, name="why_date"),
    path("ask/offer/", offers.quote_offer, name="quote_offer"),
    path("ask/offer/<slug:token>/", offers.quote_answer, name="quote_answer"),
    path("rush/ask/", rush.Ask.as_view(), name="rush_ask"),
    path("rush/ask/preview/", rush.preview, name="rush_preview"),
    path("rush/ask/preview/<slug:token>/", rush.preview_answer, name="rush_preview_answer"),
    path("rush/<int:pk>/ask-again/", rush.AskAgain.as_view(), name="rush_ask_again"),
    path("rush/options/<int:pk>/take/", rush.Take.as_view(), name="rush_take"),
]
