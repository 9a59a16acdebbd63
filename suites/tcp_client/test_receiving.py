"""What a client does with what it receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from callbox import receiving
from callbox.patience import QUIET
from callbox.saying import say
from callbox.verdict import NotJudged

if TYPE_CHECKING:
    from collections.abc import Callable

    from callbox.assignment import Terms
    from callbox.client import Client
    from callbox.line import Line
    from callbox.payload import Payload

LINES_TO_NOTICE = 3
"""Lines typed after which a client has noticed that the server is gone: the tutorial's needs two."""


def test_prints_the_answer(client: Client, payload: Payload, terms: Terms) -> None:
    with client.answer(payload.word(24)) as line:
        client.reply(line, first := payload.ascii(len(client.hear(line))))
        client.expect_printed(first.decode())
        if terms.role.lives != "once" and client.speaks_again(line, payload.word(12)):
            client.reply(line, shorter := payload.ascii(len(client.hear(line))))
            client.expect_no_rest(first, shorter)


def test_waits_for_a_slow_answer(client: Client, payload: Payload) -> None:
    with client.answer(payload.word()) as line:
        said = client.hear(line)
        client.let_time_pass(1)
        client.reply(line, word := payload.ascii(len(said)))
        client.expect_printed(word.decode())


def test_prints_the_answer_as_text(client: Client, payload: Payload, terms: Terms) -> None:
    text = payload.wide(2, terms.encoding)
    with client.answer(payload.word()) as line:
        said = client.hear(line)
        answer = text.encode(terms.encoding)
        client.reply(line, answer + payload.ascii(len(said) - len(answer)))
        client.expect_printed(text)


def test_reads_at_most_1024_at_a_time(client: Client, payload: Payload, terms: Terms) -> None:
    with client.answer(payload.word()) as line:
        client.hear(line)
        own = client.other_end(line)
        asked = own and client.wait_for(lambda: client.asked_lengths(own.inode) or None, patience=QUIET)
    if asked:
        receiving.expect_length(client, terms.recv_size, asked)
        return
    with client.traced() as traced, traced.answer(payload.word()) as line:
        said = traced.hear(line)
        if (end := traced.other_end(line)) is None:
            raise NotJudged(say("it lets go of the conversation before it is answered"))
        inode = end.inode
        traced.reply(line, traced.answer_to(said))
        traced.wait_for(lambda: traced.traced_lengths(inode) or None)
        receiving.expect_traced_length(traced, terms.recv_size, inode)


@pytest.mark.parametrize("heard", [pytest.param(False, id="before a word"), pytest.param(True, id="before the answer")])
@pytest.mark.parametrize(
    "leave", [pytest.param(lambda line: line.close(), id="FIN"), pytest.param(lambda line: line.reset(), id="RST")]
)
def test_ends_when_the_server_leaves(
    client: Client, payload: Payload, leave: Callable[[Line], None], heard: bool
) -> None:
    with client.answer(payload.word() if heard else None) as line:
        if heard:
            client.hear(line)
        client.close_door()
        leave(line)
        for _ in range(LINES_TO_NOTICE):
            if not client.ended():
                client.provoke(payload.word())
        client.expect_exit()
