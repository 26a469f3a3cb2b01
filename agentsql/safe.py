"""Text from models and databases, made harmless for a terminal."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, screen
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS: titles, links
    r"|\x1b[ -/]*[0-~]"
)
_DROPPED = dict.fromkeys(
    [
        *range(0x20),
        *range(0x7F, 0xA0),
        0x61C,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xFFF9, 0xFFFC),
        *range(0xE0000, 0xE0080),
    ]  # controls, bidi overrides, annotations, and tags, which are letters that nobody sees
)
_DROPPED.pop(ord("\n"))
_DROPPED.pop(ord("\t"))
_LINE_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


def printable(text: str) -> str:
    """Give `text` without terminal sequences, control characters and bidi overrides; line breaks become newlines."""
    if text.isascii() and text.isprintable():
        return text
    unified = _LINE_BREAK.sub("\n", _SEQUENCE.sub("", text))
    return _encodable(unified.translate(_DROPPED))


def one_line(text: str) -> str:
    """Give `printable(text)` on one line; line breaks show as `↵`."""
    return printable(text).replace("\n", "↵").replace("\t", " ")


def _encodable(text: str) -> str:
    """Give `text` with lone surrogates, which no terminal or file takes, replaced."""
    return text.encode("utf-8", "replace").decode("utf-8")
