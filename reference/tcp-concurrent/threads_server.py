"""A server for many callers at once: a thread for each. Call it with tcp-loop/client.py --port 65447."""

import argparse
import os
import socket
import threading
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


def answer_to(data: bytes) -> bytes:
    # bytes.upper() changes a-z only, str.upper() would make SS of ß: the answer is always as long as the message.
    answers = {"upper": data.upper(), "lower": data.lower(), "swapcase": data.swapcase(), "reverse": data[::-1]}
    return answers.get(args.transformation, data)  # "echo": as it is


def talk(conn: socket.socket, client_addr: object) -> None:
    with conn:
        try:
            while data := conn.recv(args.recv_size):
                # errors="replace": bytes that are no UTF-8, or a character cut in two, must not end the call.
                print("客户端", client_addr, data.decode("utf-8", errors="replace"), flush=True)
                conn.sendall(answer_to(data))  # waits for a caller who does not listen: only this thread waits
        except OSError as error:
            print("客户端突然断开了", client_addr, error, flush=True)


def serve(phone: socket.socket) -> None:
    while True:
        try:
            conn, client_addr = phone.accept()
        except OSError as error:
            # A caller who left before we picked up; or too many open files: the rest waits in the queue.
            print("没有接通", error, flush=True)
            time.sleep(0.1)
            continue
        try:
            # daemon: a call that is still open does not keep the program alive after Ctrl-C.
            threading.Thread(target=talk, args=[conn, client_addr], daemon=True).start()
        except RuntimeError as error:  # no more threads: this caller is out of luck, the others are not
            print("没有接通", error, flush=True)
            conn.close()


# Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as phone:
    # Calls of a moment ago rest in TIME_WAIT for a minute: without this, bind would refuse the address meanwhile.
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    phone.bind((args.host, args.port))
    phone.listen(args.backlog)
    try:
        serve(phone)
    except KeyboardInterrupt:
        # At once: the usual way out wants to flush stdout and aborts when a thread is in the middle of a print.
        os._exit(0)
