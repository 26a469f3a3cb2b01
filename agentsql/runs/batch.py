"""Runs a benchmark into a folder, from the start or from where it was interrupted."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agentsql.errors import ModelUnreachableError, UsageError
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.evaluation.records import TRACES, Record, read_records
from agentsql.graph import GraphSpec, load_graph
from agentsql.graph.check import checked_parts
from agentsql.models.spec import open_endpoint
from agentsql.runs.asking import Judge, is_unreachable
from agentsql.runs.folder import RunFolder, open_folder
from agentsql.runs.manifest import changed, describe_run, describe_session, read_manifest
from agentsql.runs.opening import Opener, Opening, OpenWith, without_leaks
from agentsql.runs.progress import Progress, Tally
from agentsql.runs.runner import Bounds, Keep, OpenAgent, answer_all
from agentsql.runs.shard import Shard, part_of
from agentsql.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agentsql.models.endpoint import Endpoint

SLACK_S = 60.0
"""What a question gets beyond its budget of seconds, which is looked at before model calls only."""


_TAKEN_AT_A_TIME = 256
"""Records of a shard that are written before the disk is waited for."""


class Engine(Protocol):
    """Where questions are answered; see `runner.answer_all`, which is the local one."""

    def __call__(
        self,
        questions: Sequence[Question],
        *,
        judge: Judge,
        open_agent: OpenAgent,
        keep: Keep,
        bounds: Bounds,
        say: Callable[[str], None],
    ) -> Coroutine[Any, Any, None]:
        """Answer each question once."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is asked of whom."""

    settings: Settings = field(default_factory=Settings)
    graph: str | Path | GraphSpec | None = None
    """None takes the setting, as for the models."""
    sql_model: str | BaseChatModel | Endpoint | None = None
    chat_model: str | BaseChatModel | Endpoint | None = None
    limit: int | None = None
    """The first so many questions only."""
    shard: Shard = field(default_factory=Shard)
    bounds: Bounds | None = None
    """None takes those that suit the models: `bounds_for`."""
    open_with: OpenWith | None = None
    """Opens the agents instead, on endpoints of its own; the models above then only name them in run.json."""
    source: Mapping[str, str] = field(default_factory=dict)
    """`questions`, `databases` and `benchmark` as `open_benchmark` took them, for who evaluates the run."""


def run_benchmark(
    benchmark: Benchmark,
    out: str | Path,
    plan: RunPlan | None = None,
    *,
    resume: bool = False,
    retry_errors: bool = False,
    merge: Sequence[Path] = (),
    engine: Engine = answer_all,
    report: Callable[[Progress], None] = lambda _progress: None,
    say: Callable[[str], None] = lambda _line: None,
) -> Progress:
    """Ask what the folder does not have yet, and give how it ended; Ctrl-C leaves a folder that can be gone on with.

    Args:
        out: the run's folder; see `open_folder` for `resume` and `retry_errors`.
        merge: folders of shards of this run, whose records are taken over.
        report: told after each few records, in a thread of its own.
        say: told about what a person should know, such as a database that cannot be opened; from any thread.

    Raises:
        UsageError: the plan or the folder cannot be used.
        ModelUnreachableError: the model cannot be reached; what was answered is in the folder.
    """
    made = _made(plan or RunPlan(), benchmark)
    with open_folder(Path(out), made.manifest, resume=resume, retry_errors=retry_errors) as folder:
        for shard in merge:
            _take_over(folder, shard, made.questions)
        tally = Tally(len(made.questions))
        for record in folder.records(made.questions):
            tally.add_earlier(record)
        report(tally.progress())

        def keep(records: Sequence[Record]) -> None:
            folder.append(records)
            report(tally.add(records))

        try:
            _answer(made, folder, keep, benchmark.judge, engine, say)
        finally:
            folder.finish(made.questions, _now())
    return tally.progress()


def bounds_for(plan: RunPlan) -> Bounds:
    """Give the bounds that suit the models of a plan.

    An embedded one answers one call at a time, so two questions keep it busy.
    """
    if plan.bounds is not None:
        return plan.bounds
    bounds = Bounds(deadline_s=plan.settings.budget.seconds + SLACK_S)
    is_local = any(isinstance(one, str) and one.startswith("local:") for one in _models(plan))
    return replace(bounds, concurrency=2, databases=2, in_order=True) if is_local else bounds


@dataclass(frozen=True, slots=True)
class _Made:
    """A plan with everything found."""

    questions: tuple[Question, ...]
    settings: Settings
    open_with: OpenWith
    bounds: Bounds
    manifest: dict[str, object]


def _made(plan: RunPlan, benchmark: Benchmark) -> _Made:
    """Find graph and models now, because an error in them is not one database's."""
    questions = _checked(benchmark)[: plan.limit]
    settings = without_leaks(plan.settings, questions)
    questions = part_of(questions, plan.shard)
    graph = load_graph(plan.graph or settings.agent.graph)
    checked_parts(graph)
    sql, chat = _models(plan)
    names = [open_endpoint(one, settings=settings.models).name for one in (sql, chat)]
    bounds = bounds_for(plan)
    manifest = describe_run(
        benchmark.name,
        questions,
        settings=settings,
        graph=graph,
        sql_model=names[0],
        chat_model=names[1],
        shard=plan.shard,
    )
    manifest["source"] = dict(plan.source)
    manifest["sessions"] = [
        describe_session(
            _now(), concurrency=bounds.concurrency, databases=bounds.databases, deadline_s=bounds.deadline_s
        )
    ]
    return _Made(questions, settings, plan.open_with or Opener(graph, sql, chat), bounds, manifest)


def _answer(
    made: _Made, folder: RunFolder, keep: Keep, judge: Judge, engine: Engine, say: Callable[[str], None]
) -> None:
    missing = [one for one in made.questions if one not in folder]
    with tempfile.TemporaryDirectory(prefix="agentsql-run-", ignore_cleanup_errors=True) as scratch:
        opening = Opening(made.open_with, made.settings, Path(scratch))
        try:
            asyncio.run(engine(missing, judge=judge, open_agent=opening, keep=keep, bounds=made.bounds, say=say))
        except ModelUnreachableError as exc:
            raise ModelUnreachableError(
                f"{exc}; {len(folder)} of {len(made.questions)} questions are in {folder.path}: see that the model "
                "is up, and go on by --resume"
            ) from exc


def _models(plan: RunPlan) -> tuple[str | BaseChatModel | Endpoint, str | BaseChatModel | Endpoint]:
    """Give the models of the SQL and the chat role."""
    sql = plan.sql_model or plan.settings.agent.sql_model
    return sql, plan.chat_model or plan.settings.agent.chat_model or sql


def _checked(benchmark: Benchmark) -> tuple[Question, ...]:
    seen: set[str] = set()
    for one in benchmark.questions:
        if one.id in seen:
            raise UsageError(f"the benchmark {benchmark.name!r} has two questions {one.id!r}; ids must differ")
        seen.add(one.id)
    if not seen:
        raise UsageError(f"the benchmark {benchmark.name!r} has no questions; is it the right file?")
    return benchmark.questions


def _take_over(folder: RunFolder, shard: Path, questions: Sequence[Question]) -> None:
    """Copy the records of a shard of the same run."""
    manifest = read_manifest(shard)
    if manifest is None:
        raise UsageError(f"{shard} is no run's folder; name the folders of this run's shards")
    if differences := changed({**manifest, "questions": folder.manifest["questions"]}, folder.manifest):
        listed = "\n".join(f"  - {one}" for one in differences)
        raise UsageError(f"the run in {shard} is not a shard of this one:\n{listed}")
    by_id = {one.id: one for one in questions if one not in folder}

    def taken() -> Iterator[Record]:
        for record in read_records(shard / TRACES):
            asked = None if is_unreachable(record) else by_id.pop(record.question_id, None)
            if asked is not None and (record.question, record.golds) == (asked.text, asked.golds):
                yield record

    records = taken()
    try:
        while some := list(islice(records, _TAKEN_AT_A_TIME)):
            folder.append(some)
    except (OSError, ValueError) as exc:
        raise UsageError(
            f"the records of {shard} cannot be read: {exc}; name the folders of this run's shards"
        ) from exc


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
