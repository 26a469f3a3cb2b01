"""The letters of a statement: a second reader of quotes and comments that has to see the same as sqlglot does.

A tokenizer that takes for a comment what the server runs hides it from the first lock, so whatever two readers could
take differently is refused before anything is parsed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import Token, TokenType

from agentsql.db.refusal import StatementRefused

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They show a person who approves a statement another one than the server reads."""
_BLANKS = " \t\r\n"
_HASH = ("mysql", "bigquery")
_QUOTED = frozenset(
    {TokenType.STRING, TokenType.IDENTIFIER, TokenType.NATIONAL_STRING, TokenType.HEX_STRING, TokenType.BIT_STRING}
    | {TokenType.BYTE_STRING, TokenType.HEREDOC_STRING, TokenType.RAW_STRING, TokenType.UNICODE_STRING}
)


@dataclass(frozen=True, slots=True)
class Quoting:
    """How a server reads quotes and comments."""

    quotes: dict[str, str]
    """By the character that opens: the one that closes; doubled, it stands for itself."""
    backslash: str = ""
    """Quotes in which a backslash takes the next character as it is."""
    dollar: bool = False
    """`$tag$ ... $tag$` is a string, and a backslash counts in `E'...'`."""
    hash_comments: bool = False
    """`#` starts a comment, and `--` does only with a blank after it."""


_QUOTING = {
    "sqlite": Quoting({"'": "'", '"': '"', "`": "`", "[": "]"}),
    "postgres": Quoting({"'": "'", '"': '"'}, dollar=True),
    "duckdb": Quoting({"'": "'", '"': '"'}, dollar=True),
    "mysql": Quoting({"'": "'", '"': '"', "`": "`"}, backslash="'\"", hash_comments=True),
}


def folded(name: str) -> str:
    """Give a name as the most forgiving server compares it: no letter case, no look-alike forms, nothing invisible."""
    if name.isascii():
        return name.lower()
    plain = unicodedata.normalize("NFKD", name)
    return "".join(char for char in plain if unicodedata.category(char) not in ("Cf", "Mn")).casefold()


def check_characters(sql: str) -> None:
    """Look at the characters themselves, wherever they stand.

    Raises:
        StatementRefused: one of them can be in no honest statement.
    """
    if "\x00" in sql:
        raise StatementRefused("syntax", "the statement holds a NUL character", "remove the NUL character")
    if sql.isascii():
        return
    if any("\ud800" <= char <= "\udfff" for char in sql):
        raise StatementRefused("syntax", "the statement holds half a character (a lone surrogate)", "remove it")
    if found := next((char for char in sql if char in _BIDI), None):
        message = f"the statement holds U+{ord(found):04X}, which turns the direction of reading"
        raise StatementRefused("refused", message, "write it without that character")


def check_spelling(sql: str, tokens: list[Token], dialect: str) -> None:
    """Look for what the server could read otherwise than sqlglot, as `tokens` shows, has read it.

    Of dialects whose quoting is not known here only blanks, comments and letters are looked at.

    Raises:
        StatementRefused: there is such a place.
    """
    if dialect in _QUOTING:
        _check_quotes(sql, tokens, _QUOTING[dialect])
    end = -1
    for token in tokens:
        _check_gap(sql[end + 1 : token.start], dialect)
        _check_token(sql, token)
        end = token.end
    _check_gap(sql[end + 1 :], dialect)


def _check_gap(gap: str, dialect: str) -> None:
    """Look at what lies between two tokens: blanks, and what sqlglot takes for comments."""
    at = 0
    while at < len(gap):
        if gap[at] in _BLANKS:
            at += 1
        elif gap.startswith("/*", at):
            at = _end_of_block(gap, at)
        elif gap.startswith("--", at) or (gap[at] == "#" and dialect in _HASH) or gap.startswith("//", at):
            at = _end_of_line(gap, at, dialect)
        else:
            message = f"the character U+{ord(gap[at]):04X} is neither a plain blank nor a comment"
            raise StatementRefused("syntax", message, "put a plain blank there, or nothing")


def _end_of_block(gap: str, at: int) -> int:
    close = gap.find("*/", at + 2)
    if gap.startswith(("/*!", "/*M!", "/*+"), at):
        message = f"a comment {gap[at : at + 3]} ... */ is run by the server"
        raise StatementRefused("refused", message, "remove the comment")
    if close < 0 or gap.find("/*", at + 2, close + 1) >= 0:
        raise StatementRefused("refused", "where a comment inside a comment ends is uncertain", "remove the comment")
    return close + 2


def _end_of_line(gap: str, at: int, dialect: str) -> int:
    end = gap.find("\n", at)
    end = len(gap) if end < 0 else end
    line = gap[at:end].removesuffix("\r") if end < len(gap) else gap[at:end]
    if "\r" in line:
        message = "a carriage return inside a comment ends it on some servers"
        raise StatementRefused("refused", message, "remove the comment")
    if dialect == "mysql" and gap.startswith("--", at) and gap[at + 2 : at + 3].strip():
        raise StatementRefused("refused", "-- without a blank after it is no comment", "remove the comment")
    return end + 1


def _check_token(sql: str, token: Token) -> None:
    if token.token_type == TokenType.HINT:
        raise StatementRefused("refused", "a hint /*+ ... */ changes how the server works", "remove the hint")
    written = sql[token.start : token.end + 1]
    if token.token_type in _QUOTED or written.isascii():
        return
    for char in written:
        category = unicodedata.category(char)
        if category[0] not in "LNM" or (category[0] != "M" and unicodedata.normalize("NFKC", char) != char):
            message = f"the character U+{ord(char):04X} outside of quotes only looks like an ordinary one"
            raise StatementRefused("syntax", message, "write plain letters, or put the name in quotes")


def _check_quotes(sql: str, tokens: list[Token], quoting: Quoting) -> None:
    """Hold the quoted texts that the server would see against those that sqlglot sees."""
    closing = {*quoting.quotes.values(), "$"}  # `0x10` and `0b1` have none
    ends = {t.end: t.start for t in tokens if t.token_type in _QUOTED and sql[t.end] in closing}
    unseen = len(ends)
    for start, end in _quoted(sql, quoting):
        if quoting.dollar and sql[max(start - 2, 0) : start].upper() == "U&":
            raise StatementRefused("refused", "U& before a quote hides what the text says", "write the text plainly")
        if not 0 <= start - ends.get(end, end + 1) <= 1:
            message = f"the quotes near {sql[start : start + 20]!r} can be read in two ways"
            raise StatementRefused("refused", message, "write the text or the name with its quotes doubled")
        unseen -= 1
    if unseen:
        raise StatementRefused("refused", "the quotes can be read in two ways", "write plain quotes")


def _quoted(sql: str, quoting: Quoting) -> Iterator[tuple[int, int]]:
    """Yield the first and last position of each quoted text, the prefix (as in `N'...'`) not included."""
    at = 0
    while at < len(sql):
        char = sql[at]
        after = _after_comment(sql, at, quoting)
        if after is not None:
            at = after
        elif char in quoting.quotes:
            end = _closing(sql, at, quoting)
            yield at, end
            at = end + 1
        elif char == "$" and quoting.dollar and (tag := _dollar_tag(sql, at)):
            close = sql.find(tag, at + len(tag))
            end = len(sql) if close < 0 else close + len(tag) - 1
            yield at, end
            at = end + 1
        else:
            at += 1


def _after_comment(sql: str, at: int, quoting: Quoting) -> int | None:
    if sql.startswith("/*", at):
        close = sql.find("*/", at + 2)
        return len(sql) if close < 0 else close + 2
    dashes = sql.startswith("--", at) and not (quoting.hash_comments and sql[at + 2 : at + 3].strip())
    if dashes or (quoting.hash_comments and sql[at] == "#"):
        close = sql.find("\n", at)
        return len(sql) if close < 0 else close + 1
    return None


def _closing(sql: str, start: int, quoting: Quoting) -> int:
    opening = sql[start]
    closing = quoting.quotes[opening]
    is_escaped = opening in quoting.backslash or (
        quoting.dollar and opening == "'" and sql[max(start - 1, 0)] in "eE" and not _in_word(sql, start - 2)
    )
    at = start + 1
    while at < len(sql):
        if is_escaped and sql[at] == "\\":
            at += 2
        elif sql[at] != closing:
            at += 1
        elif sql[at + 1 : at + 2] == closing and opening == closing:
            at += 2
        else:
            return at
    return len(sql)


def _dollar_tag(sql: str, at: int) -> str:
    """Give `$$` or `$tag$` if one stands there and no word runs into it."""
    close = sql.find("$", at + 1)
    tag = sql[at + 1 : close]
    fits = close > 0 and (not tag or (tag.replace("_", "a").isalnum() and not tag[0].isdigit()))
    return sql[at : close + 1] if fits and not _in_word(sql, at - 1) else ""


def _in_word(sql: str, at: int) -> bool:
    return at >= 0 and (sql[at].isalnum() or sql[at] in "_$")
