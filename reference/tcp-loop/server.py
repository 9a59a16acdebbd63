"""A server for one caller: it answers every message in upper case, and ends when the caller is gone."""

import argparse
import socket

HOST, PORT = "127.0.0.1", 7890
BACKLOG = 3  # callers that may wait in the queue
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


# 1 买手机: buy a phone. Only IPv6 addresses have a colon.
family = socket.AF_INET6 if ":" in args.host else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as phone:
    # The last call's connection rests in TIME_WAIT for a minute: without this, bind would refuse the address meanwhile.
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # 2 手机插卡: put the card in
    phone.bind((args.host, args.port))
    # 3 开机: switch it on
    phone.listen(args.backlog)
    try:
        # 4 等待来电: wait for a call
        conn, client_addr = phone.accept()
        print("客户端IP和接口", client_addr, flush=True)
        with conn:
            # 5 通电话: listen and answer, until recv gives b"": the caller hung up
            while data := conn.recv(args.recv_size):
                # errors="replace": bytes that are no UTF-8, or a character cut in two, must not end the call.
                print("客户端", data.decode("utf-8", errors="replace"), flush=True)
                conn.sendall(answer_to(data))  # not send(), which may take only a part
        # 6 挂断电话: the end of `with conn` hangs up
    except OSError as error:
        print("客户端突然断开了", error)  # a reset instead of a goodbye: no reason to crash
    except KeyboardInterrupt:
        print("关机")  # Ctrl-C
# 7 关机: the end of `with phone` switches it off
