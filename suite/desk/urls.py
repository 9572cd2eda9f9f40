"""Addresses of questions and deeds across apps; they stand in the shell's namespace."""

from django.urls import path

from suite.desk import why

urlpatterns = [
    path("orders/<int:pk>/why/", why.why_date, name="why_date"),
]
