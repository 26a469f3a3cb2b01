"""Puts right what is wrong with the writing of questions and golds, and says what it did."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from sqlglot import Token, TokenType, tokenize
from sqlglot.errors import SqlglotError

from agentsql.db.schema import Schema
from agentsql.evaluation.suite import mended_operators

_MISREAD = re.compile("[\u00c2\u00c3\u00e2][\u0080-\u00bf\u0152-\u0178\u02c6-\u2122]")
"""What UTF-8 looks like that was read as Latin-1 or Windows-1252."""
_NO_SPACE_BEFORE = frozenset({TokenType.COMMA, TokenType.R_PAREN, TokenType.DOT})
_NO_SPACE_AFTER = frozenset({TokenType.L_PAREN, TokenType.DOT})
_LOST = "\ufffd"


def clean_question(text: str) -> tuple[str, tuple[str, ...]]:
    """Give the question on one line in one form of Unicode, and the names of what was repaired."""
    repairs = []
    if _MISREAD.search(text) and (found := _read_again(text)):
        text = found
        repairs.append("question: encoding read wrongly")
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(one for one in composed if unicodedata.category(one) not in ("Cf", "Cs") and one != "\0")
    if visible != text:
        repairs.append("question: invisible or decomposed characters")
    spaced = " ".join(visible.split())
    if spaced != visible:
        repairs.append("question: blanks")
    return spaced, tuple(repairs)


def has_lost_characters(text: str) -> bool:
    """True if a character of it could not be read when the file was made, or now."""
    return _LOST in text


def clean_sql(sql: str, schema: Schema) -> tuple[str, tuple[str, ...]]:
    """Give the SQL as a model should write it, and the names of what was repaired.

    One line, blanks as people set them, no comment, no semicolon, operators whole, and text in single quotes: SQLite
    takes "text" for a string where no column has that name, and other databases do not. Strings are left alone. What
    cannot be cut into tokens is given back as it is.
    """
    repairs = []
    mended = mended_operators(sql)
    if mended != sql and _outside_strings(sql, mended):
        repairs.append("gold: operators in two parts")
        sql = mended
    try:
        tokens = tokenize(sql, read=schema.dialect)
    except SqlglotError:
        return sql.strip(), tuple(repairs)
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
        repairs.append("gold: semicolon")
    names = _names(tokens, schema)
    texts = [_written(token, sql, names) for token in tokens]
    if any(new != sql[one.start : one.end + 1] for one, new in zip(tokens, texts, strict=True)):
        repairs.append("gold: text in double quotes")
    joined = "".join(_joined(tokens, texts))
    if joined != sql.strip() and not repairs:
        repairs.append("gold: blanks")
    return joined, tuple(repairs)


def _read_again(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return ""


def _outside_strings(sql: str, mended: str) -> bool:
    """True if the strings of both are the same: `'a > = b'` is no operator."""
    try:
        found = [
            [one.text for one in tokenize(text, read="sqlite") if one.token_type is TokenType.STRING]
            for text in (sql, mended)
        ]
    except SqlglotError:
        return False
    return found[0] == found[1]


def _names(tokens: list[Token], schema: Schema) -> frozenset[str]:
    """Give every name that a quoted word may stand for: of tables, columns, and those the query itself gives."""
    known = {table.name.casefold() for table in schema}
    known |= {column.name.casefold() for table in schema for column in table.columns}
    for before, token in pairwise(tokens):
        if before.token_type in (TokenType.ALIAS, TokenType.WITH):
            known.add(token.text.casefold())
        if token.token_type is TokenType.ALIAS:
            known.add(before.text.casefold())
    return frozenset(known)


def _written(token: Token, sql: str, names: frozenset[str]) -> str:
    text = sql[token.start : token.end + 1]
    if token.token_type is TokenType.IDENTIFIER and text.startswith('"') and token.text.casefold() not in names:
        return "'" + token.text.replace("'", "''") + "'"
    return text


def _joined(tokens: list[Token], texts: list[str]) -> Iterator[str]:
    for place, (token, text) in enumerate(zip(tokens, texts, strict=True)):
        if place:
            before = tokens[place - 1]
            apart = before.end + 1 < token.start
            tight = token.token_type in _NO_SPACE_BEFORE or before.token_type in _NO_SPACE_AFTER
            if (apart and not tight) or before.token_type is TokenType.COMMA:
                yield " "
        yield text
