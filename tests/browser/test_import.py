"""Importing files in a real browser, with the real worker: choose, upload, watch, look, one click, done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from masterdata.models import DataImport, Material
from tests.browser.conftest import faults
from tests.suite import desks

SOON = 240_000  # ms: the worker steps back behind everything else, other tests' planners too


def test_an_administrator_imports_a_factory(enter: Callable[[str], Page], tmp_path: Path) -> None:
    page = enter("admin")
    page.get_by_role("navigation").get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="Upload files").first.click()
    assert faults(page) == []
    paths = sorted(desks.write(tmp_path).iterdir())
    page.set_input_files("input[type=file]", paths)
    expect(page.locator("#chosen-files")).to_contain_text("boms.csv")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("No faults. Importing writes")).to_be_visible(timeout=SOON)
    assert Material.objects.count() == 0
    page.get_by_role("link", name="First rows").click()
    expect(page.get_by_role("heading", name="Sales orders")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Import now").click()
    expect(page.get_by_text("Imported: ")).to_be_visible(timeout=SOON)
    page.reload()
    expect(page.get_by_text("Imported: ")).to_be_visible()
    assert Material.objects.count() == 4
    assert DataImport.objects.get().state == DataImport.State.DONE


def test_faults_are_shown_and_too_much_is_said_before_it_is_sent(enter: Callable[[str], Page], tmp_path: Path) -> None:
    """The giant is all hole; the browser knows its size and sends nothing."""
    page = enter("admin")
    page.goto("/imports/new/")
    giant = tmp_path / "stock.csv"
    with open(giant, "wb") as file:
        file.truncate(101 * 1024 * 1024)
    page.set_input_files("input[type=file]", giant)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("#chosen-files")).to_contain_text("101.0 MB chosen, at most 100.0 MB at once")
    assert not DataImport.objects.exists()
    units = tmp_path / "units.csv"
    units.write_text("code,name\nEA,Each\nEA,\n")
    page.set_input_files("input[type=file]", units)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_text("2 faults: nothing was imported.")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("each code once; it stands in row 2 already")).to_be_visible()
    assert faults(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert len(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()) == 3
