"""Completion in `agentsql chat`: commands, tables, columns and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from agentsql.cli.safe import one_line
from agentsql.db.schema import Schema

_files = PathCompleter(expanduser=True)


class ChatCompleter(Completer):
    """Completes a backslash command and its argument, and names of the schema anywhere else."""

    def __init__(self, schema: Schema, commands: Iterable[str]) -> None:
        self._schema = schema
        self._commands = tuple(commands)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Give what may stand at the cursor."""
        before = document.text_before_cursor
        command, space, argument = before.partition(" ")
        if before.startswith("\\") and not space:
            yield from _matching(command[1:], self._commands, "command")
        elif command == "\\export":
            yield from _files.get_completions(Document(argument.removeprefix("-f ").lstrip()), complete_event)
        elif command in ("\\schema", "\\d"):
            yield from _matching(argument.lstrip(), (table.name for table in self._schema), "table")
        else:
            yield from self._names(document.get_word_before_cursor(WORD=True).lstrip("(,'\""))

    def _names(self, word: str) -> Iterator[Completion]:
        table_name, dot, column_part = word.partition(".")
        table = self._schema.table(table_name) if dot else None
        if table is not None:
            yield from _matching(column_part, (column.name for column in table.columns), table.name)
        elif word:
            yield from _matching(word, (one.name for one in self._schema), "table")
            columns: dict[str, str] = {}
            for one in self._schema:
                for column in one.columns:
                    columns[column.name] = f"{columns[column.name]}, …" if column.name in columns else one.name
            for name, owner in columns.items():
                yield from _matching(word, (name,), owner)


def _matching(word: str, names: Iterable[str], meta: str) -> Iterator[Completion]:
    folded = word.casefold()
    for name in names:
        if name.casefold().startswith(folded):
            yield Completion(name, start_position=-len(word), display=one_line(name), display_meta=one_line(meta))
