"""By-products and substitutes of a BOM version over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from masterdata import services
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.models import BomByproduct, BomSubstitute, Material, Plant


class ByproductRow(Row):
    class Meta:
        model = BomByproduct
        fields = ("id", "line_no", "material", "quantity", "unit", "cost_share_percent")


class SubstituteRow(Row):
    class Meta:
        model = BomSubstitute
        fields = ("id", "material", "ratio", "priority", "plant", "valid_from", "valid_until", "by_itself")


class ByproductBody(Body):
    """What else comes out beside a base quantity; without a share of the cost it is worth what its stock is worth."""

    material = Visible(queryset=Material.objects.all())
    quantity = Amount()
    cost_share_percent = serializers.DecimalField(
        max_digits=6, decimal_places=3, min_value=0, required=False, allow_null=True
    )

    @staticmethod
    def all_meant(given: list[dict[str, Any]] | None) -> list[services.ByproductInput] | None:
        """As the service takes them; None when nothing was said."""
        if given is None:
            return None
        return [
            services.ByproductInput(one["material"].pk, one["quantity"], one.get("cost_share_percent")) for one in given
        ]


class SubstituteBody(Body):
    """A material that may be used instead: `ratio` base units of it for one of the component."""

    material = Visible(queryset=Material.objects.all())
    ratio = Amount(default=1)
    priority = serializers.IntegerField(min_value=1, max_value=999, default=1)
    plant = Visible(queryset=Plant.objects.all(), required=False, allow_null=True)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    by_itself = serializers.BooleanField(default=False)

    @staticmethod
    def all_meant(given: list[dict[str, Any]] | None) -> list[services.SubstituteInput] | None:
        """As the service takes them; None when nothing was said."""
        if given is None:
            return None
        return [
            services.SubstituteInput(
                material_id=one["material"].pk,
                ratio=one["ratio"],
                priority=one["priority"],
                plant_id=one["plant"].pk if one.get("plant") else None,
                valid_from=one.get("valid_from"),
                valid_until=one.get("valid_until"),
                by_itself=one["by_itself"],
            )
            for one in given
        ]
