"""Pieces of the settings that need a few lines of thought: database, secret key, front-end packages."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlparse

# What the pages use of node_modules: the name under /static/npm/ and the folder in the package.
PACKAGES = {
    "htmx": "htmx.org/dist",
    "tabler": "@tabler/core/dist",
    "inter": "@fontsource-variable/inter",
    "sortablejs": "sortablejs/modular",
    "idb": "idb/build",
    "echarts": "echarts/dist",
    "barcode-detector": "barcode-detector/dist/es",
    "zxing": "zxing-wasm/dist/reader",
}


def database(url: str, *, process: str) -> dict[str, Any]:
    """Django's entry for a PostgreSQL URL. People wait for web: it gets a pool and gives up early; commands wait."""
    parts = urlparse(url or "postgresql://throughline@127.0.0.1/throughline")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    limits = {"web": "-c lock_timeout=3s -c statement_timeout=15s", "": ""}.get(process, "-c lock_timeout=3s")
    if limits:
        options["options"] = f"{options.get('options', '')} {limits}".strip()
    if process == "web":
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]) or "throughline",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 0 if process == "web" else None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def secret_key(var: Path) -> str:
    """The installation's own key, made at the first start and readable by its account alone."""
    path = var / "secret_key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"secret_key.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def static_packages(node_modules: Path) -> list[tuple[str, Path]]:
    """STATICFILES_DIRS for the installed front-end packages."""
    found = ((f"npm/{name}", node_modules / folder) for name, folder in PACKAGES.items())
    return [(prefix, folder) for prefix, folder in found if folder.is_dir()]
