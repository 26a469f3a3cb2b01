"""Whether two queries are the same text, but for how it is typed."""

from __future__ import annotations

from sqlglot import TokenType, tokenize
from sqlglot.errors import SqlglotError


def string_match(gold: str, predicted: str, dialect: str = "sqlite") -> bool:
    """True if both have the same words in the same order.

    Blank space, comments, the letter case of what is not in quotes, and a semicolon at the end do not count; aliases,
    the order of conditions and the kind of quotes do.
    """
    wanted, found = _words(gold, dialect), _words(predicted, dialect)
    return bool(wanted) and wanted == found


def _words(sql: str, dialect: str) -> list[tuple[TokenType, str]]:
    """Give the words with what they are; none if they cannot be told apart."""
    try:
        tokens = tokenize(sql, read=dialect)
    except SqlglotError:
        return []
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        tokens.pop()
    quoted = (TokenType.STRING, TokenType.IDENTIFIER)
    return [(one.token_type, one.text if one.token_type in quoted else one.text.casefold()) for one in tokens]
