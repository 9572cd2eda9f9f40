"""Registration of the app."""

from django.apps import AppConfig


class MESConfig(AppConfig):
    """The app."""

    name = "mes"
    default_auto_field = "django.db.models.BigAutoField"
