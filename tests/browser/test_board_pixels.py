"""What the board looks like: fixed scenes beside pictures that are kept, and every layer of the drawing is seen.

The pictures are averages of eight by eight pixels: how a machine draws the edge of a letter makes no difference there,
a layer that is not drawn does. After a change that is meant, look at the scenes and keep the new pictures:
`python3 manage.py shell -c "from tests.browser.test_board_pixels import write; write()"`.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route, sync_playwright

from suite.stack import places
from tests.board.made_plan import plan

HERE = Path(__file__).parent / "scenes"
FOLDERS = {
    "scenes": HERE,
    "board": places.ROOT / "aps" / "static" / "aps" / "board",
    "inter": Path(settings.NODE_MODULES, "@fontsource-variable", "inter"),
}
ADDRESS = "http://board.test/scenes/scene.html"
SIZE = {"width": 1200, "height": 720}
OPERATIONS, MACHINES, PLANTS = 320, 20, 2
LEAST, MOST = 14, 14
"""An average differs by more than LEAST of 255; a scene may have MOST of those, of 13,500."""


def serve(route: Route) -> None:
    """A file of the project, to a page that has no server."""
    folder, _, name = route.request.url.removeprefix("http://board.test/").partition("/")
    path = FOLDERS.get(folder, HERE) / name
    if path.is_file():
        route.fulfill(path=path)
    else:
        route.fulfill(status=404, body="")


def opened(browser: Browser) -> tuple[Page, dict[str, list[str]]]:
    """The page of the scenes, and the names of scenes and layers."""
    page = browser.new_page(viewport=SIZE, device_scale_factor=1)  # type: ignore[arg-type]
    page.route("**/*", serve)
    page.goto(ADDRESS)
    page.wait_for_function("globalThis.scenes")
    names: dict[str, list[str]] = page.evaluate("given => scenes.open(given)", plan(OPERATIONS, MACHINES, PLANTS))
    return page, names


@pytest.fixture(scope="module")
def scenes(chromium: Browser) -> Iterator[tuple[Page, dict[str, list[str]]]]:
    page, names = opened(chromium)
    yield page, names
    page.close()


def _differing(page: Page, scene: str, without: list[str]) -> Any:
    return page.evaluate("given => scenes.differing(...given)", [scene, without, LEAST])


def test_the_scenes_look_as_they_are_kept(scenes: tuple[Page, dict[str, list[str]]]) -> None:
    page, names = scenes
    assert len(names["scenes"]) == 6
    assert {scene: far for scene in names["scenes"] if (far := _differing(page, scene, [])) > MOST} == {}


def test_no_layer_can_be_missing(scenes: tuple[Page, dict[str, list[str]]]) -> None:
    page, names = scenes
    assert {"bars", "load", "promises", "map", "drag", "ghosts", "chain", "now"} <= set(names["layers"])
    unseen = {
        layer: far
        for layer in names["layers"]
        if (far := max(_differing(page, scene, [layer]) for scene in names["scenes"])) <= MOST
    }
    assert unseen == {}


def write() -> None:
    """Keep what the scenes look like now."""
    with sync_playwright() as playwright:
        found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page, names = opened(browser)
        for scene in names["scenes"]:
            (HERE / f"{scene}.png").write_bytes(base64.b64decode(page.evaluate("scenes.picture", scene)))
        browser.close()
