"""The shape of a part, as its drawing shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction

from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import Material
from mes import drawing
from mes.models import PartFeature, PartShape
from mes.selectors.shapes import panel_of


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureInput:
    """Holes in a row, or a groove; millimetres from the lower left corner of the inside face."""

    kind: str
    x_mm: Decimal
    y_mm: Decimal
    width_mm: Decimal
    depth_mm: Decimal
    count: int = 1
    pitch_mm: Decimal = Decimal(0)
    length_mm: Decimal = Decimal(0)
    is_upright: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ShapeInput:
    """A panel: dimensions, grain, edge bands (0: none), holes and grooves."""

    length_mm: Decimal
    width_mm: Decimal
    thickness_mm: Decimal
    grain: str = ""
    edge_front_mm: Decimal = Decimal(0)
    edge_back_mm: Decimal = Decimal(0)
    edge_left_mm: Decimal = Decimal(0)
    edge_right_mm: Decimal = Decimal(0)
    features: Sequence[FeatureInput] = field(default_factory=tuple)


@transaction.atomic
def write_shape(*, material_id: int, shape: ShapeInput, expected_version: int | None = None) -> PartShape:
    """The material's shape, in place of the one before. Locks it. Raises InvalidInput, StaleVersion."""
    material = Material.objects.get(pk=material_id)
    if shape.grain not in PartShape.Grain.values:
        raise InvalidInput("The grain runs along the length, along the width, or there is none.", field="grain")
    row = PartShape.objects.select_for_update(no_key=True).filter(material=material).order_by("pk").first()
    if row is None:
        row = PartShape(material=material)
    elif expected_version is not None and row.version != expected_version:
        raise StaleVersion("Somebody changed the shape meanwhile: look at it again.")
    else:
        row.version += 1
    for name in _MEASURES:
        setattr(row, name, getattr(shape, name))
    features = [_feature(one) for one in shape.features]
    try:
        drawing.check(panel_of(row, features, material.name))
    except drawing.WrongPanel as wrong:
        raise InvalidInput(str(wrong), field="features" if shape.features else "length_mm") from None
    row.save()
    row.features.all().delete()
    for one in features:
        one.shape = row
    PartFeature.objects.bulk_create(features)
    return row


_MEASURES = (
    "length_mm", "width_mm", "thickness_mm", "grain", "edge_front_mm", "edge_back_mm", "edge_left_mm", "edge_right_mm",
)  # fmt: skip


def _feature(one: FeatureInput) -> PartFeature:
    if one.kind not in PartFeature.Kind.values:
        raise InvalidInput("A feature is holes or a groove.", field="features")
    if one.count > 1 and one.pitch_mm <= 0:
        raise InvalidInput("Several holes in a row have a pitch above zero.", field="features")
    is_groove = one.kind == PartFeature.Kind.GROOVE
    return PartFeature(
        kind=one.kind, x_mm=one.x_mm, y_mm=one.y_mm, width_mm=one.width_mm, depth_mm=one.depth_mm,
        count=1 if is_groove else one.count, pitch_mm=one.pitch_mm if one.count > 1 and not is_groove else 0,
        length_mm=one.length_mm if is_groove else 0, is_upright=one.is_upright,
    )  # fmt: skip
