"""Pictures of work instructions: what may be uploaded, and SVG drawings cleaned of all that is not drawing."""

from __future__ import annotations

import hashlib
import re
from typing import ClassVar
from xml.etree import ElementTree

from masterdata.errors import Refusal
from mes.models import InstructionPicture

LARGEST = 5 * 1024 * 1024
SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
SVG = "image/svg+xml"
SPACE = "http://www.w3.org/2000/svg"
# What draws. No script, style sheet, foreign content, link, animation or anything that fetches.
SHAPES = {
    "svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
    "tspan", "marker", "symbol", "use", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern",
}  # fmt: skip
ATTRIBUTES = {
    "id", "class", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "dx", "dy", "width",
    "height", "points", "transform", "viewBox", "preserveAspectRatio", "version", "fill", "fill-opacity", "fill-rule",
    "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity",
    "stroke-miterlimit", "opacity", "font-family", "font-size", "font-weight", "font-style", "text-anchor",
    "dominant-baseline", "letter-spacing", "rotate", "offset", "stop-color", "stop-opacity", "gradientUnits",
    "gradientTransform", "spreadMethod", "clip-path", "clip-rule", "mask", "marker-start", "marker-mid", "marker-end",
    "markerWidth", "markerHeight", "markerUnits", "orient", "refX", "refY", "patternUnits", "patternTransform",
    "patternContentUnits", "clipPathUnits", "maskUnits", "vector-effect", "color", "display", "visibility",
}  # fmt: skip
HREF = ("href", "{http://www.w3.org/1999/xlink}href")
_FETCHES = re.compile(r"url\(\s*['\"]?(?!#)", re.IGNORECASE)
_STYLES = re.compile(r"\s*([a-z-]+)\s*:\s*([^;]+)")


class UnusablePicture(Refusal):
    """The file is no picture that may be shown; the sentence says why and what to send."""

    code: ClassVar[str] = "unusable_picture"


def keep_picture(*, name: str, content: bytes) -> InstructionPicture:
    """The picture, cleaned; the same content is kept once. Raises UnusablePicture."""
    kind = _kind(content)
    if kind == SVG:
        content = clean_svg(content)
    print_ = hashlib.sha256(content).hexdigest()
    row, _ = InstructionPicture.objects.get_or_create(
        sha256=print_, defaults={"name": name.strip()[:120] or "picture", "content": content, "content_type": kind}
    )
    return row


def _kind(content: bytes) -> str:
    """By what the file begins with, whatever it is called."""
    if len(content) > LARGEST:
        raise UnusablePicture("The picture is larger than 5 MB. Save it smaller and send it again.", field="picture")
    for sign, kind in SIGNS.items():
        if content.startswith(sign):
            return kind
    head = content[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(b"%pdf"):
        raise UnusablePicture(
            "A PDF is not shown on the tablet: save the page as PNG, or export the drawing as SVG.", field="picture"
        )
    if head.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in content[:65536].lower():
        return SVG
    raise UnusablePicture("Send a PNG, a JPEG or an SVG drawing.", field="picture")


def clean_svg(content: bytes) -> bytes:
    """The drawing without anything but shapes. Raises UnusablePicture for what is no SVG, or defines entities."""
    if b"<!entity" in content.lower() or b"<!doctype" in content.lower():
        content = re.sub(rb"<!DOCTYPE[^>\[]*>", b"", content, flags=re.IGNORECASE)
        if b"<!entity" in content.lower() or b"<!doctype" in content.lower():
            raise UnusablePicture("The SVG defines entities. Export it as plain SVG.", field="picture")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 (entities are refused above)
    except (ElementTree.ParseError, ValueError):
        raise UnusablePicture("The SVG can't be read. Export it again as plain SVG.", field="picture") from None
    if _name(root.tag) != "svg":
        raise UnusablePicture("The file is XML, but no SVG drawing.", field="picture")
    _clean(root)
    if root.get("viewBox") is None and not (root.get("width") and root.get("height")):
        raise UnusablePicture("The SVG has neither a size nor a viewBox. Export it with one.", field="picture")
    ElementTree.register_namespace("", SPACE)
    return ElementTree.tostring(root, encoding="utf-8")


def _clean(node: ElementTree.Element) -> None:
    for child in list(node):
        if not isinstance(child.tag, str) or _name(child.tag) not in SHAPES:
            node.remove(child)
        else:
            _clean(child)
    attributes = dict(node.attrib)
    node.attrib.clear()
    attributes |= _of_style(attributes.pop("style", ""))  # which a browser would let win
    for name, value in attributes.items():
        if name in HREF:
            if value.startswith("#") and _name(node.tag) in ("use", "linearGradient", "radialGradient", "pattern"):
                node.set("href", value)
        elif name in ATTRIBUTES and not _FETCHES.search(value):
            node.set(name, value)


def _of_style(style: str) -> dict[str, str]:
    """A style attribute as attributes of their own; the policy of the site lets no inline style through."""
    return {name: value.strip() for name, value in _STYLES.findall(style) if name in ATTRIBUTES}


def _name(tag: str) -> str:
    """Without its space; what is of another space than SVG's is nothing that we know."""
    space, _, name = tag.rpartition("}")
    return name if space in ("", "{" + SPACE) else ""
