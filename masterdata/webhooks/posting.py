"""One POST to an address of somebody else's choice, so that it can do no harm.

The name is resolved once; the connection goes to that address, whatever the name says a moment later, with the name
in the certificate's check and in `Host`. Private, loopback and link-local addresses are refused unless
`WEBHOOK_NETWORKS` allows them. No redirects, no proxies, no more than five seconds, no more than four kilobytes.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from masterdata.errors import InvalidInput

MOST_SECONDS = 5.0
MOST_BYTES = 4096
EXCERPT = 500
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_resolvers = ThreadPoolExecutor(4, "resolve")


class NotReached(Exception):
    """No answer; says why."""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, none when nothing did, with the beginning of the answer or why there was none."""

    status: int | None
    excerpt: str
    duration_ms: int

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def check_url(url: str) -> SplitResult:
    """The parts of an address that may be posted to. Raises InvalidInput. Asks no name server."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput("Enter an address such as https://example.com/hook.", field="url") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or any(ord(one) <= 32 for one in url):
        raise InvalidInput("Enter an address such as https://example.com/hook.", field="url")
    if parts.scheme == "http" and not settings.WEBHOOK_HTTP:
        raise InvalidInput("Enter an address with https: what is sent can be read on the way otherwise.", field="url")
    if parts.username or parts.password or port == 0:
        raise InvalidInput("Enter the address without a user name: the signature says who sends.", field="url")
    with suppress(ValueError):
        if not may_reach(ipaddress.ip_address(parts.hostname)):
            raise InvalidInput("This address is inside the house: enter one that is reached from outside.", field="url")
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = MOST_SECONDS) -> Answer:
    """Send it once. Never raises for what the other side does: the answer says it."""
    began = time.monotonic()
    try:
        status, text = _exchange(check_url(url), body, headers, began + seconds)
    except InvalidInput as refusal:
        status, text = None, refusal.sentence
    except (NotReached, OSError, http.client.HTTPException, UnicodeError) as error:
        late = time.monotonic() - began >= seconds
        status, text = None, f"No answer within {seconds:g} s" if late else str(error) or type(error).__name__
    if status is not None and 300 <= status < 400:
        text = f"Redirects are not followed. {text}"
    return Answer(status, _plain(text), int((time.monotonic() - began) * 1000))


def _exchange(parts: SplitResult, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[int, str]:
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolved(host, port, _left(deadline))
    connection = _Pinned(host, port, address, is_secret=parts.scheme == "https", deadline=deadline)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        with _cut_off(connection, deadline):
            connection.request("POST", path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES).decode("utf-8", "replace")
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was resolved, which speaks to the name."""

    def __init__(self, host: str, port: int, address: Address, *, is_secret: bool, deadline: float) -> None:
        super().__init__(host, port)
        self.default_port = 443 if is_secret else 80
        self.address, self.is_secret, self.deadline = address, is_secret, deadline

    def connect(self) -> None:
        self.sock = socket.create_connection((str(self.address), self.port), _left(self.deadline))
        if self.is_secret:
            self.sock.settimeout(_left(self.deadline))
            context = ssl.create_default_context(cafile=settings.WEBHOOK_CA_FILE or None)
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self.sock.settimeout(_left(self.deadline))


@contextmanager
def _cut_off(connection: http.client.HTTPConnection, deadline: float) -> Iterator[None]:
    """Who sends a byte each second is cut off at the deadline too."""

    def end() -> None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_left(deadline), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def resolved(host: str, port: int, seconds: float) -> Address:
    """The first address of the name. Raises NotReached when there is none, or when one of them is inside the house."""
    asked = _resolvers.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    try:
        found = asked.result(seconds)
    except TimeoutError:
        raise NotReached(f"No name server answered for {host}") from None
    except (socket.gaierror, UnicodeError):
        raise NotReached(f"There is no address for {host}") from None
    addresses = [ipaddress.ip_address(str(row[4][0]).split("%", 1)[0]) for row in found]
    if not addresses:
        raise NotReached(f"There is no address for {host}")
    for address in addresses:
        if not may_reach(address):
            raise NotReached(f"{host} leads to {address}, which is inside the house")
    return addresses[0]


def may_reach(address: Address) -> bool:
    """Whether the address is one of the internet's, or of a network that the installation allows."""
    inner = _inner(address)
    if any(inner in network for network in _networks() if network.version == inner.version):
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, in any of the ways that lead there."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour or address
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _networks() -> Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(one) for one in settings.WEBHOOK_NETWORKS]


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _plain(text: str) -> str:
    """One line of printable characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:EXCERPT]
