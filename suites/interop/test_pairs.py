"""Do a server and a client that were made apart from each other understand each other?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch, NotJudged

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.judge import OpenPair, WithTool
    from callbox.payload import Payload
    from callbox.program import Program
    from callbox.server import Server

LINES = 3


def test_talks_with_the_other_side(pairs: list[OpenPair], payload: Payload, terms: Terms) -> None:
    if not pairs:
        raise NotJudged(say("there is no program of the other side that meets it at its address"))
    for pair in pairs:
        with pair() as (server, client):
            converse(server, client, payload, terms)


def test_talks_with_nc(with_tool: WithTool, payload: Payload, terms: Terms) -> None:
    with with_tool("nc") as (server, client):
        converse_by_hand(server, client, payload, terms)


def test_talks_with_ncat(with_tool: WithTool, payload: Payload, terms: Terms) -> None:
    with with_tool("ncat") as (server, client):
        converse_by_hand(server, client, payload, terms)


def test_talks_with_socat(with_tool: WithTool, payload: Payload, terms: Terms) -> None:
    with with_tool("socat") as (server, client):
        converse_by_hand(server, client, payload, terms)


def test_talks_with_telnet(with_tool: WithTool, payload: Payload, terms: Terms) -> None:
    with with_tool("telnet") as (server, client):
        converse(server, client, payload, terms)


def test_talks_with_curl(with_tool: WithTool, payload: Payload, terms: Terms) -> None:
    with with_tool("curl") as (server, client):
        converse(server, client, payload, terms)


def test_talks_with_a_filter(with_tool: WithTool, payload: Payload, terms: Terms) -> None:
    with with_tool("socat EXEC") as (server, client):
        converse(server, client, payload, terms)


def converse(server: Server, client: Client, payload: Payload, terms: Terms) -> None:
    """Type lines to the client, and see the server's answers printed."""
    judged = server if terms.role.side == "server" else client
    for text in lines(server, client, payload):
        if text is not None:
            client.type(text)
        said = (text or client.terms.first_message).encode(terms.encoding)
        answer = as_printed(server.answer_to(said), terms)
        if not prints(client, answer):
            expect_it_at_the_end(server, client, answer, judged)


def converse_by_hand(server: Server, client: Client, payload: Payload, terms: Terms) -> None:
    """The same; a tool that serves has a person who reads what comes, and types the answer."""
    if terms.role.side == "server":
        return converse(server, client, payload, terms)
    for text in lines(server, client, payload):
        if text is not None:
            client.type(text)
        expect_printed(server, text or terms.first_message, client)
        server.type(answer := payload.word())
        if not prints(client, answer):
            if hung_up(server):
                raise NotJudged(say("{tool} hangs up on a client that has said its last", tool=str(server.launch)))
            expect_it_at_the_end(server, client, answer, client)
    return None


def as_printed(answer: bytes, terms: Terms) -> str:
    """What of an answer every client prints that prints it, be it as text or as bytes: its longest run of ASCII, if any."""
    runs: list[bytes] = re.findall(rb"[!-~]+", answer)
    return max(runs, key=len).decode() if runs else answer.decode(terms.encoding, "replace")


def hung_up(tool: Server) -> bool:
    """Has a tool that was typed to ended without sending it? Where packets are not seen, that it has ended says so."""
    sent = any(packet.data and packet.source[1] == tool.terms.port for packet in tool.wire.take_in())
    return tool.ended() and not sent


def lines(server: Server, client: Client, payload: Payload) -> list[str | None]:
    """What is typed to the client: nothing to one that knows what to say, and one line when the server answers but once."""
    if client.terms.role.lives == "once":
        return [None]
    return [payload.word() for _ in range(1 if server.terms.role.lives == "once" else LINES)]


def expect_it_at_the_end(server: Server, client: Client, answer: str, judged: Program) -> None:
    """A client that says one thing may read to the end of the conversation before it prints, which a server that goes on does
    not bring by itself."""
    if client.terms.role.lives == "once":
        server.kill()
    expect_printed(client, answer, judged)


def prints(program: Program, text: str) -> bool:
    """Does a program print a text?"""
    return program.wait_for(lambda: text in program.output or None) is True


def expect_printed(program: Program, text: str, judged: Program) -> None:
    """One of the two prints a text; if not, it is laid to the one that is judged."""
    if not prints(program, text):
        got = program.output[-400:].strip() or say("nothing is printed")
        wanted = say('{program} prints "{text}"', program=str(program.launch), text=text)
        raise Mismatch(Story.tell(judged, wanted, got))
