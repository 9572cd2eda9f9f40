"""The drawing of a material, from its shape."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from mes import drawing
from mes.models import PartFeature, PartShape


def panel_of(shape: PartShape, features: Sequence[PartFeature], name: str) -> drawing.Panel:
    """What the drawing is made of."""
    return drawing.Panel(
        name=name,
        length=shape.length_mm,
        width=shape.width_mm,
        thickness=shape.thickness_mm,
        grain=shape.grain,
        edges=drawing.Edges(shape.edge_front_mm, shape.edge_back_mm, shape.edge_left_mm, shape.edge_right_mm),
        holes=[
            drawing.Holes(one.x_mm, one.y_mm, one.width_mm, one.depth_mm, one.count, one.pitch_mm, one.is_upright)
            for one in features
            if one.kind == PartFeature.Kind.HOLES
        ],
        grooves=[
            drawing.Groove(one.x_mm, one.y_mm, one.length_mm, one.width_mm, one.depth_mm, one.is_upright)
            for one in features
            if one.kind == PartFeature.Kind.GROOVE
        ],
    )


def drawing_of(material_id: int) -> SafeString:
    """The SVG of the variant, from its own shape; empty when it has none."""
    shape = (
        PartShape.objects.filter(material=material_id).select_related("material").prefetch_related("features").first()
    )
    if shape is None:
        return SafeString("")
    panel = panel_of(shape, list(shape.features.all()), f"{shape.material.code} {shape.material.name}")
    words = drawing.Words(
        grain=_("Grain"),
        deep=_("deep"),
        groove=_("Groove"),
        edge=_("edge"),
        inside=_("Inside face up"),
        thick=_("thick"),
    )
    return mark_safe(drawing.draw(panel, words))  # noqa: S308 (made of figures; its name is escaped there)
