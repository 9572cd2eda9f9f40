"""Addresses of the ledger."""

from django.urls import path

from erp.ledger import views

urlpatterns = [
    path("ledger/journal/", views.Lines.as_view(), name="journal"),
    path("ledger/entries/<int:pk>/", views.EntryPage.as_view(), name="journal_entry"),
]
