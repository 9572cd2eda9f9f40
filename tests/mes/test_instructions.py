"""Work instructions: written, released, frozen, followed by the next version; pictures, marks, drawings of variants."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import WorkOrder
from masterdata import accounts
from masterdata.errors import InvalidInput
from masterdata.models import RoutingOperation, User
from mes import selectors
from mes import services as mes
from mes.formatted import as_markup
from mes.models import InstructionPicture, InstructionStep, PartShape, WorkInstruction
from mes.services.instructions import DraftExists, MarkInput, NotADraft, NothingToRelease
from mes.services.parts import FeatureInput, ShapeInput
from mes.services.pictures import UnusablePicture, clean_svg
from tests.erp.shop import NOW, Shop

D = Decimal
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LATER = NOW + dt.timedelta(days=1)


class Desk:
    """A table whose only step is sawn; `write` makes a draft with one step, `release` lets it hold."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.table = self.shop.make("TABLE")
        board = self.shop.buy("BOARD")
        self.shop.bom(self.table, (board, "1"))
        self.shop.stock(board, "10")
        self.saw = RoutingOperation.objects.get(routing__material=self.table)

    def write(self, title: str = "Saw it") -> WorkInstruction:
        row = mes.write_instruction(operation_id=self.saw.pk, now=NOW)
        mes.write_step(instruction_id=row.pk, title=title)
        return row

    def release(self, row: WorkInstruction, now: dt.datetime = NOW) -> WorkInstruction:
        return mes.release_instruction(instruction_id=row.pk, now=now)

    def job(self) -> WorkOrder:
        self.shop.order((self.table, "1"))
        return WorkOrder.objects.order_by("-pk")[0]

    def person(self, role: str = "quality") -> User:
        return accounts.create_user(username=role, roles=[accounts.Role(role, self.shop.company)])


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def test_a_version_is_released_and_the_one_before_is_retired(desk: Desk) -> None:
    first = desk.release(desk.write())
    second = mes.write_instruction(operation_id=desk.saw.pk, now=LATER)
    assert [step.title for step in second.steps.all()] == ["Saw it"]
    desk.release(second, LATER)
    states = WorkInstruction.objects.order_by("version_no").values_list("version_no", "state")
    assert list(states) == [(1, "retired"), (2, "released")]
    first.refresh_from_db()
    assert first.retired_at == LATER


def test_only_one_draft_is_written_at_a_time_and_an_empty_one_is_not_released(desk: Desk) -> None:
    draft = mes.write_instruction(operation_id=desk.saw.pk, now=NOW)
    with pytest.raises(DraftExists):
        mes.write_instruction(operation_id=desk.saw.pk, now=NOW)
    with pytest.raises(NothingToRelease):
        desk.release(draft)
    mes.drop_instruction(instruction_id=draft.pk)
    assert not WorkInstruction.objects.exists()


def test_a_released_version_is_changed_neither_by_services_nor_behind_their_back(desk: Desk) -> None:
    row = desk.release(desk.write())
    with pytest.raises(NotADraft, match="make a new version"):
        mes.write_step(instruction_id=row.pk, title="More")
    changes = (
        lambda: InstructionStep.objects.update(title="Other"),
        lambda: InstructionStep.objects.all().delete(),
        lambda: WorkInstruction.objects.update(note="Other"),
        lambda: InstructionStep.objects.create(instruction=row, step_no=2, title="More"),
    )
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_job_follows_the_version_that_held_when_it_was_released(desk: Desk) -> None:
    """Version 1 on day 0, the job released on day 1, version 2 on day 2: the job still shows version 1, the next 2."""
    desk.release(desk.write("First"))
    job = desk.job()
    erp.release_work_order(work_order_id=job.pk, now=LATER)
    second = mes.write_instruction(operation_id=desk.saw.pk, now=LATER)
    desk.release(second, NOW + dt.timedelta(days=2))
    shown = selectors.instructions_of(job.operations.get().pk)
    assert shown is not None
    assert (shown.instruction.version_no, shown.is_newer) == (1, False)
    other = desk.job()
    shown = selectors.instructions_of(other.operations.get().pk)
    assert shown is not None
    assert shown.instruction.version_no == 2


def test_a_job_released_before_anybody_wrote_shows_the_first_version_since(desk: Desk) -> None:
    job = desk.job()
    assert selectors.instructions_of(job.operations.get().pk) is None
    erp.release_work_order(work_order_id=job.pk, now=NOW)
    desk.release(desk.write(), LATER)
    shown = selectors.instructions_of(job.operations.get().pk)
    assert shown is not None
    assert shown.is_newer


def test_steps_change_places_and_close_up(desk: Desk) -> None:
    row = desk.write("One")
    two, three = (mes.write_step(instruction_id=row.pk, title=title) for title in ("Two", "Three"))
    mes.move_step(instruction_id=row.pk, step_id=three.pk, by_places=-1)
    mes.remove_step(instruction_id=row.pk, step_id=two.pk)
    assert list(row.steps.values_list("step_no", "title")) == [(1, "One"), (2, "Three")]
    mes.move_step(instruction_id=row.pk, step_id=three.pk, by_places=1)
    assert row.steps.get(pk=three.pk).step_no == 2


def test_marks_need_a_picture_and_numbers_of_their_own(desk: Desk) -> None:
    row = desk.write()
    step = row.steps.get()
    mark = MarkInput(number=1, x_percent=D("12.5"), y_percent=D(40), text="37 ±0.2", characteristic_id=7)
    with pytest.raises(InvalidInput, match="picture or the drawing"):
        mes.mark_picture(instruction_id=row.pk, step_id=step.pk, marks=[mark])
    mes.write_step(instruction_id=row.pk, step_id=step.pk, title="Saw", picture=("a.png", PNG))
    with pytest.raises(InvalidInput, match="number of its own"):
        mes.mark_picture(instruction_id=row.pk, step_id=step.pk, marks=[mark, mark])
    mes.mark_picture(instruction_id=row.pk, step_id=step.pk, marks=[mark])
    desk.release(row)
    after = mes.write_instruction(operation_id=desk.saw.pk, now=LATER)
    copied = after.steps.get()
    assert [(one.number, one.text, one.characteristic_id) for one in copied.marks.all()] == [(1, "37 ±0.2", 7)]
    assert InstructionPicture.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 ...", "PDF is not shown"),
        (b"GIF89a", "Send a PNG"),
        (b"<html><svg/></html>", "Send a PNG"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', "entities"),
        (b"<svg", "can't be read"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_send(desk: Desk, content: bytes, said: str) -> None:
    row = desk.write()
    with pytest.raises(UnusablePicture, match=said):
        mes.write_step(instruction_id=row.pk, title="x", picture=("x", content))


def test_an_svg_loses_all_that_is_not_drawing() -> None:
    dirty = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"
        viewBox="0 0 9 9" onload="alert(1)"><script>alert(2)</script><style>*{background:url(//e.example)}</style>
        <a href="javascript:alert(3)"><rect width="3" height="3"/></a><foreignObject><b/></foreignObject>
        <image x:href="http://e.example/x.png"/><use x:href="http://e.example/x.svg#a"/><use href="#b"/>
        <rect width="4" height="4" style="fill:red;background:url(http://e.example)" fill="url(http://e.example)"
        onclick="x()"/><animate attributeName="href"/></svg>"""
    clean = clean_svg(dirty).decode()
    for bad in ("script", "alert", "e.example", "onload", "onclick", "style", "foreign", "image", "animate", "<a"):
        assert bad not in clean
    assert 'href="#b"' in clean
    assert 'fill="red"' in clean


def test_text_is_paragraphs_lists_and_bold_and_nothing_else() -> None:
    text = "Set the **fence**.\nThen\n\n- first\n- <b>second</b>"
    assert as_markup(text) == (
        "<p>Set the <strong>fence</strong>.<br>Then</p><ul><li>first</li><li>&lt;b&gt;second&lt;/b&gt;</li></ul>"
    )


def test_a_variant_is_drawn_from_its_own_figures(desk: Desk) -> None:
    holes = FeatureInput(kind="holes", x_mm=D(352), y_mm=D(37), width_mm=D(5), depth_mm=D(12), count=49, pitch_mm=D(32))
    shape = ShapeInput(length_mm=D(2360), width_mm=D(580), thickness_mm=D(18), grain="length", features=[holes])
    mes.write_shape(material_id=desk.table.pk, shape=shape)
    row = desk.write()
    mes.write_step(instruction_id=row.pk, step_id=row.steps.get().pk, title="Drill", shows_drawing=True)
    shown = selectors.shown_instruction(row, desk.table.pk)
    assert "48 × 32 = 1536" in shown.steps[0].drawing
    far = FeatureInput(kind="holes", x_mm=D(2400), y_mm=D(37), width_mm=D(5), depth_mm=D(12))
    with pytest.raises(InvalidInput, match="outside of the panel"):
        mes.write_shape(
            material_id=desk.table.pk,
            shape=ShapeInput(length_mm=D(2360), width_mm=D(580), thickness_mm=D(18), features=[far]),
        )
    assert PartShape.objects.get().features.count() == 1


def test_it_is_written_marked_and_released_by_the_pages(desk: Desk, client: Client) -> None:
    client.force_login(desk.person())
    begun = client.post(reverse("mes:instruction_create"), {"operation": desk.saw.pk})
    row = WorkInstruction.objects.get()
    assert begun.headers["Location"] == reverse("mes:instruction", args=[row.pk])
    file = SimpleUploadedFile("side.png", PNG, "image/png")
    step = {"title": "Set the fence", "text": "To **600**", "picture": file}
    assert client.post(reverse("mes:step_create", args=[row.pk]), step).status_code == 302
    saved = row.steps.get()
    marks = {"number": ["1", ""], "x": ["10", ""], "y": ["20,5", ""], "text": ["here", ""], "characteristic": ["", ""]}
    assert client.get(reverse("mes:step_marks", args=[row.pk, saved.pk])).status_code == 200
    assert client.post(reverse("mes:step_marks", args=[row.pk, saved.pk]), marks).status_code == 302
    assert saved.marks.get().y_percent == D("20.5")
    page = client.get(reverse("mes:instruction", args=[row.pk])).content.decode()
    assert "<strong>600</strong>" in page
    picture = client.get(reverse("mes:instruction_picture", args=[saved.picture_id]))
    assert (picture.content, picture.headers["X-Content-Type-Options"]) == (PNG, "nosniff")
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert client.post(reverse("mes:instruction_release", args=[row.pk]), {"note": "First"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.note) == ("released", "First")
    assert client.get(reverse("mes:instruction_preview", args=[row.pk])).status_code == 200
    assert client.get(reverse("mes:instructions")).status_code == 200
    late = client.post(reverse("mes:step_create", args=[row.pk]), {"title": "Late"})
    assert (late.status_code, "make a new version" in late.content.decode()) == (422, True)


def test_who_only_reads_does_not_write(desk: Desk, client: Client) -> None:
    row = desk.release(desk.write())
    client.force_login(desk.person("operator"))
    assert client.get(reverse("mes:instruction", args=[row.pk])).status_code == 200
    assert client.post(reverse("mes:instruction_next", args=[row.pk])).status_code == 403


def test_a_shape_is_written_by_its_page(desk: Desk, client: Client) -> None:
    client.force_login(desk.person())
    url = reverse("mes:shape", args=[desk.table.pk])
    assert client.get(url).status_code == 200
    given = {
        "rows": "3", "length_mm": "600", "width_mm": "400", "thickness_mm": "18", "grain": "length",
        "edge_front_mm": "1", "0-kind": "holes", "0-x_mm": "50", "0-y_mm": "50", "0-width_mm": "8", "0-depth_mm": "12",
        "0-count": "2", "0-pitch_mm": "200",
    }  # fmt: skip
    answer = client.post(url, given)
    assert answer.status_code == 302, answer.content.decode()
    assert "1 × 200 = 200" in client.get(url).content.decode()
    wrong = client.post(url, given | {"0-x_mm": "590"})
    assert (wrong.status_code, "outside of the panel" in wrong.content.decode()) == (422, True)
    assert client.get(reverse("mes:shapes")).status_code == 200


def test_over_rest_it_is_written_marked_and_released(desk: Desk, client: Client) -> None:
    client.force_login(desk.person())
    key = iter(range(99))

    def post(path: str, **body: object) -> dict[str, object]:
        answer = client.post(
            f"/api/v1/mes/instructions/{path}", body, "application/json", headers={"Idempotency-Key": f"k{next(key)}"}
        )
        assert answer.status_code in (200, 201), answer.content
        found: dict[str, object] = answer.json()
        return found

    row = post("", operation=desk.saw.pk)
    picture = base64.b64encode(PNG).decode()
    written = post(f"{row['id']}/write-step/", title="Saw", picture_base64=picture)
    step = written["steps"][0]["id"]  # type: ignore[index]
    mark = {"number": 1, "x_percent": "10.00", "y_percent": "20.00"}
    marked = post(f"{row['id']}/mark/", step=step, marks=[mark])
    assert marked["steps"][0]["marks"][0]["x_percent"] == "10.00"  # type: ignore[index]
    assert post(f"{row['id']}/release/", note="First")["state"] == "released"
    shape = {"material": desk.table.pk, "length_mm": "600", "width_mm": "400", "thickness_mm": "18"}
    made = client.post("/api/v1/mes/part-shapes/", shape, "application/json", headers={"Idempotency-Key": "s1"})
    assert made.status_code == 201, made.content
    assert made.json()["svg"].startswith("<svg")
