"""A conversation takes what comes, says what is missing, and tells how it ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from callbox.line import End
from callbox.story import conversation
from callbox.verdict import Mismatch

if TYPE_CHECKING:
    from callbox.line import Line
    from callbox.story import Story
    from suites.bench.starting import Starter

pytestmark = pytest.mark.timeout(120)

LARGE = 200_000
CONN = """
import socket, struct
door = socket.create_server((HOST, PORT))
conn, _ = door.accept()
"""
ECHO = CONN + "while data := conn.recv(1024): conn.sendall(data)\nconn.close()\ndoor.accept()"
UPPER = CONN + "while data := conn.recv(1024): conn.sendall(data.upper())\nconn.close()\ndoor.accept()"
RESETS = "conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); conn.close(); door.accept()"
UDP = """
import socket
port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port.bind((HOST, PORT))
"""
UDP_ECHO = UDP + "while True:\n    data, peer = port.recvfrom(1024)\n    port.sendto(data, peer)"


def told(line: Line, act: str, *given: object) -> Story:
    """The story of an expectation that is not met."""
    with pytest.raises(Mismatch) as caught:
        getattr(line, act)(*given)
    return caught.value.story


# What is right


def test_what_is_wanted_and_comes_is_taken(start: Starter) -> None:
    with start.server(UPPER).dial() as line:
        line.send(b"hello")
        line.expect(b"HELLO")
        line.expect_silence()
        line.half_close()
        assert line.expect_end(End.FIN) is End.FIN


def test_an_answer_in_pieces_is_one_answer(start: Starter) -> None:
    source = CONN + "for byte in conn.recv(100): conn.sendall(bytes([byte]))\ndoor.accept()"
    with start.server(source).dial() as line:
        line.send(b"one by one")
        line.expect(b"one by one")


def test_what_comes_too_early_is_left_for_the_next_expectation(start: Starter) -> None:
    source = CONN + "conn.recv(100)\nconn.sendall(b'onetwothree')\ndoor.accept()"
    with start.server(source).dial() as line:
        line.send(b"go")
        for word in (b"one", b"two", b"three"):
            line.expect(word)
        line.expect_silence()


def test_a_renamed_path_is_known_by_its_file(start: Starter) -> None:
    door = "import os, socket\ndoor = socket.socket(socket.AF_UNIX)\ndoor.bind('draft')\ndoor.listen()\n"
    source = f"{door}os.rename('draft', 'server.sock')\nconn, _ = door.accept()\nconn.sendall(conn.recv(1024))"
    server = start.server(source, role="unix-server")
    assert server.is_assigned(server.listener)
    with server.dial() as line:
        line.send(b"hello")
        line.expect(b"hello")


@pytest.mark.parametrize("role", ["tcp-forever-server", "unix-server"])
def test_large_messages_go_both_ways_at_once(start_anywhere: Starter, role: str) -> None:
    door = "socket.create_server((HOST, PORT))"
    unix = "socket.socket(socket.AF_UNIX); door.bind(__import__('sys').argv[1]); door.listen()"
    source = ECHO.replace(door, unix) if role == "unix-server" else ECHO
    data = bytes(range(256)) * (LARGE // 256)
    with start_anywhere.server(source, role).dial() as line:
        assert line.send(data) == len(data)
        line.expect(data)


def test_a_program_that_reads_nothing_takes_only_so_much(start: Starter) -> None:
    server = start.server(CONN + "door.accept()")
    with server.dial() as line:
        assert 0 < line.send(bytes(1 << 24)) < 1 << 24
        assert server.proven


def test_sending_to_a_program_that_has_hung_up_is_no_error(start: Starter) -> None:
    with start.server(CONN + "conn.close(); door.accept()").dial() as line:
        line.expect_end(End.FIN)
        line.send(b"x" * LARGE)
        line.send(b"x" * LARGE)
        line.half_close()


def test_a_half_closed_conversation_is_still_heard(start: Starter) -> None:
    source = (
        CONN
        + "data = b''\nwhile part := conn.recv(10): data += part\nconn.sendall(data[::-1]); conn.close(); door.accept()"
    )
    with start.server(source).dial() as line:
        line.send(b"the whole of it")
        line.half_close()
        line.expect(b"ti fo elohw eht")
        line.expect_end(End.FIN)


def test_a_reset_reaches_the_program_as_one(start: Starter) -> None:
    server = start.server(CONN + "try: conn.recv(10)\nexcept ConnectionResetError: print('reset')\ndoor.accept()")
    server.dial().reset()
    server.expect_printed("reset")


def test_a_close_reaches_the_program_as_an_end(start: Starter) -> None:
    server = start.server(CONN + "print('end', conn.recv(10))\ndoor.accept()")
    server.dial().close()
    server.expect_printed("end b''")


def test_the_last_words_and_the_end_come_together(start: Starter) -> None:
    server = start.server(CONN + "print(conn.recv(100), conn.recv(100))\ndoor.accept()")
    with server.dial() as line:
        line.send_last(b"goodbye")
        server.expect_printed("b'goodbye' b''")


@pytest.mark.parametrize(("source", "end"), [("conn.close(); door.accept()", End.FIN), (RESETS, End.RST)])
def test_knows_how_a_conversation_ended(start: Starter, source: str, end: End) -> None:
    with start.server(CONN + source).dial() as line:
        assert line.expect_end() is end


def test_what_came_before_a_reset_is_not_lost(start: Starter) -> None:
    server = start.server(CONN + "conn.sendall(b'last words')\nconn.recv(1)\n" + RESETS)
    with server.dial() as line:
        line.expect(b"last words")
        line.send(b"x")
        line.expect_end(End.RST)


@pytest.mark.parametrize("end", ["conn.close()", "os._exit(0)", "input()"], ids=["a reset", "its exit", "it goes on"])
def test_a_program_has_its_say_before_anything_is_read(start: Starter, end: str) -> None:
    says = "for _ in range(9): time.sleep(0.02); conn.send(b'.'); print('.')"
    server = start.server(CONN + f"import os, time\nconn.recv(1)\n{says}\n{end}\ndoor.accept()")
    with server.dial() as line:
        line.send(b"more than one byte")
        server.has_its_say(line)
        assert server.output.count(".") == 9
        assert not line.received
        line.expect(b"." * 9)


def test_all_that_is_said_is_read_to_the_end(start: Starter) -> None:
    server = start.server(CONN + "conn.sendall(b'one'); conn.sendall(b'two'); conn.close(); door.accept()")
    with server.dial() as line:
        assert line.read_to_the_end() == b"onetwo"


def test_something_is_all_that_comes_before_it_waits(start: Starter) -> None:
    server = start.server(CONN + "conn.sendall(b'one'); conn.sendall(b'two'); conn.recv(1)")
    with server.dial() as line:
        assert line.expect_something() == b"onetwo"


def test_a_refused_call_is_told(start: Starter) -> None:
    server = start.server(CONN + "door.close(); print('closed'); conn.recv(1)")
    with server.dial():
        server.expect_printed("closed")
        with pytest.raises(Mismatch) as caught:
            server.dial()
    assert (caught.value.story.wanted, caught.value.story.got) == ("client 2 can connect", "the connection is refused")


def test_a_call_that_a_full_queue_does_not_take_is_told(start: Starter) -> None:
    server = start.server("import socket\ndoor = socket.create_server((HOST, PORT), backlog=0)\nprint(input())")
    server.dial()
    server.patience = 1  # a call in a full queue is tried again and again: there is no proof that it is in vain
    with pytest.raises(Mismatch) as caught:
        server.dial()
    assert caught.value.story.got == "nothing answers: its queue is full, and it accepts nobody"


# What is wrong


def test_other_bytes_are_told_with_their_difference(start: Starter) -> None:
    server = start.server(ECHO)
    with server.dial() as line:
        line.send(b"hello")
        story = told(line, "expect", b"HELLO")
    assert story.wanted == 'client 1 is answered "HELLO" (5 bytes)'
    assert story.got == '"hello" (5 bytes)\n ^ byte 0'
    assert story.cause == "it gave back what came, unchanged"
    assert conversation(story.events) == [
        "client 1 dialled",
        'client 1 sent "hello" (5 bytes)',
        'program answered client 1 "hello" (5 bytes)',
    ]


@pytest.mark.parametrize("at", [0, 2, 4])
def test_every_byte_counts(start: Starter, at: int) -> None:
    wanted = b"hello"
    with start.server(ECHO).dial() as line:
        line.send(wanted[:at] + b"?" + wanted[at + 1 :])
        assert f"^ byte {at}" in told(line, "expect", wanted).got


def test_too_few_bytes_and_silence_are_told(start: Starter) -> None:
    server = start.server(CONN + "conn.sendall(conn.recv(3)); conn.recv(100); conn.recv(1024)")
    with server.dial() as line:
        line.send(b"hello")
        story = told(line, "expect", b"hello")
    assert story.got.startswith('"hel" (3 bytes)')
    assert story.got.endswith("and then nothing more")
    assert story.cause == (
        "it gave only the first 3 of 5 bytes, and it waits in recvfrom for more bytes from client 1 (1024 at most)"
        " since it answered client 1"
    )


def test_too_few_bytes_and_an_end_are_told(start: Starter) -> None:
    server = start.server(CONN + "conn.sendall(conn.recv(100)[:3]); conn.close(); door.accept()")
    with server.dial() as line:
        line.send(b"hello")
        story = told(line, "expect", b"hello")
    assert story.got.endswith("and then the end of the conversation (FIN)")
    assert story.cause == (
        "it gave only the first 3 of 5 bytes, and it waits in accept for another client"
        " since it ended the conversation with client 1 (FIN)"
    )


def test_no_bytes_at_all_are_told(start: Starter) -> None:
    server = start.server(CONN + "door.accept()")
    with server.dial() as line:
        line.send(b"hello")
        story = told(line, "expect", b"hello")
    assert story.got == "nothing and then nothing more"
    assert story.cause == "it never read client 1's 5 bytes: it waits in accept for another client"


def test_noise_is_told(start: Starter) -> None:
    server = start.server(CONN + "conn.sendall(b'welcome!'); conn.recv(1)")
    with server.dial() as line:
        story = told(line, "expect_silence")
    assert (story.wanted, story.got) == ("nothing is said to client 1", '"welcome!" (8 bytes)')
    assert story.cause == 'it says "welcome!" (8 bytes) without being spoken to'


def test_an_end_is_no_noise(start: Starter) -> None:
    with start.server(CONN + "conn.close(); door.accept()").dial() as line:
        line.expect_silence()
        line.expect_end()


def test_an_end_that_does_not_come_is_told(start: Starter) -> None:
    server = start.server(ECHO.replace("conn.close()", ""))
    with server.dial() as line:
        line.half_close()
        story = told(line, "expect_end", End.FIN)
    assert story.wanted == "the conversation with client 1 ends with FIN"
    assert story.got == "it stays open, and nothing comes"


def test_another_end_is_told(start: Starter) -> None:
    server = start.server(CONN + RESETS)
    with server.dial() as line:
        story = told(line, "expect_end", End.FIN)
    assert story.got == "its end with RST"


def test_bytes_in_place_of_the_end_are_told(start: Starter) -> None:
    server = start.server(CONN + "conn.recv(1); conn.sendall(b'bye'); conn.close(); door.accept()")
    with server.dial() as line:
        line.half_close()
        story = told(line, "expect_end")
    assert (story.wanted, story.got) == ("the conversation with client 1 ends with FIN or RST", '"bye" (3 bytes)')


def test_silence_in_place_of_something_is_told(start: Starter) -> None:
    server = start.server(ECHO)
    with server.dial() as line:
        story = told(line, "expect_something")
    assert (story.wanted, story.got) == ("it says something to client 1", "nothing")


def test_what_a_program_printed_is_part_of_the_story(start: Starter) -> None:
    server = start.server(CONN + "print('I was called'); door.accept()")
    with server.dial() as line:
        server.expect_printed("called")
        story = told(line, "expect_something")
    assert story.output == "I was called\n"


def test_each_client_has_a_name(start: Starter) -> None:
    server = start.server("import socket\ndoor = socket.create_server((HOST, PORT), backlog=9)\nprint(input())")
    assert [server.dial().name for _ in range(3)] == ["client 1", "client 2", "client 3"]


# Programs that flood


def test_a_program_that_never_stops_talking_does_not_stop_the_bench(start: Starter) -> None:
    server = start.server(CONN + "while True: conn.sendall(b'again and ')")
    with server.dial() as line:
        line.expect(b"again and again and ")
        with pytest.raises(Mismatch):
            line.expect_silence()


def test_a_program_that_prints_all_the_time_is_heard_all_the_same(start: Starter) -> None:
    source = ECHO.replace("conn.sendall(data)", "conn.sendall(data); print('x' * 100_000)")
    with start.server(source).dial() as line:
        for word in (b"one", b"two", b"three"):
            line.send(word)
            line.expect(word)


# Datagrams


def test_a_datagram_is_answered(start: Starter) -> None:
    server = start.server(UDP_ECHO, "udp-server")
    with server.port() as port:
        port.send(b"hello")
        assert port.expect(b"hello") == (server.listener.host, server.listener.port)
        port.expect_silence()


def test_an_empty_datagram_is_one(start: Starter) -> None:
    with start.server(UDP_ECHO, "udp-server").port() as port:
        port.send(b"")
        assert port.next_datagram()[0] == b""


def test_datagrams_keep_their_boundaries_and_their_order(start: Starter) -> None:
    with start.server(UDP_ECHO, "udp-server").port() as port:
        for word in (b"one", b"", b"three"):
            port.send(word)
        assert port.gather(9) == [b"one", b"", b"three"]


def test_no_datagram_is_told(start: Starter) -> None:
    server = start.server(UDP + "while True: port.recvfrom(77)", "udp-server")
    with server.port() as port:
        port.send(b"hello")
        with pytest.raises(Mismatch) as caught:
            port.expect(b"hello")
    assert (caught.value.story.wanted, caught.value.story.got) == ("a datagram for client 1", "none")
    assert (
        caught.value.story.cause
        == "it read client 1's 5 bytes and did not answer: it waits in recvfrom for a datagram (77 at most)"
    )


def test_another_datagram_is_told(start: Starter) -> None:
    with start.server(UDP_ECHO, "udp-server").port() as port:
        port.send(b"hello\n")
        with pytest.raises(Mismatch, match="with a newline added"):
            port.expect(b"hello")


def test_a_datagram_too_many_is_told(start: Starter) -> None:
    source = UDP_ECHO + "\n    port.sendto(data, peer)"
    with start.server(source, "udp-server").port() as port:
        port.send(b"hello")
        port.expect(b"hello")
        with pytest.raises(Mismatch) as caught:
            port.expect_silence()
    assert re.fullmatch(r'"hello" \(5 bytes\)', caught.value.story.got)
