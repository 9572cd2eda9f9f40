"""Registration of the app."""

from django.apps import AppConfig


class MasterdataConfig(AppConfig):
    """The app."""

    name = "masterdata"
    default_auto_field = "django.db.models.BigAutoField"
