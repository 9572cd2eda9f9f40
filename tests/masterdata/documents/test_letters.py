"""A letter as PDF: every word of it can be read back, nothing that people type is compiled."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from masterdata.documents import codes
from masterdata.documents.labels import Label, labels_pdf
from masterdata.documents.letters import Cell, Column, Letter, Payment, Row, Sender, Total
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.rendering import picture
from masterdata.documents.wording import Wording


def letter(language: str = "en", **changes: object) -> Letter:
    values: dict[str, object] = {
        "language": language,
        "title": "Invoice",
        "number": "INV-2026-00001",
        "sender": Sender(name="Oak and Sons", lines=["Mill Lane 1", "10115 Berlin"], footer=[["VAT no. DE1"]]),
        "page_of": Wording(language).page_of,
        "recipient": ["Corner shop", "High Street 2"],
        "facts": [("Date", "26 November 2026")],
        "intro": ["We deliver:"],
        "columns": [Column("No.", "right"), Column("Description", wide=True), Column("Amount", "right")],
        "rows": [Row([Cell("1"), Cell("Table", ["TABLE"], strong=True), Cell("100.00")])],
        "totals": [Total("Net", "100.00"), Total("Total", "119.00", strong=True)],
        "closing": ["Thank you."],
        "payment": Payment([("Bank", "DE02 1203 0000 0000 2020 51")]),
        "signature": ["Date, name"],
    }
    return Letter(**(values | changes))  # type: ignore[arg-type]


def text_of(pdf: Pdf) -> str:
    assert pdf.content.startswith(b"%PDF")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)


def test_everything_said_stands_on_paper() -> None:
    text = text_of(letter_pdf(letter()))
    for words in (
        "Oak and Sons", "Corner shop", "INV-2026-00001", "26 November 2026", "Table", "TABLE", "119.00", "Thank you.",
        "DE02 1203", "Date, name", "VAT no. DE1", "Page 1 of 1",
    ):  # fmt: skip
        assert words in text


def test_a_long_table_repeats_its_head_and_counts_its_pages() -> None:
    """120 lines take several pages: each has the head, the last says how many there are."""
    rows = [Row([Cell(str(no)), Cell(f"Table {no}", ["T"]), Cell("1.00")]) for no in range(1, 121)]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(letter_pdf(letter(rows=rows)).content)).pages]
    assert len(pages) > 2
    assert all("Description" in page for page in pages[:-1])
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]
    assert "Table 120" in "".join(pages)


@pytest.mark.parametrize(
    "payload",
    [
        '#read("/etc/passwd")',
        '#import "@preview/cetz:0.2.2"',
        '#image("https://example.org/x.png")',
        "#panic(1)",
        "*bold* _it_ $x^2$ @ref <label> \\ // comment",
        "#{ while true {} }",
        '") #eval("1+1") ("',
    ],
)
def test_what_people_type_is_set_as_it_is(payload: str) -> None:
    """Template code in any text field is text: it is printed, not run, and nothing is fetched."""
    cells = Row([Cell(payload), Cell(payload, [payload]), Cell(payload)])
    pdf = letter_pdf(letter(rows=[cells], recipient=[payload], closing=[payload], facts=[("Note", payload)]))
    found = "".join(text_of(pdf).split())
    assert "".join(payload.split()) in found
    assert "root:" not in found


def test_chinese_and_european_letters_are_there() -> None:
    """The fonts that come along have them: no empty boxes, the text reads back."""
    said = letter("zh-hans", intro=["感谢您的订单。现确认如下："], recipient=["Łódź Æther Ωmega Żółć"])
    text = text_of(letter_pdf(said))
    assert "感谢您的订单" in text
    assert "Łódź Æther Ωmega Żółć" in text


def test_a_legal_document_is_archival() -> None:
    """PDF/A-2b says so in its metadata; the same letter gives the same bytes."""
    dated = letter(dated_on=dt.date(2026, 11, 26))
    content = letter_pdf(dated, archival=True).content
    assert b"pdfaid" in content
    assert content == letter_pdf(dated, archival=True).content
    assert b"pdfaid" not in letter_pdf(dated).content


def test_a_file_name_is_fit_for_every_file_system() -> None:
    assert Pdf("Invoice INV-2026/1: ../../etc", b"").file_name == "Invoice-INV-2026-1-..-..-etc.pdf"
    assert Pdf("发票 7", b"").file_name == "发票-7.pdf"


def test_a_label_is_as_large_as_the_roll_and_says_what_is_scanned() -> None:
    """100 x 62 mm are 283.5 x 175.7 points; two labels are two pages."""
    labels = [Label(title=f"Oak board {no}", facts=[("Lot", "L1")], scanned=f"L-{no}", has_qr=True) for no in (1, 2)]
    pdf = labels_pdf("Labels", labels, Wording("en"))
    pages = PdfReader(io.BytesIO(pdf.content)).pages
    assert len(pages) == 2
    assert (round(float(pages[0].mediabox.width)), round(float(pages[0].mediabox.height))) == (283, 176)
    assert "L-2" in pages[1].extract_text()


def test_a_payment_code_is_made_only_when_it_can_be() -> None:
    """A wrong IBAN gives no code: the facts beside it still say how to pay."""
    iban = "DE02120300000000202051"
    good = codes.payment_qr(name="Oak", iban=iban, bic="BYLADEM1001", amount=Decimal(119), text="INV-1")
    assert good.startswith("<svg")
    assert codes.payment_qr(name="Oak", iban="nonsense", bic="", amount=Decimal(119), text="INV-1") == ""
    wrong_digit = "DE02120300000000202052"
    assert codes.payment_qr(name="Oak", iban=wrong_digit, bic="", amount=Decimal(119), text="INV-1") == ""


def test_pages_can_be_looked_at() -> None:
    assert picture("letter", letter().data())[0].startswith(b"\x89PNG")
