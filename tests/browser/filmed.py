"""A camera for Chromium that films a label: the suite's own drawing of a code, as a raw film."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

WIDTH, HEIGHT = 640, 480
# The drawing on white, as the brightness of each point.
BRIGHTNESS = """async ([svg, width, height]) => {
    const picture = new Image();
    picture.src = `data:image/svg+xml;base64,${btoa(svg)}`;
    await picture.decode();
    const canvas = new OffscreenCanvas(640, 480);
    const brush = canvas.getContext("2d");
    brush.fillStyle = "white";
    brush.fillRect(0, 0, 640, 480);
    brush.drawImage(picture, (640 - width) / 2, (480 - height) / 2, width, height);
    const points = brush.getImageData(0, 0, 640, 480).data;
    let text = "";
    for (let place = 0; place < points.length; place += 4) text += String.fromCharCode(points[place]);
    return btoa(text);
}"""


def film(browser: Browser, svg: str, size: tuple[int, int], path: Path) -> Path:
    """Write a film of two frames that shows the drawing; Chromium plays it over and over."""
    page = browser.new_page()
    bright = base64.b64decode(page.evaluate(BRIGHTNESS, [svg, *size]))
    page.close()
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + 2 * (b"FRAME\n" + bright + grey))
    return path


@contextmanager
def camera(browser: Browser, path: Path, site: str) -> Iterator[BrowserContext]:
    """A browser whose camera sees the film."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    seeing = browser.browser_type.launch(
        executable_path=found,
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={path}",
        ],
    )
    context = seeing.new_context(
        viewport={"width": 1280, "height": 800}, base_url=site, permissions=["camera"], service_workers="allow"
    )
    yield context
    seeing.close()
