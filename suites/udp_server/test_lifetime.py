"""How a server is seen to live, and how it is ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callbox.payload import Payload
    from callbox.server import Server


def test_stops_on_ctrl_c(server: Server) -> None:
    server.interrupt()
    server.expect_exit()


def test_prints_what_the_client_said(server: Server, payload: Payload) -> None:
    with server.port() as line:
        line.send(word := payload.word().encode())
        server.expect_printed(word.decode())
