"""Log lines for people and for programs; nothing in them can act on a terminal."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from agentsql.errors import SettingsError
from agentsql.observe.current import question_id
from agentsql.safe import printable

FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class LogForm:
    """How the log is written, for another process to write it so too."""

    form: str
    level: int


class JsonLines(logging.Formatter):
    """One JSON object a line, ASCII only, with the id of the question that the line belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "question_id": question_id.get(),
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class PlainLines(logging.Formatter):
    """A line for a person, without terminal sequences."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(name)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        # A line break in a message must not begin what looks like another line of the log.
        return printable(super().format(record)).replace("\n", "\n    ")


class _Stderr(logging.Handler):
    """Writes to what is stderr at the moment, as a progress line may have taken its place."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):
            self.handleError(record)


def configure_logs(form: str, *, level: int | None = None) -> None:
    """Write the log of agentsql to stderr; for programs of its own only, as a library leaves that to its user.

    Args:
        form: `text` or `json`.
        level: the lowest level that is written; None is INFO for `json` and WARNING for `text`.

    Raises:
        SettingsError: there is no such form.
    """
    if form not in FORMATS:
        raise SettingsError(f"[observe] log_format must be {' or '.join(FORMATS)}, not {form!r}")
    ours = logging.getLogger("agentsql")
    for handler in [one for one in ours.handlers if isinstance(one, _Stderr)]:
        ours.removeHandler(handler)
    handler = _Stderr()
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    ours.addHandler(handler)
    ours.setLevel(level if level is not None else logging.INFO if form == "json" else logging.WARNING)


def log_form() -> LogForm | None:
    """Give what `configure_logs` was called with; None before."""
    ours = logging.getLogger("agentsql")
    for handler in ours.handlers:
        if isinstance(handler, _Stderr):
            return LogForm("json" if isinstance(handler.formatter, JsonLines) else "text", ours.level)
    return None
