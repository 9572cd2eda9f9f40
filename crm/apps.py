"""Registration of the app."""

from django.apps import AppConfig


class CRMConfig(AppConfig):
    """The app."""

    name = "crm"
    default_auto_field = "django.db.models.BigAutoField"
