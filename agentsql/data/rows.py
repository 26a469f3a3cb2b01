"""The lines of training files: prompt and completion, or prompt, chosen and rejected, as chat messages.

The keys `prompt`, `completion`, `chosen` and `rejected` are those of trl's conversational datasets; the others say
where a row comes from. Every line of a file has the same keys, so that a table can be made of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from agentsql.errors import TrainingDataError
from agentsql.types import Message

Task = Literal["sql", "schema", "correct", "select"]
"""`sql` writes a query, `correct` rewrites one that fails (both the role `sql`); `schema` names tables and columns as
JSON, `select` chooses a result (both the role `chat`)."""

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class About:
    """What a row was made of."""

    task: Task
    db_id: str
    question: str
    gold: str
    """SQL that is right."""
    database: str = ""
    """Path or SQLAlchemy URL; empty where there is no more than `schema_sql`."""
    hardness: str = ""
    question_id: str = ""
    evidence: str = ""
    schema_sql: str = ""
    """CREATE TABLE statements, where there is no database."""
    tables: tuple[str, ...] = ()
    """Those the gold reads, sorted."""
    columns: tuple[str, ...] = ()
    """`table.column` of those the gold reads, keys of joins included, sorted."""
    columns_without_keys: tuple[str, ...] = ()
    """Those that do more than join."""
    source: str = ""
    """Name of the file or run it comes from."""


_OTHER_ROWS = {
    "completion": ("rejected", "it is a pair of a right and a wrong reply, which `agentsql train dpo` learns from"),
    "chosen": ("completion", "it has one reply and no pair of them, which `agentsql data mine` makes"),
}
"""What a row is that has another key in place of the one wanted."""
_ABOUT = tuple(one.name for one in fields(About))


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A prompt with the reply that is right."""

    prompt: tuple[Message, ...]
    completion: str
    about: About

    def to_json(self) -> str:
        """Give it as one line without its end."""
        return _line(self.prompt, {"completion": self.completion}, self.about)


@dataclass(frozen=True, slots=True)
class PreferenceRow:
    """A prompt with a reply that is right and one that is wrong."""

    prompt: tuple[Message, ...]
    chosen: str
    rejected: str
    about: About

    def to_json(self) -> str:
        """Give it as one line without its end."""
        return _line(self.prompt, {"chosen": self.chosen, "rejected": self.rejected}, self.about)


def read_training_rows(path: Path) -> Iterator[TrainingRow]:
    """Yield the rows of a file in its order.

    Raises:
        TrainingDataError: the file cannot be read, or a line of it is no such row.
    """
    return _read(path, lambda found: TrainingRow(_messages(found), _reply(found, "completion"), _about(found)))


def read_preference_rows(path: Path) -> Iterator[PreferenceRow]:
    """Yield the rows of a file in its order.

    Raises:
        TrainingDataError: the file cannot be read, or a line of it is no such row.
    """
    return _read(
        path,
        lambda found: PreferenceRow(
            _messages(found), _reply(found, "chosen"), _reply(found, "rejected"), _about(found)
        ),
    )


def _line(prompt: Sequence[Message], replies: Mapping[str, str], about: About) -> str:
    # By hand, because `asdict` copies deeply and takes a tenth of all that is done for a row.
    shown = {
        "prompt": [{"role": one.role, "content": one.content} for one in prompt],
        **{name: [{"role": "assistant", "content": text}] for name, text in replies.items()},
        **{name: getattr(about, name) for name in _ABOUT},
    }
    # A lone surrogate, which JSON can carry and UTF-8 cannot, would end the writing of the file.
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace").decode()


def _read(path: Path, row_of: Callable[[dict[str, Any]], _Row]) -> Iterator[_Row]:
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    yield row_of(_object(line))
    except OSError as exc:
        raise TrainingDataError(f"{path} cannot be read: {exc.strerror}; see that the path is right") from exc
    except (ValueError, TypeError) as exc:
        raise TrainingDataError(
            f"line {number + (isinstance(exc, UnicodeDecodeError))} of {path} is no training row: {exc}; "
            "make the file anew with `agentsql data prepare` or correct the line"
        ) from exc


def _object(line: str) -> dict[str, Any]:
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _messages(found: Mapping[str, Any]) -> tuple[Message, ...]:
    prompt = found.get("prompt")
    if not isinstance(prompt, list) or not prompt:
        raise ValueError("'prompt' must be a list of at least one message")
    return tuple(_message(one, "prompt") for one in prompt)


def _message(found: object, key: str) -> Message:
    if not isinstance(found, dict) or not isinstance(found.get("content"), str):
        raise ValueError(f"{key!r} must hold messages with a role and a content")
    if found.get("role") not in ("system", "user", "assistant"):
        raise ValueError(f"{key!r} has the role {found.get('role')!r}; it must be system, user or assistant")
    return Message(found["role"], found["content"])


def _reply(found: Mapping[str, Any], key: str) -> str:
    replies = found.get(key)
    if replies is None and (told := _OTHER_ROWS.get(key)) and told[0] in found:
        raise ValueError(told[1])
    if not isinstance(replies, list) or len(replies) != 1:
        raise ValueError(f"{key!r} must be a list of one message of the assistant")
    reply = _message(replies[0], key)
    if reply.role != "assistant":
        raise ValueError(f"{key!r} has the role {reply.role!r}; it must be assistant")
    return reply.content


def _about(found: Mapping[str, Any]) -> About:
    known = {one.name: found[one.name] for one in fields(About) if one.name in found}
    if known.get("task") not in get_args(Task):
        raise ValueError(f"'task' is {known.get('task')!r}; it must be one of {', '.join(get_args(Task))}")
    for name in ("tables", "columns", "columns_without_keys"):
        listed = known.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise ValueError(f"{name!r} must be a list of names")
        known[name] = tuple(listed)
    if wrong := [name for name, value in known.items() if not isinstance(value, str | tuple)]:
        raise ValueError(f"{wrong[0]!r} must be a text")
    if missing := [name for name in ("db_id", "question", "gold") if name not in known]:
        raise ValueError(f"{missing[0]!r} is missing")
    return About(**known)
