"""A server without calls: it sends every datagram back in upper case to whoever sent it. Ctrl-C ends it."""

import argparse
import socket

HOST, PORT = "127.0.0.1", 8080
RECV_SIZE = 1024  # bytes that are taken of a datagram; the rest of a longer one is lost

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default=HOST)
parser.add_argument("--port", default=PORT, type=int)
parser.add_argument("--recv-size", default=RECV_SIZE, type=int)
parser.add_argument("--transformation", default="upper", choices=["upper", "lower", "swapcase", "reverse", "echo"])
args = parser.parse_args()


def answer_to(data: bytes) -> bytes:
    # bytes.upper() changes a-z only, str.upper() would make SS of ß: the answer is always as long as the message.
    answers = {"upper": data.upper(), "lower": data.lower(), "swapcase": data.swapcase(), "reverse": data[::-1]}
    return answers.get(args.transformation, data)  # "echo": as it is


def serve(server: socket.socket) -> None:
    while True:
        # b"" is an empty datagram, no goodbye: it is answered like any other, with an empty one.
        get_msg, client_addr = server.recvfrom(args.recv_size)
        print("from client:", get_msg, flush=True)
        try:
            server.sendto(answer_to(get_msg), client_addr)
        except OSError as error:  # an address that cannot be answered (port 0) must not end us
            print("没有送达", client_addr, error, flush=True)


# Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
# No SO_REUSEADDR: UDP has no TIME_WAIT, and with it a second server could share the port.
with socket.socket(family, socket.SOCK_DGRAM) as server:
    server.bind((args.host, args.port))
    print("服务端开始监听......", flush=True)
    try:
        serve(server)
    except KeyboardInterrupt:
        print("关机")  # Ctrl-C
