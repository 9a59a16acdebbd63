"""A server that serves one caller after another, for ever: Call it with tcp-loop/client.py --port 65447."""

import argparse
import socket

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


def serve(phone: socket.socket) -> None:
    while True:
        try:
            conn, client_addr = phone.accept()
            print("客户端IP和接口", client_addr, flush=True)
            with conn:  # hangs up on this caller, however the call ends; the phone stays on
                while data := conn.recv(args.recv_size):
                    # errors="replace": bytes that are no UTF-8, or a character cut in two, must not end the call.
                    print("客户端", data.decode("utf-8", errors="replace"), flush=True)
                    conn.sendall(answer_to(data))  # not send(), which may take only a part
        except (ConnectionError, TimeoutError) as error:
            # Reset instead of a goodbye, perhaps before we picked up. Not every Exception: a bug of ours must show.
            print("客户端突然断开了", error, flush=True)


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
        print("关机")  # Ctrl-C
