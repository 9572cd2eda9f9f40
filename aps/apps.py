"""Registration of the app."""

from django.apps import AppConfig


class APSConfig(AppConfig):
    """The app."""

    name = "aps"
    default_auto_field = "django.db.models.BigAutoField"
