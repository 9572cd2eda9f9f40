"""Know one app and you know all: each has the same files, at its top or in its packages."""

from pathlib import Path

import pytest

from suite.stack import places

APPS = ("masterdata", "erp", "crm", "aps", "mes")
FILES = ("models", "facts", "selectors", "services", "views", "rest", "forms", "urls", "invariants")


def missing(app: Path) -> list[str]:
    """Files of the set that stand neither at the app's top nor in a package of it (erp is packages)."""
    places_for = [app, *(folder for folder in app.iterdir() if (folder / "__init__.py").exists())]
    return [
        name
        for name in FILES
        if not any((place / f"{name}.py").exists() or (place / name / "__init__.py").exists() for place in places_for)
    ]


@pytest.mark.parametrize("app", APPS)
def test_every_app_has_the_same_files(app: str) -> None:
    assert missing(places.ROOT / app) == []


def test_the_check_sees_a_file_that_is_missing(tmp_path: Path) -> None:
    for name in FILES[1:]:
        (tmp_path / f"{name}.py").touch()
    assert missing(tmp_path) == ["models"]
