"""The shape of a part: its dimensions, edges, holes and grooves, and the drawing that follows from them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata.access import visible_to
from masterdata.models import Material
from masterdata.pages import Action, Code, Column, EditPage, Empty, ListPage, Number
from mes import selectors, services
from mes.instruction_forms import ShapeForm
from mes.models import PartShape

SEE, WRITE = "mes.view_instructions", "mes.write_instructions"


class Shapes(ListPage):
    """Parts that have a drawing."""

    permission = SEE
    title, question = _l("Drawings of parts"), _l("Which parts are drawn, and how large are they?")
    columns = [
        Code("material.code", _l("Part"), sort="material__code", link=True),
        Column("material.name", _l("Name"), css="wide"),
        Number("length_mm", _l("Length"), places=1),
        Number("width_mm", _l("Width"), places=1),
        Number("thickness_mm", _l("Thickness"), places=1),
        Column("get_grain_display", _l("Grain")),
    ]
    search_fields = ["material__code", "material__name"]
    order_by = "material__code"
    empty = Empty(_l("No drawings yet"), _l("Give a part its dimensions, and it draws itself."), "ruler-measure")

    def get_rows(self) -> QuerySet[Any]:
        return PartShape.objects.select_related("material")

    def get_url(self, row: Any) -> str:
        return reverse("mes:shape", args=[row.material_id])

    def get_actions(self) -> list[Action]:
        return [Action(_("Work instructions"), reverse("mes:instructions"), "notes", SEE)]


class Shape(EditPage):
    """One part."""

    permission, form_class, version_field = WRITE, ShapeForm, ""
    template_name = "mes/shape.html"
    done_message = _l("Saved: the drawing is made anew.")

    def get_rows(self) -> QuerySet[Material]:
        return visible_to(self.request.user, Material.objects.all(), WRITE)

    @property
    def shape(self) -> PartShape | None:
        return PartShape.objects.filter(material=self.get_object()).first()

    def get_title(self) -> Any:
        return _("Drawing of %(code)s") % {"code": self.get_object().code}

    def get_back(self) -> tuple[Any, str]:
        return _("Drawings of parts"), reverse("mes:shapes")

    def get_initial(self) -> dict[str, Any]:
        shape = self.shape
        return {} if shape is None else {name: getattr(shape, name) for name in ShapeForm.base_fields}

    def get_form_kwargs(self) -> dict[str, Any]:
        shape = self.shape
        return {"features": list(shape.features.all()) if shape else []}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        drawing = selectors.drawing_of(self.get_object().pk)
        return super().get_context_data(form) | {"drawing": drawing, "subtitle": self.get_object().name}

    def perform(self, form: Any) -> str:
        services.write_shape(material_id=self.get_object().pk, shape=form.shape())
        return reverse("mes:shape", args=[self.get_object().pk])
