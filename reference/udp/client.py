"""A client that sends every line typed as one datagram, prints the answer to each, and ends at the quit word."""

import argparse
import socket

HOST, PORT = "127.0.0.1", 8080
RECV_SIZE = 1024  # bytes that are taken of a datagram; the rest of a longer one is lost
QUIT_WORD = "q"

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--host", default=HOST)
parser.add_argument("--port", default=PORT, type=int)
parser.add_argument("--recv-size", default=RECV_SIZE, type=int)
parser.add_argument("--quit-word", default=QUIT_WORD)
args = parser.parse_args()


def talk(client: socket.socket) -> None:
    while True:
        msg = input(">>>:").strip()
        if msg == args.quit_word:
            break
        if not msg:  # UDP could send it: an empty datagram has a header all the same
            continue
        try:
            # Typed bytes that are no UTF-8 come as surrogates, and leave as the bytes they were.
            client.send(msg.encode("utf-8", errors="surrogateescape"))
            # No timeout: an answer that came after it would be taken for the answer to the next line.
            get_msg = client.recv(args.recv_size)
        except OSError as error:
            print("没有回音", error, flush=True)  # the server may come, or come back, before the next line
            continue
        print(get_msg.decode("utf-8", errors="replace"), flush=True)


# Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
with socket.socket(family, socket.SOCK_DGRAM) as client:
    # For UDP connect() calls nobody, it only notes the address. But then the kernel tells us when nobody is there:
    # with sendto() and recvfrom() alone we would never hear of it and wait for ever.
    client.connect((args.host, args.port))
    try:
        talk(client)
    except (EOFError, KeyboardInterrupt):
        print()  # Ctrl-D or Ctrl-C: nothing more will be typed
