"""A client that says every line typed, prints the answer to each, and hangs up at the quit word."""

import argparse
import socket
import sys

HOST, PORT = "127.0.0.1", 7890
RECV_SIZE = 1024  # bytes that one recv takes at most
QUIT_WORD = "q"

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default=HOST)
parser.add_argument("--port", default=PORT, type=int)
parser.add_argument("--recv-size", default=RECV_SIZE, type=int)
parser.add_argument("--quit-word", default=QUIT_WORD)
args = parser.parse_args()


def talk(phone: socket.socket) -> None:
    while True:
        info = input(">>").strip()
        # An empty message puts nothing on the line: the server would wait for us and we for the server.
        if not info:
            continue
        if info == args.quit_word:
            break
        # Typed bytes that are no UTF-8 come as surrogates, and leave as the bytes they were.
        phone.sendall(info.encode("utf-8", errors="surrogateescape"))
        # TCP is a stream without messages: what of a long answer does not fit in here is read, and printed, next time.
        data = phone.recv(args.recv_size)
        if not data:
            sys.exit("服务端挂断了")  # printed to stderr, exit status 1
        print("服务端", data.decode("utf-8", errors="replace"), flush=True)


# Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as phone:
    try:
        phone.connect((args.host, args.port))
        talk(phone)
    except OSError as error:
        sys.exit(f"电话不通 {args.host} {args.port}: {error}")
    except (EOFError, KeyboardInterrupt):
        print()  # Ctrl-D or Ctrl-C: nothing more will be typed
