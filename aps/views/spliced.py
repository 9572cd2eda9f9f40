"""A board's message over HTTP: what all askers share of it is compressed once, not for each of them."""

from __future__ import annotations

import struct
import zlib

from django.http import HttpRequest, HttpResponse

from aps.selectors import Message, Parts

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Of a gzip stream: deflated, no name, no time."""


def answer(request: HttpRequest, message: Message) -> HttpResponse:
    """The message; the whole plan for who takes gzip as one stream of the head's blocks and those that are kept.

    Nothing in it is secret to who sees the plan, so that its length gives nothing away.
    """
    headers = {"Cache-Control": "private, no-cache"}
    if message.parts is None or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(message.text, "application/json", headers=headers)
    headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return HttpResponse(_gzip(message.head, message.parts), "application/json", headers=headers)


def _gzip(head: bytes, parts: Parts) -> bytes:
    squeezing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    first = squeezing.compress(head) + squeezing.flush(zlib.Z_FULL_FLUSH)
    text, tail = parts.whole.text, parts.tail
    last = squeezing.compress(tail) + squeezing.flush()
    check = zlib.crc32(tail, zlib.crc32(text, zlib.crc32(head)))
    size = (len(head) + len(text) + len(tail)) % 2**32
    return b"".join((_HEADER, first, parts.whole.deflated, last, struct.pack("<II", check, size)))
