"""A server at a path instead of a port: one caller after another, for ever. Ctrl-C ends it."""

import argparse
import os
import socket
from pathlib import Path

PATH = "server.sock"
BACKLOG = 5  # callers that may wait in the queue
RECV_SIZE = 1024  # bytes that one recv takes at most

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("where", metavar="PATH", nargs="?", default=os.environ.get("CALLBOX_PATH", PATH))
parser.add_argument("--path")
parser.add_argument("--backlog", default=BACKLOG, type=int)
parser.add_argument("--recv-size", default=RECV_SIZE, type=int)
parser.add_argument("--transformation", default="upper", choices=["upper", "lower", "swapcase", "reverse", "echo"])
args = parser.parse_args()


def answer_to(data: bytes) -> bytes:
    # bytes.upper() changes a-z only, str.upper() would make SS of ß: the answer is always as long as the message.
    answers = {"upper": data.upper(), "lower": data.lower(), "swapcase": data.swapcase(), "reverse": data[::-1]}
    return answers.get(args.transformation, data)  # "echo": as it is


def serve(phone: socket.socket) -> None:
    while True:
        try:
            conn, _ = phone.accept()  # a caller by AF_UNIX has no address
            with conn:
                while data := conn.recv(args.recv_size):
                    # errors="replace": bytes that are no UTF-8, or a character cut in two, must not end the call.
                    print("客户端", data.decode("utf-8", errors="replace"), flush=True)
                    conn.sendall(answer_to(data))  # not send(), which may take only a part
        except ConnectionError as error:
            print("客户端突然断开了", error, flush=True)


path = Path(args.path or args.where)
# bind() makes a file, which stays when a server is killed, and refuses to bind again while it is there.
if path.is_socket():
    path.unlink()
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as phone:
    phone.bind(str(path))
    try:
        phone.listen(args.backlog)
        serve(phone)
    except KeyboardInterrupt:
        print("关机")  # Ctrl-C
    finally:
        path.unlink(missing_ok=True)
