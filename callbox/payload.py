"""What is said to a program: random, so that no table of answers passes; repeatable, because it comes from a seed."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

WIDE = "信息网络编程套接字服务端客户"  # characters that have no case
TEXT_BYTES = 60
EMOJI = "😀🚀🎉🐍"


def caseless(data: bytes, encoding: str) -> bytes:
    """These bytes with "?" for each character beyond ASCII that changes with its case, as text or as bytes: whether it is to
    change is a matter of advice, and any bytes can hold one by chance (C3 A9 is é)."""
    text = data.decode(encoding, "surrogateescape")
    plain = "".join(one if one.isascii() or not _has_case(one, encoding) else "?" for one in text)
    return plain.encode(encoding, "surrogateescape")


def _has_case(character: str, encoding: str) -> bool:
    coded = character.encode(encoding, "surrogateescape")
    return not (character.lower() == character == character.upper() and coded.lower() == coded == coded.upper())


class Payload:
    """A source of things to say."""

    def __init__(self, chance: Random, quit_word: str = "") -> None:
        self.chance = chance
        self.letters = "".join(sorted(set(string.ascii_lowercase).difference(quit_word))) or string.ascii_lowercase

    def word(self, length: int = 12) -> str:
        """Small ASCII letters, and none of the quit word's: who takes any word that holds it for goodbye is told so by the
        check that types one."""
        return "".join(self.chance.choices(self.letters, k=length))

    def ascii(self, size: int) -> bytes:
        """`size` bytes of letters and digits."""
        return "".join(self.chance.choices(string.ascii_letters + string.digits, k=size)).encode()

    def text(self, most: int) -> str:
        """Letters among characters of two, three and four bytes that have no case: as many as fit, to TEXT_BYTES."""
        said = ""
        while len(more := f"{said}{self.word(2)}·{self.wide(2)} {self.chance.choice(EMOJI)}".encode()) <= min(
            most, TEXT_BYTES
        ):
            said = more.decode()
        return said

    def wide(self, length: int, encoding: str = "utf-8") -> str:
        """Characters that take several bytes; fewer or none where the encoding has none of these."""
        return "".join(self.chance.choices(WIDE, k=length)).encode(encoding, "ignore").decode(encoding)

    def octets(self, size: int) -> bytes:
        """`size` bytes of any value."""
        return self.chance.randbytes(size)

    def shuffled(self, data: bytes) -> bytes:
        """These bytes in any order."""
        return bytes(self.chance.sample(data, len(data)))

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        return self.chance.randrange(limit)
