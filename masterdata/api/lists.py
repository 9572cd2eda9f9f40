"""Lists over REST: pages, filters by id and value, search, order."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db import models
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework.pagination import PageNumberPagination


class IdFilter(django_filters.Filter):
    """By id, without a look whether such a row exists: foreign and missing ids find the same nothing."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("distinct", "__" in str(kwargs.get("field_name")))  # the path may lead through many rows
        super().__init__(**kwargs)


class Filters(FilterSet):
    """Filters made from a viewset's `filterset_fields`; foreign keys by plain id."""

    FILTER_DEFAULTS: ClassVar[dict[Any, Any]] = FilterSet.FILTER_DEFAULTS | {
        models.ForeignKey: {"filter_class": IdFilter},
        models.OneToOneField: {"filter_class": IdFilter},
        models.AutoField: {"filter_class": IdFilter},
    }


class FilterBackend(DjangoFilterBackend):
    filterset_base = Filters


class Pages(PageNumberPagination):
    """`page` and `page_size`, 50 rows unless said otherwise, 500 at most."""

    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
