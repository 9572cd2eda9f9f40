"""Foreign keys point inside the app or down: the database itself keeps the storeys."""

from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

STOREY = {"masterdata": 0, "erp": 1, "crm": 2, "aps": 2, "mes": 2, "suite": 3}
# Django's own tables stand below everything.
OUTSIDE = -1


def wrong_keys(rows: Iterable[type[models.Model]]) -> list[str]:
    """Relations that point up or sideways, as "app.Model.field -> app.Model"."""
    wrong = []
    for row in rows:
        for field in row._meta.get_fields():
            if not field.is_relation or field.auto_created or not isinstance(field.related_model, type):
                continue
            here, there = row._meta.app_label, field.related_model._meta.app_label
            if here != there and STOREY.get(there, OUTSIDE) >= STOREY[here]:
                wrong.append(f"{row._meta.label}.{field.name} -> {field.related_model._meta.label}")
    return wrong


def test_foreign_keys_follow_the_storeys() -> None:
    rows = [row for row in apps.get_models(include_auto_created=True) if row._meta.app_label in STOREY]
    assert len(rows) > 50
    assert wrong_keys(rows) == []


@isolate_apps("crm", "mes", "erp")
def test_the_check_sees_keys_that_point_up_or_sideways() -> None:
    class Promise(models.Model):
        class Meta:
            app_label = "crm"

    class Dispatch(models.Model):
        promise = models.ForeignKey(Promise, models.PROTECT)

        class Meta:
            app_label = "mes"

    class Order(models.Model):
        promises = models.ManyToManyField(Promise)

        class Meta:
            app_label = "erp"

    assert wrong_keys([Dispatch, Order]) == ["mes.Dispatch.promise -> crm.Promise", "erp.Order.promises -> crm.Promise"]
