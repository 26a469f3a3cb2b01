"""Names as rules of a grammar, sharing their beginnings: the schema's, and those that a query gives itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from agentsql.db.grammar_rules import ONE_TABLE, filled
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Table
from agentsql.db.words import words_of

_LONGEST_ALIAS = 4

Pieces = tuple[str, ...]
"""One name as GBNF, in the pieces at which names may part: a character each, as a rule."""


def name_rules(tables: Sequence[Table], dialect: str) -> Iterator[str]:
    """Give the rules `table-name`, `column-name`, `table-column` (the table's name in front) and `alias`."""
    columns = sorted({column.name for table in tables for column in table.columns})
    also_quoted = any(quote_identifier(name, dialect) != name for name in columns)

    def spelled(names: Iterable[str]) -> Iterator[Pieces]:
        for name in names:
            yield from _spellings(name, dialect, also_quoted=also_quoted)

    def spelled_table(table: Table) -> Iterator[Pieces]:
        for first, *others in product(*(tuple(spelled([part])) for part in table.parts)):
            yield sum((('"."', *part) for part in others), first)

    yield f"table-name ::= {one_of(one for table in tables for one in spelled_table(table))}"
    yield f"column-name ::= {one_of(spelled(columns))}"
    for number, table in enumerate(tables):
        own = one_of(spelled(column.name for column in table.columns))
        parts = {"name": one_of(spelled_table(table)), "columns": own}
        yield from filled(ONE_TABLE, n=str(number), **parts)
    qualified = ((*one, '"."', f"columns-{n}") for n, table in enumerate(tables) for one in spelled(table.parts[-1:]))
    yield f"table-column ::= {one_of(qualified)}"
    yield f"alias ::= ( {one_of(map(any_case, _short_names(tables)))} ) [1-9]?"


def _spellings(name: str, dialect: str, *, also_quoted: bool) -> Iterator[Pieces]:
    """Give the name as prompts show it; beside names that need quotes, models put quotes round all of them."""
    shown = quote_identifier(name, dialect)
    if shown == name:
        yield any_case(name)
    if shown != name or also_quoted:
        yield tuple(map(_literal, quote_identifier(name, dialect, always=True)))


def _short_names(tables: Iterable[Table]) -> Iterator[str]:
    """Give what models call tables for short: `t`, and of a table's words a first letter, the initials, a beginning.

    Any letter would be too many: the first one of a column that the model made up would pass for an alias.
    """
    yield from ("t", "sub")
    for table in tables:
        words = [word for word in words_of(table.name) if word.isascii() and word.isalpha()]
        starts = [word[:length] for word in words[:1] for length in range(2, _LONGEST_ALIAS + 1)]
        for short in (*(word[0] for word in words), "".join(word[0] for word in words)[:_LONGEST_ALIAS], *starts):
            if quote_identifier(short, "sqlite") == short:  # no reserved word, such as `on`
                yield short


def any_case(word: str) -> Pieces:
    """Give a word's letters as classes of both cases."""
    return tuple(
        f"[{char.lower()}{char.upper()}]" if char.isascii() and char.isalpha() else _literal(char) for char in word
    )


def _literal(character: str) -> str:
    if character < " ":
        return f'"\\x{ord(character):02x}"'
    return '"' + character.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Node(dict[str, "_Node"]):
    """What may follow a beginning, by its next piece; `ends` if a name is complete here."""

    ends = False


def one_of(names: Iterable[Pieces]) -> str:
    """Give the GBNF of a choice between names.

    What names have in common at the beginning is written once: a server looks at each alternative that is still open
    for each token, so a thousand columns in one list would cost a thousandfold.
    """
    root = _Node()
    for name in names:
        node = root
        for piece in name:
            node = node.setdefault(piece, _Node())
        node.ends = True
    return _rule(root)


def _rule(node: _Node) -> str:
    return " | ".join(_branch(piece, node[piece]) for piece in sorted(node))


def _branch(piece: str, node: _Node) -> str:
    """Give a piece and what follows it; single pieces in a row without recursion."""
    row = [piece]
    while len(node) == 1 and not node.ends:
        ((piece, node),) = node.items()
        row.append(piece)
    if node:
        row.append(f"( {_rule(node)} )" + "?" * node.ends)
    return " ".join(row)
