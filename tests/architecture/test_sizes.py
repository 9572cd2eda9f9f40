"""Nothing outgrows its size, and the check sees it when something does."""

from pathlib import Path

from suite.stack import places
from tests.architecture import sizes


def test_nothing_has_outgrown_its_size() -> None:
    assert sizes.too_large(places.ROOT) == []


def test_modules_are_named_after_their_subject() -> None:
    assert sizes.vaguely_named(places.ROOT) == []


def test_the_check_sees_what_is_too_large(tmp_path: Path) -> None:
    app, templates = tmp_path / "erp", tmp_path / "templates" / "erp"
    app.mkdir()
    templates.mkdir(parents=True)
    (app / "long.py").write_text("x = 1\n" * 401)
    (app / "deep.py").write_text("def deed():\n" + "    x = 1\n" * 41)
    (app / "fine.py").write_text("def deed():\n" + "    x = 1\n" * 40)
    (templates / "page.html").write_text("<p>\n" * 121)
    (app / "board.js").write_text("let a;\n" * 251)
    assert sizes.too_large(tmp_path) == [
        "erp/long.py: 401 lines, at most 400",
        "erp/deep.py: deed has 41 statements, at most 40",
        "templates/erp/page.html: 121 lines, at most 120",
        "erp/board.js: 251 lines, at most 250",
    ]


def test_the_check_sees_a_vague_name(tmp_path: Path) -> None:
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "utils.py").write_text("")
    assert sizes.vaguely_named(tmp_path) == ["crm/utils.py"]
