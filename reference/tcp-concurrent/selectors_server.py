"""A server for many callers at once, in one thread: a switchboard. Call it with tcp-loop/client.py --port 65447."""

import argparse
import selectors
import socket
import time

HOST, PORT = "127.0.0.1", 65447
BACKLOG = 5  # callers that may wait in the queue
RECV_SIZE = 1024  # bytes that one recv takes at most

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default=HOST)
parser.add_argument("--port", default=PORT, type=int)
parser.add_argument("--backlog", default=BACKLOG, type=int)
parser.add_argument("--recv-size", default=RECV_SIZE, type=int)
parser.add_argument("--transformation", default="upper", choices=["upper", "lower", "swapcase", "reverse", "echo"])
args = parser.parse_args()

selector = selectors.DefaultSelector()  # the board: which line is ready? With each line: the words still to be said.


def answer_to(data: bytes) -> bytes:
    # bytes.upper() changes a-z only, str.upper() would make SS of ß: the answer is always as long as the message.
    answers = {"upper": data.upper(), "lower": data.lower(), "swapcase": data.swapcase(), "reverse": data[::-1]}
    return answers.get(args.transformation, data)  # "echo": as it is


def pick_up(phone: socket.socket) -> None:
    try:
        conn, client_addr = phone.accept()
        print("客户端IP和接口", client_addr, flush=True)
        conn.setblocking(False)  # no call to it waits: only select() does, for all
        selector.register(conn, selectors.EVENT_READ, (conn, b""))
    except OSError as error:
        # A caller who left before we picked up; or too many open files: the rest waits in the queue.
        print("没有接通", error, flush=True)
        time.sleep(0.1)


def carry_on(conn: socket.socket, words: bytes) -> None:
    if words:
        words = words[conn.send(words) :]  # send takes what fits; the rest is said when there is room again
    elif data := conn.recv(args.recv_size):
        # errors="replace": bytes that are no UTF-8, or a character cut in two, must not end the call.
        print("客户端", data.decode("utf-8", errors="replace"), flush=True)
        words = answer_to(data)
    else:
        hang_up(conn)
        return
    # Who has not taken the answer is not listened to: a caller who never reads costs us one message, not all memory.
    selector.modify(conn, selectors.EVENT_WRITE if words else selectors.EVENT_READ, (conn, words))


def hang_up(conn: socket.socket) -> None:
    selector.unregister(conn)
    conn.close()


def serve(phone: socket.socket) -> None:
    selector.register(phone, selectors.EVENT_READ, (phone, b""))
    while True:
        for key, _ in selector.select():
            line, words = key.data
            try:
                if line is phone:
                    pick_up(phone)
                else:
                    carry_on(line, words)
            except BlockingIOError:
                continue  # not ready after all: it will be asked again
            except OSError as error:
                print("客户端突然断开了", error, flush=True)
                hang_up(line)


# Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as phone:
    # Calls of a moment ago rest in TIME_WAIT for a minute: without this, bind would refuse the address meanwhile.
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    phone.bind((args.host, args.port))
    phone.listen(args.backlog)
    phone.setblocking(False)
    try:
        serve(phone)
    except KeyboardInterrupt:
        print("关机")  # Ctrl-C
