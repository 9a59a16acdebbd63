"""A client that calls, says one message, prints the answer and hangs up."""

import argparse
import socket
import sys

HOST, PORT = "127.0.0.1", 6666
RECV_SIZE = 1024  # bytes that one recv takes at most
MESSAGE = "show 信息"

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default=HOST)
parser.add_argument("--port", default=PORT, type=int)
parser.add_argument("--recv-size", default=RECV_SIZE, type=int)
parser.add_argument("--message", default=MESSAGE)
args = parser.parse_args()

# Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as phone:
    try:
        phone.connect((args.host, args.port))
        # Not send(), which may take only a part of a long message.
        phone.sendall(args.message.encode("utf-8"))
        data = phone.recv(args.recv_size)
    except OSError as error:
        sys.exit(f"电话没打通 {args.host} {args.port}: {error}")  # printed to stderr, exit status 1
    except KeyboardInterrupt:
        sys.exit("没等到回答")  # Ctrl-C
    if not data:
        sys.exit("服务端没有回答就挂断了")
    # errors="replace": an answer that ends in half a character is printed all the same.
    print("服务端", data.decode("utf-8", errors="replace"))
