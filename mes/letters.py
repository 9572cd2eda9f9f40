"""The handover of a shift on paper, and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from masterdata.documents.labels import Label, labels_pdf
from masterdata.documents.letters import Cell, Column, Letter, Row
from masterdata.documents.parties import sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from mes import selectors
from mes.models import Handover
from mes.zpl import SIZES, Tag


def handover_pdf(row: Handover, language: str = "") -> Pdf:
    """In the language asked for, else the company's; days in the plant's time. `row` comes with plant and company."""
    company = row.plant.company
    say = wording(language, company.language)
    with timezone.override(ZoneInfo(row.plant.time_zone)):
        content = selectors.with_moments(selectors.handover_content(row))
        letter = Letter(
            language=say.language,
            title=say.title("handover"),
            number=f"{row.plant.code} {row.shift_name} {say.short_day(row.starts_at)}",
            sender=sender_of(company, say),
            page_of=say.page_of,
            recipient=[row.plant.name],
            facts=_facts(row, say),
            intro=row.notes.splitlines(),
            columns=[
                Column(say.head("place")),
                Column(say.head("description"), wide=True),
                Column(say.head("quantity"), "right"),
            ],
            rows=list(_rows(content, say)),
            closing=[row.remark] if row.remark else [],
            signature=[] if row.accepted_at else [say.text("handover_leaves"), say.text("handover_comes")],
            mark="" if row.signed_at else say.word("marks", "draft"),
        )
        return letter_pdf(letter)


def _facts(row: Handover, say: Wording) -> list[tuple[str, str]]:
    facts = [
        (say.fact("plant"), row.plant.code),
        (say.fact("start"), say.moment(row.starts_at)),
        (say.fact("end"), say.moment(row.ends_at)),
    ]
    if row.signed_at:
        facts.append((say.fact("handed_over_by"), f"{row.signed_by}, {say.moment(row.signed_at)}"))
    if row.accepted_at:
        facts.append((say.fact("accepted_by"), f"{row.accepted_by}, {say.moment(row.accepted_at)}"))
    return facts


def _rows(content: dict[str, Any], say: Wording) -> Iterator[Row]:
    """The parts that say something, each under its heading."""
    for key in ("made", "stops", "alarms", "holds", "faults", "quarantine", "notes", "plan", "people"):
        if content.get(key):
            yield Row(heading=say.word("handover", key))
            for one in content[key]:
                place, main, sub, figure = _cells(key, one, say)
                yield Row([Cell(place), Cell(main, [sub] if sub else []), Cell(figure)])


def _cells(key: str, one: dict[str, Any], say: Wording) -> tuple[str, str, str, str]:
    if key == "made":
        lost = [
            f"{say.number(Decimal(one[name]))} {say.word('handover', name)}"
            for name in ("scrap", "rework")
            if Decimal(one[name])
        ]
        good = say.quantity(Decimal(one["good"]), one["unit"])
        return one["machine"], f"{one['work_order']} {one['operation']}", ", ".join([one["material"], *lost]), good
    if key == "plan":
        behind = one["behind_min"]
        word = say.word("handover", "behind" if behind > 0 else "ahead")
        return one["machine"], word, "", f"{say.number(abs(behind))} min"
    if key == "people":
        until = say.moment(one["until"]) if one["until"] else ""
        return "", one["name"], "", f"{say.moment(one['since'])} – {until}"
    if key == "holds":
        return one["work_order"], f"{one['operation']}: {one['reason']}", "", say.moment(one["since"])
    moment = one.get("since") or one.get("at")
    main = one.get("text") or one.get("sentence") or " ".join(filter(None, (one.get("why"), one.get("job"))))
    sub = ", ".join(filter(None, (one.get("who"), one.get("owner"), one.get("work_order"))))
    return one.get("machine", ""), main, sub, say.moment(moment) if moment else ""


def labels(name: str, tags: Sequence[Tag], *, size: str, copies: int) -> Pdf:
    """All labels, each so many times, in the reader's language."""
    language: Any = translation.get_language() or ""
    made = [
        Label(title=tag.title, subtitle=tag.subtitle, facts=tag.facts, scanned=tag.scanned, has_qr=True)
        for tag in tags
        for _copy in range(copies)
    ]
    return labels_pdf(name, made, wording(language), SIZES[size])
