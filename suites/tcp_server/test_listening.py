"""Where and how a server listens, and who may wait in its queue."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from callbox.kernel.counters import full_queues
from callbox.kernel.executables import without_a_backlog
from callbox.kernel.sockets import State
from callbox.saying import say
from callbox.story import Story
from callbox.verdict import Mismatch, NotJudged

if TYPE_CHECKING:
    from callbox.assignment import Terms
    from callbox.kernel.sockets import Socket
    from callbox.line import Line
    from callbox.payload import Payload
    from callbox.saying import Saying
    from callbox.server import Server

MOST_WAITING = 520
"""Clients that we have wait at the same time: an assignment may ask for nearly as many."""
WAITING = 3
"""Clients in the queue by which its order is seen."""


def test_listens(server: Server) -> None:
    assert server.listener  # the fixture has waited for it: a server that never listens does not come here


def test_listens_at_the_assigned_address(server: Server, terms: Terms) -> None:
    if not server.is_assigned(server.listener):
        raise Mismatch(story_of_another_address(server, terms))


def story_of_another_address(server: Server, terms: Terms) -> Story:
    """Where it listens, and where it should."""
    assigned = terms.placeholders()["address"]
    wanted, listens = (
        say("it listens on {address}", address=address) for address in (assigned, server.listener.address)
    )
    return Story.tell(server, wanted, listens, say("{it}: {address} was assigned", it=listens, address=assigned))


def test_is_not_reachable_from_outside(server: Server) -> None:
    for end in server.listeners("tcp"):
        if not end.is_on_loopback:
            listens = say("it listens on {address}", address=end.address)
            cause = say("{it}, which is every address of the machine", it=listens)
            raise Mismatch(Story.tell(server, say("it listens at an address of this machine alone"), listens, cause))


def test_asks_for_the_assigned_backlog(server: Server, terms: Terms) -> None:
    asked = server.listener.sending
    if asked == terms.backlog:
        return
    if language := without_a_backlog(server.keeper):
        raise NotJudged(
            say("{language}'s library gives no say in the backlog: it asks for {asked}", language=language, asked=asked)
        )
    wanted, asks = (say("it asks for a backlog of {number}", number=number) for number in (terms.backlog, asked))
    cause = say("{it}, {number} was assigned", it=asks, number=terms.backlog)
    raise Mismatch(Story.tell(server, wanted, asks, cause))


def test_queues_as_many_clients_as_it_asked_for(server: Server, payload: Payload, terms: Terms) -> None:
    room = server.listener.sending + 1  # Linux takes one more than was asked for
    if room > MOST_WAITING:
        raise NotJudged(say("its queue is too long to be filled: it asks for {number}", number=room - 1))
    with ExitStack() as stack:
        occupy(server, stack.enter_context(server.dial()), payload, terms)
        for _ in range(room):
            stack.enter_context(server.knock())
        server.wait_for(lambda: True if (queue := server.queue()) is None or settled(server, queue, room) else None)
        queue = server.queue()
        if queue is None and terms.role.lives in {"once", "loop"}:
            return  # it needs no more than its one client, and has closed its listener
        if queue is None or queue.receiving != room:
            wanted = say("while it is busy, {number} clients wait in its queue", number=room)
            cause = say("its listener is gone") if queue is None else shorter(queue)
            raise Mismatch(Story.tell(server, wanted, cause, cause))
        turned_away = full_queues(server.booth.pid)
        late = stack.enter_context(server.knock())
        server.wait_for(lambda: late.connected or full_queues(server.booth.pid) > turned_away or None, late.socket)
        if late.connected:
            wanted = say("while it is busy, {number} clients wait and no more", number=room)
            raise Mismatch(
                Story.tell(server, wanted, say("one more does"), say("its queue takes more than it had asked for"))
            )


def shorter(queue: Socket) -> Saying:
    """How many its queue takes."""
    return say(
        "while it is busy its queue takes no more than {number}: it asks for a backlog of {asked} then",
        number=queue.receiving,
        asked=queue.sending,
    )


def occupy(server: Server, line: Line, payload: Payload, terms: Terms) -> None:
    """Be the client that it serves."""
    if terms.role.lives == "once":  # its one message would end the conversation
        server.accepts(line)
    else:
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))


def settled(server: Server, queue: Socket, room: int) -> bool:
    """Is the queue full, or as long as it should become? NotJudged where the program has taken clients off it."""
    if sum(end.state is not State.LISTEN for end in server.sockets("tcp")) > 1:
        raise NotJudged(say("it accepts clients ahead of serving them, so they do not wait in its queue"))
    return queue.receiving >= min(room, queue.sending + 1)


def test_serves_the_queue_in_order(server: Server, payload: Payload) -> None:
    words = [payload.word().encode() for _ in range(min(WAITING, server.listener.sending + 1))]
    with ExitStack() as stack:
        first = stack.enter_context(server.dial())
        server.accepts(first)
        lines = [stack.enter_context(server.dial()) for _ in words]
        for line, word in zip(lines, words, strict=True):
            line.send(word)
        first.close()
        for line, word in zip(lines, words, strict=True):
            line.expect(server.answer_to(word))
            line.close()


def test_restarts_at_once(server: Server, payload: Payload) -> None:
    if not server.booth.isolated:
        raise NotJudged(say("without a box of its own it would leave the port unusable for a minute"))
    with server.dial() as line:
        line.send(word := payload.word().encode())
        line.expect(server.answer_to(word))
        server.kill()  # its side ends the conversation first, so its side keeps it in TIME_WAIT
    if not server.wait_for(lambda: any(end.state is State.TIME_WAIT for end in server.booth.sockets.tcp()) or None):
        raise NotJudged(say("none of its connections is in TIME_WAIT"))
    server.start_again()
