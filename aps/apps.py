"""Registration of the app."""

from django.apps import AppConfig


class APSConfig(AppConfig):
    name = "aps"
    default_auto_field = "django.db.models.BigAutoField"
