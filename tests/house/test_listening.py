"""The socket on which the web server listens."""

import socket

from suite.stack import processes


def test_what_it_accepts_sends_at_once() -> None:
    with processes.listen(0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
