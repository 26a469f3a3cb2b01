"""SQL without its literals, which may be cell values."""

from __future__ import annotations

from collections.abc import Container, Iterable

from sqlglot import TokenType, tokenize
from sqlglot.errors import SqlglotError

UNREADABLE = "?"
"""Stands for SQL that cannot be cut into tokens."""
_LITERALS = frozenset(
    {
        TokenType.BIT_STRING,
        TokenType.BYTE_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.HEX_STRING,
        TokenType.NATIONAL_STRING,
        TokenType.NUMBER,
        TokenType.RAW_STRING,
        TokenType.STRING,
        TokenType.UNICODE_STRING,
    }
)
_TEXTS = _LITERALS - {TokenType.NUMBER}
_TELLING = 4
"""Characters from which a text is looked for without quotes too: a shorter one is part of too many words."""
_QUOTES = ('"', "`", "[")


def texts_of(sql: str, dialect: str) -> frozenset[str]:
    """Give the texts that SQL holds as literals."""
    try:
        return frozenset(one.text for one in tokenize(sql, read=dialect) if one.token_type in _TEXTS and one.text)
    except SqlglotError:
        return frozenset()


def without_texts(message: str, texts: Iterable[str]) -> str:
    """Give a message about SQL with `?` for the texts that the SQL holds; short ones only where they are quoted."""
    for text in sorted(texts, key=len, reverse=True):
        for shown in (f"'{text}'", f'"{text}"', repr(text), *([text] if len(text) >= _TELLING else [])):
            message = message.replace(shown, "?")
    return message


def without_literals(sql: str, dialect: str, *, names: Container[str] | None = None) -> str:
    """Give the SQL with `?` for each text and number, and without comments.

    Args:
        names: names of the schema, folded. SQLite and MySQL take a quoted name that nothing has for a text, so a
            quoted one that is not among these is left out too; None keeps every quoted name.
    """
    try:
        tokens = tokenize(sql, read=dialect)
    except SqlglotError:
        return UNREADABLE if sql.strip() else ""
    parts: list[str] = []
    end = -1
    for token in tokens:
        text = sql[token.start : token.end + 1]
        if parts and token.start > end + 1:
            parts.append(" ")
        is_text = token.token_type in _LITERALS
        if names is not None and text[:1] in _QUOTES and text.strip('"`[]').casefold() not in names:
            is_text = True
        parts.append("?" if is_text else text)
        end = token.end
    return "".join(parts)
