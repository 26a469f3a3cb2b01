"""`agentsql trace`: what a question did, when, and what it cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.errors import UsageError

if TYPE_CHECKING:
    from agentsql.evaluation.records import Record


def trace(
    what: Annotated[
        str,
        typer.Argument(metavar="FILE|last|ID", help="A trace, a run's folder or traces.jsonl; `last`, or its id."),
    ] = "last",
    question: Annotated[
        str, typer.Option("--question", metavar="ID", help="Which question of a file that holds several.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Give it as JSON.")] = False,
) -> None:
    """Draw a question as a timeline: a bar a step, with tokens, models, prompts and SQL."""
    from agentsql.cli.show import make_console
    from agentsql.cli.timeline import show_timeline

    record, extra = load_trace(what, question)
    if as_json:
        from agentsql.formats import to_json

        typer.echo(to_json({**json.loads(record.to_json()), **extra}))
        return
    show_timeline(make_console(), record, extra)


def load_trace(what: str, question: str = "") -> tuple[Record, dict[str, str]]:
    """Give a question's record, and when and by whom it was asked where that is known.

    Raises:
        UsageError: there is no such trace, or the file is none.
    """
    from agentsql.evaluation.records import TRACES, record_from

    path = Path(what)
    if path.is_dir():
        path = path / TRACES
    if not path.exists():
        path = _kept(what)
    if path.suffix == ".jsonl":
        return _of_run(path, question), {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        extra = {key: str(found[key]) for key in ("asked_at", "principal") if found.get(key)}
        return record_from(found), extra
    except OSError as exc:
        raise UsageError(f"cannot read the trace {str(path)!r}: {exc.strerror or exc}; name another") from exc
    except (ValueError, TypeError, AttributeError) as exc:
        raise UsageError(f"{str(path)!r} is no trace: {exc}; name a trace or a run's traces.jsonl") from exc


def _kept(what: str) -> Path:
    from agentsql.folders import data_folder
    from agentsql.observe.traces import FOLDER, kept_traces

    folder = data_folder() / FOLDER
    kept = kept_traces(folder)
    if what == "last":
        if not kept:
            raise UsageError(
                f"no traces are kept in {str(folder)!r}; ask a question first, with [observe] traces above 0"
            )
        return kept[-1]
    found = [path for path in kept if path.stem.endswith(f"-{what}")]
    if not found:
        raise UsageError(f"there is no file and no kept trace {what!r}; `agentsql trace last` shows the last one")
    return found[-1]


def _of_run(path: Path, question: str) -> Record:
    from agentsql.evaluation.records import read_records

    try:
        records = {record.question_id: record for record in read_records(path)}
    except OSError as exc:
        raise UsageError(f"cannot read the traces {str(path)!r}: {exc.strerror or exc}; name another file") from exc
    except ValueError as exc:
        raise UsageError(f"{exc}; name a trace or a run's traces.jsonl") from exc
    if not question and len(records) == 1:
        return next(iter(records.values()))
    if question in records:
        return records[question]
    some = ", ".join(list(records)[:5])
    problem = f"there is no question {question!r}" if question else f"there are {len(records):,} questions"
    raise UsageError(f"{problem} in {str(path)!r}; choose one with --question, such as {some or 'none'}")
