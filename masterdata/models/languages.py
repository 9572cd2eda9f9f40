"""Languages in which documents are written."""

from __future__ import annotations

from django.db import models

DEFAULT = "en"


class Language(models.TextChoices):
    """Each has its words in masterdata/documents/words."""

    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"
    FRENCH = "fr", "Français"
    SPANISH = "es", "Español"
    CHINESE = "zh-hans", "简体中文"
