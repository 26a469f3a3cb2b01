"""Which functions a statement calls, read from its tokens: sqlglot's tree has its own names for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import Token, TokenType, exp

from agentsql.db.functions import harmless_function, permitted_function, refused_function
from agentsql.db.refusal import StatementRefused
from agentsql.db.spelling import folded

_STRUCTURE = frozenset(
    "all and any array as asc between by case cast collate columns cross cube desc distinct div else elseif end "
    "escape except exclude exists fetch filter for from full glob group having ilike in index inner intersect "
    "interval is isnull join key keep lambda lateral like limit match_recognize materialized minus mod natural "
    "nested not notnull of offset on or order outer over overlaps partition path percent pivot preceding qualify "
    "regexp rename repeatable returning rlike rollup row rows sample select separator set sets similar some "
    "straight_join symmetric table tablesample then to top union unique unpivot using values when where window with "
    "within xor zone".split()
)
"""Words that a parenthesis may follow though they call nothing."""
_TYPES = frozenset(
    "bigint binary bit boolean char character dec decimal double float int integer nchar numeric nvarchar precision "
    "real smallint time timestamp varbinary varbit varchar varying".split()
)
"""Types that take a length; their names are reserved, or nearly."""
_OTHER_TYPES = frozenset(
    "bitstring bool bytea bytes datetime datetime2 enum fixed float4 float8 geography geometry hugeint int2 int4 int8 "
    "json list map mediumint number nvarchar2 signed string struct text timestamptz timetz tinyint unsigned varchar2 "
    "vector year".split()
)
"""Types that take a length or types, where a type has to stand; elsewhere it may be the name of somebody's function."""
_TYPE_FOLLOWS = frozenset({TokenType.DCOLON, TokenType.ALIAS, TokenType.LT, TokenType.VAR, TokenType.IDENTIFIER})
_SAMPLING = frozenset({"bernoulli", "system", "reservoir", "block", "row"})
"""Methods after TABLESAMPLE; anywhere else they would be calls."""
_NAMESPACES = {"postgres": {"pg_catalog"}, "bigquery": {"safe", "net", "hll_count"}, "mysql": set[str]()}
"""What may stand before a built-in function and a dot; a function elsewhere is one that somebody has defined."""
_CHAINED = frozenset({"duckdb", "sqlite"})
"""Here `value.upper()` calls `upper`, and no function lives in a schema that does more than a query may."""
_SERVER_WORDS = {
    "postgres": frozenset(
        "user current_user session_user current_role current_catalog system_user current_schema".split()
    ),
    "duckdb": frozenset("current_user session_user current_role current_catalog current_schema".split()),
}
"""Reserved words that give a function's value without a parenthesis, where sqlglot sees a column."""
_LABELS = frozenset({TokenType.DOT, TokenType.ALIAS})
_DOT = frozenset({TokenType.DOT})
_HINTS = {"sqlite": "use functions SQLite has, such as strftime, substr, instr, round, iif"}
_HINT = "use functions that the database has; the policy can allow one that somebody has defined"


def check_calls(tokens: list[Token], query: exp.Query, dialect: str, permitted: Collection[str]) -> None:
    """Look at every word before a parenthesis.

    Args:
        permitted: globs of functions that the policy allows beside those that only compute.

    Raises:
        StatementRefused: one calls a function that reaches outside, or that nobody knows to be harmless.
    """
    aliases = {
        node.this.meta.get("start") for node in query.find_all(exp.TableAlias) if isinstance(node.this, exp.Identifier)
    }
    words = _SERVER_WORDS.get(dialect, frozenset())
    for at, token in enumerate(tokens):
        is_plain = token.token_type != TokenType.IDENTIFIER and not _follows(tokens, at, _LABELS)
        if is_plain and token.text.lower() in words:
            message = f"{token.text} tells of the session, not of the data"
            raise StatementRefused("refused", message, "ask for data only")
    for at in _before_parentheses(tokens):
        token = tokens[at]
        name = folded(token.text) if token.token_type == TokenType.IDENTIFIER else folded(token.text).split()[-1]
        if refused_function(name, dialect):
            message = f"the function {name} may not be used: it reaches outside the data or cannot be stopped"
            raise StatementRefused("refused", message, "do without the function")
        if name == "table" and tokens[at + 2 : at + 3] and tokens[at + 2].token_type == TokenType.STRING:
            raise StatementRefused("refused", "TABLE('...') hides the name of a table", "write the name itself")
        if token.start not in aliases and not _computes(tokens, at, name, dialect):
            _check_permitted(tokens, at, permitted, dialect)


def _before_parentheses(tokens: list[Token]) -> Iterator[int]:
    for at, token in enumerate(tokens[:-1]):
        if tokens[at + 1].token_type == TokenType.L_PAREN and _is_word(token):
            yield at


def _is_word(token: Token) -> bool:
    if token.token_type == TokenType.IDENTIFIER:
        return True
    if token.token_type in (TokenType.STRING, TokenType.NUMBER, TokenType.HEREDOC_STRING, TokenType.NATIONAL_STRING):
        return False
    return bool(token.text) and (token.text[0].isalpha() or token.text[0] == "_")


def _follows(tokens: list[Token], at: int, kinds: frozenset[TokenType]) -> bool:
    return at > 0 and tokens[at - 1].token_type in kinds


def _computes(tokens: list[Token], at: int, name: str, dialect: str) -> bool:
    """True for words that call nothing, and for built-in functions that only compute."""
    token = tokens[at]
    is_quoted = token.token_type == TokenType.IDENTIFIER
    if not is_quoted and not _follows(tokens, at, _DOT):
        if name in _STRUCTURE or name in _TYPES:
            return True
        if name in _OTHER_TYPES and _follows(tokens, at, _TYPE_FOLLOWS):
            return True
        if name in _SAMPLING and at > 0 and tokens[at - 1].text.upper().endswith("SAMPLE"):
            return True
    if not harmless_function(name, dialect) or (is_quoted and dialect == "postgres" and token.text != name):
        return False
    if not _follows(tokens, at, _DOT) or dialect in _CHAINED:
        return True
    is_first = at < 3 or tokens[at - 3].token_type != TokenType.DOT
    return is_first and folded(tokens[at - 2].text) in _NAMESPACES.get(dialect, set())


def _check_permitted(tokens: list[Token], at: int, permitted: Collection[str], dialect: str) -> None:
    start = at
    while start >= 2 and tokens[start - 1].token_type == TokenType.DOT:
        start -= 2
    parts = [token.text for token in tokens[start : at + 1] if token.token_type != TokenType.DOT]
    names = {parts[-1], ".".join(parts[-2:]), ".".join(parts)} if len(parts) > 1 else {parts[-1]}
    if not any(permitted_function(name, permitted) for name in names):
        message = f"no such function that is known only to compute: {'.'.join(parts)}"
        raise StatementRefused("other", message, _HINTS.get(dialect, _HINT))
