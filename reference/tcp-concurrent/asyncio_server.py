"""A server for many callers at once: a coroutine for each. Call it with tcp-loop/client.py --port 65447."""

import argparse
import asyncio
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


async def talk(conn: socket.socket, client_addr: object) -> None:
    # sock_recv asks for as many bytes as we say; the more usual asyncio.start_server always asks for 256 KiB.
    loop = asyncio.get_running_loop()
    with conn:
        try:
            while data := await loop.sock_recv(conn, args.recv_size):
                # errors="replace": bytes that are no UTF-8, or a character cut in two, must not end the call.
                print("客户端", client_addr, data.decode("utf-8", errors="replace"), flush=True)
                await loop.sock_sendall(conn, answer_to(data))
                # Let the others speak: the awaits above do not pause for them while this caller sends and reads busily.
                await asyncio.sleep(0)
        except OSError as error:
            print("客户端突然断开了", client_addr, error, flush=True)


async def serve(phone: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    phone.listen(args.backlog)  # only now: Ctrl-C while asyncio is being set up would end in a traceback
    async with asyncio.TaskGroup() as calls:
        while True:
            try:
                conn, client_addr = await loop.sock_accept(phone)
                calls.create_task(talk(conn, client_addr))
                await asyncio.sleep(0)
            except OSError as error:
                # A caller who left before we picked up; or too many open files: the rest waits in the queue.
                print("没有接通", error, flush=True)
                await asyncio.sleep(0.1)


# Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as phone:
    # Calls of a moment ago rest in TIME_WAIT for a minute: without this, bind would refuse the address meanwhile.
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    phone.bind((args.host, args.port))
    phone.setblocking(False)  # no call to it waits: the event loop does the waiting, for all
    try:
        asyncio.run(serve(phone))
    except KeyboardInterrupt:
        print("关机")  # Ctrl-C
