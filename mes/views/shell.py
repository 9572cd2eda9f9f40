"""What a tablet keeps of the app itself, its version, and what its pages tell the scripts."""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from mes.forms import ESTIMATES

IDLE_SECONDS = 600
# Why a shift lead lets somebody work without the skill.
ALLOWANCES = (
    ("watched", _l("Somebody with the skill stands beside")),
    ("trained", _l("Trained, not entered yet")),
    ("urgent", _l("Urgent, and nobody else is here")),
    ("simple", _l("A simple part of the work only")),
)
# What stands in the head of every tablet page, in the order of base_bare.html and tablet.html.
SHEETS = (
    "npm/tabler/css/tabler.min.css",
    "npm/inter/index.css",
    "suite/tokens.css",
    "suite/base.css",
    "suite/shell.css",
    "suite/parts.css",
    "suite/lists.css",
    "suite/forms.css",
    "suite/tablet.css",
    "mes/tablet.css",
    "mes/sheets.css",
    "mes/drawing.css",
    "mes/app.css",
)
SCRIPTS = ("suite/theme.js", "npm/htmx/htmx.min.js", "mes/tablet.js", "mes/report.js", "mes/count.js")
# The reader of codes for browsers without one of their own.
READER = (
    "npm/barcode-detector/ponyfill.js",
    "npm/barcode-detector/zxing-exported.js",
    "npm/zxing/zxing_reader.wasm",
)
PICTURES = ("suite/mark.svg", "mes/icon.svg", "mes/icon-192.png", "mes/icon-512.png")


@lru_cache(maxsize=1)
def shell() -> tuple[str, tuple[str, ...]]:
    """The app's version, and the addresses that a tablet keeps; one look at the files per process."""
    here = Path(__file__).parent.parent / "static" / "mes" / "app"
    modules = [f"mes/app/{path.name}" for path in sorted(here.glob("*.js")) if path.name != "worker.js"]
    office = ["suite/app.js", *(f"suite/{name}.js" for name in ("shell", "menus", "notes", "lists", "forms", "live"))]
    fonts = [f"npm/inter/files/inter-latin{ext}-wght-normal.woff2" for ext in ("", "-ext")]
    names = [*SHEETS, *SCRIPTS, *office, "suite/paper.js", *modules, *READER, *PICTURES, *fonts]
    print_ = hashlib.sha256(os.environ.get("TABLET_VERSION", "").encode())
    kept = []
    for name in [*names, "mes/app/worker.js"]:
        path = finders.find(name)
        if path is None:
            continue
        print_.update(Path(path).read_bytes())
        if not name.endswith("worker.js"):
            kept.append(static(name))
    for part in sorted((Path(settings.BASE_DIR) / "templates" / "mes").glob("app/*.html")):
        print_.update(part.read_bytes())
    return print_.hexdigest()[:12], tuple(kept)


def context() -> dict[str, Any]:
    """What every page of the tablet tells its scripts, and the tiles of the sheets that are drawn by them."""
    words = [
        _("%(good)s good, %(scrap)s scrap"),
        _("Then %(made)s of %(all)s good, %(left)s to go"),
        _("Only %(left)s can be reported here"),
        _("Choose why there is scrap"),
        _("%(good)s good, %(scrap)s scrap, %(rework)s to rework"),
    ]
    return {
        "app_version": shell()[0],
        "idle_seconds": IDLE_SECONDS,
        "report_words": json.dumps([str(word) for word in words]),
        "estimates_json": json.dumps([["", _("Nobody knows")], *([minutes, str(word)] for minutes, word in ESTIMATES)]),
        "allowances_json": json.dumps([[key, str(word)] for key, word in ALLOWANCES]),
        "whys": [
            ("material", _("Material of the next one is missing"), "packages"),
            ("setup", _("The machine is set up for this one"), "adjustments"),
            ("told", _("The shift lead said so"), "user-check"),
            ("other", _("Another reason"), "dots"),
        ],
        "helps": [
            ("material", _("Material"), "packages"),
            ("quality", _("Quality"), "shield-exclamation"),
            ("machine", _("Machine"), "tool"),
            ("drawing", _("Drawing or instruction"), "file-text"),
            ("person", _("A second pair of hands"), "user-plus"),
            ("other", _("Something else"), "dots"),
        ],
    }
