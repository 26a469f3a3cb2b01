"""The schema as text for a prompt: the same bytes for the same schema, within a token budget.

Names, comments and values come from the database and are untrusted: none of them can leave its line or its literal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agentsql.db.closure import linked_tables
from agentsql.db.quote import clip, quote_identifier, quote_table, value_literal
from agentsql.db.schema import Column, ForeignKey, Schema, Table

CHARACTERS_A_TOKEN = 3.0
"""Of schema text; Qwen and Llama tokenizers were measured at 3.0 to 3.9, so this errs on the side of the budget."""

_VALUE_CHARS = 30
_COMMENT_CHARS = 240
_NAME_CHARS = 200
"""PostgreSQL and MySQL take 64 at most; only SQLite lets a name fill a prompt."""
_VALUES_CHARS = 120
"""Characters all values of one column may take together."""
_ROWS_A_VALUE = 2


@dataclass(frozen=True, slots=True)
class RenderedSchema:
    """A schema text and what is in it."""

    text: str
    tables: tuple[str, ...]
    """Tables shown, in the order of the text."""
    dropped: tuple[str, ...]
    """Tables that were asked for and left out to keep the token budget, sorted."""


@dataclass(frozen=True, slots=True)
class _Detail:
    sample_values: int
    comment_chars: int


def render_schema(
    schema: Schema, *, tables: Sequence[str] = (), prompt_tokens: int, sample_values: int
) -> RenderedSchema:
    """Write the schema as CREATE statements, tables sorted by name.

    Above the budget it first leaves out values, then comments, then tables, at least one of which stays. Of `tables`
    the last named goes first; where none are named, the table with the fewest foreign keys to and from those left.

    Args:
        tables: the tables to show, most important first; empty shows all. Unknown names are ignored.
        prompt_tokens: estimated tokens the text may take.
        sample_values: values shown of a column that has more than it lists in full; 0 shows no values at all.
    """
    named = [table for name in dict.fromkeys(tables) if (table := schema.table(name)) is not None]
    shown = sorted({table.name: table for table in named or schema}.values(), key=lambda table: table.name)
    for detail in (_Detail(sample_values, _COMMENT_CHARS), _Detail(0, _COMMENT_CHARS), _Detail(0, 0)):
        text = _text(shown, schema.dialect, detail)
        if estimated_tokens(text) <= prompt_tokens:
            return RenderedSchema(text, tuple(table.name for table in shown), ())
    kept = _within_budget(shown, [table.name for table in named], schema.dialect, prompt_tokens, detail)
    dropped = tuple(table.name for table in shown if table not in kept)
    text = _text(kept, schema.dialect, detail)
    if len(kept) == 1 and estimated_tokens(text) > prompt_tokens:
        text = _cut(text, prompt_tokens)
    return RenderedSchema(text, tuple(table.name for table in kept), dropped)


def estimated_tokens(text: str) -> int:
    """Give about how many tokens a text takes; characters beyond ASCII are counted by their UTF-8 bytes."""
    return math.ceil(len(text.encode("utf-8", "replace")) / CHARACTERS_A_TOKEN)


def _within_budget(
    shown: Sequence[Table], named: Sequence[str], dialect: str, prompt_tokens: int, detail: _Detail
) -> list[Table]:
    left = {table.name: table for table in shown}
    size = {table.name: estimated_tokens(_statement(table, dialect, detail, left) + "\n") for table in shown}
    total = sum(size.values())
    links = linked_tables(shown)
    linked = {name: len(others) for name, others in links.items()}
    leaving = iter(reversed(named))
    while total > prompt_tokens and len(left) > 1:
        name = next(leaving) if named else min(left, key=lambda one: (len(links[one]), linked[one], -size[one], one))
        del left[name]
        total -= size[name]
        for other in links.pop(name, ()):
            links[other].discard(name)
    return list(left.values())


def _text(tables: Sequence[Table], dialect: str, detail: _Detail) -> str:
    names = {table.name: table for table in tables}
    return "\n".join(_statement(table, dialect, detail, names) for table in tables)


def _statement(table: Table, dialect: str, detail: _Detail, names: Mapping[str, Table]) -> str:
    def quote(name: str) -> str:
        return _on_one_line(quote_identifier(name, dialect))

    if table.kind == "view":  # its columns repeat values that its tables show
        detail = replace(detail, sample_values=0)
    single_key = table.primary_key[0] if len(table.primary_key) == 1 else None
    linking = {*table.primary_key, *(column for key in table.foreign_keys for column in key.columns)}
    items = [
        _column(
            column,
            quote,
            key=single_key,
            linking=column.name in linking,
            is_category=column.values_complete and len(column.values) * _ROWS_A_VALUE <= (table.rows or 0),
            detail=detail,
        )
        for column in table.columns
    ]
    if len(table.primary_key) > 1:
        items.append((f"PRIMARY KEY ({', '.join(map(quote, table.primary_key))})", ""))
    items += [
        (_foreign_key(key, _on_one_line(quote_table(names[key.to_table], dialect)), quote), "")
        for key in table.foreign_keys
        if key.to_table in names
    ]
    lines = [f"CREATE {table.kind.upper()} {_on_one_line(quote_table(table, dialect))} ("]
    if detail.comment_chars and table.comment:
        lines[0] += f" -- {clip(table.comment, detail.comment_chars)}"
    for number, (item, comment) in enumerate(items, 1):
        comma = "," if number < len(items) else ""
        lines.append(f"  {item}{comma}" + (f" -- {comment}" if comment else ""))
    return "\n".join([*lines, ");"])


def _column(
    column: Column, quote: Callable[[str], str], *, key: str | None, linking: bool, is_category: bool, detail: _Detail
) -> tuple[str, str]:
    """Give the column's definition and what follows it as a comment.

    Args:
        key: the table's primary key, if that is one column.
        linking: the column is part of a key; sample numbers of those say nothing and take tokens.
        is_category: its values are all known and each stands in several rows, so all are worth their tokens.
    """
    words = [quote(column.name), clip(column.type, _VALUE_CHARS).replace("--", "")]
    if column.name == key:
        words.append("PRIMARY KEY")
    comments = [clip(column.comment, detail.comment_chars)] if detail.comment_chars and column.comment else []
    if detail.sample_values and column.values and not (_is_numeric(column) and (linking or not is_category)):
        comments.append(_values(column, detail.sample_values, is_category=is_category))
    return " ".join(filter(None, words)), "; ".join(comments)


def _values(column: Column, sample_values: int, *, is_category: bool) -> str:
    listed = [value_literal(value, max_chars=_VALUE_CHARS) for value in column.values]
    if is_category and sum(map(len, listed)) <= _VALUES_CHARS:
        return f"values: {', '.join(listed)}"
    # A date, a number or a long text shows its form with one value; more would only take tokens.
    enough = 1 if any(_is_form(value) for value in column.values) else sample_values
    return f"e.g. {', '.join(listed[:enough])}"


def _is_form(value: object) -> bool:
    return not isinstance(value, str) or len(value) > _VALUE_CHARS or value[:4].isdigit()


def _is_numeric(column: Column) -> bool:
    return all(isinstance(value, int | float) for value in column.values)


def _foreign_key(key: ForeignKey, to_table: str, quote: Callable[[str], str]) -> str:
    columns, targets = ", ".join(map(quote, key.columns)), ", ".join(map(quote, key.to_columns))
    return f"FOREIGN KEY ({columns}) REFERENCES {to_table}({targets})"


def _on_one_line(name: str) -> str:
    """Keep a quoted name within its line and its bounds; one that is cut or has control characters is not exact."""
    if len(name) <= _NAME_CHARS and name.isprintable():
        return name
    shown = clip(name, min(len(name) + 3, _NAME_CHARS))
    return shown if shown[-1:] == name[-1:] else shown + name[-1:]


def _cut(text: str, prompt_tokens: int) -> str:
    """Give the statement of one table with as many columns as fit, at least one."""
    first, *items, end = text.split("\n")
    note = "  -- and {} more columns"
    room = prompt_tokens - estimated_tokens("\n".join((first, note, end)))
    kept: list[str] = []
    for item in items:
        room -= estimated_tokens(item + "\n")
        if room < 0 and kept:
            break
        kept.append(item)
    return "\n".join((first, *kept, note.format(len(items) - len(kept)), end))
