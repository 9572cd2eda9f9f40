"""Addresses of questions and deeds across apps; they stand in the shell's namespace."""

from django.urls import path

from suite.desk import offers, why

urlpatterns = [
    path("orders/<int:pk>/why/", why.why_date, name="why_date"),
    path("ask/offer/", offers.quote_offer, name="quote_offer"),
    path("ask/offer/<slug:token>/", offers.quote_answer, name="quote_answer"),
    path("rush/ask/", why.why_date, {"pk": 0}, name="rush_ask"),
]
