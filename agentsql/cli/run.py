"""`agentsql run`: a benchmark's questions answered into a folder, which can be gone on with after any stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli import options
from agentsql.errors import UsageError

if TYPE_CHECKING:
    from agentsql.runs.batch import Engine, RunPlan


class EngineName(StrEnum):
    """Where questions are answered."""

    LOCAL = "local"
    RAY = "ray"


def run(
    questions: Annotated[Path, typer.Option("--questions", metavar="FILE|FOLDER", help="A benchmark's questions.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the answers go; a new folder.")],
    databases: Annotated[
        str,
        typer.Option(
            "--databases", metavar="FOLDER|URL", help="Its databases, if not beside the questions; * in a URL."
        ),
    ] = "",
    benchmark: Annotated[
        str, typer.Option("--benchmark", metavar="NAME", help="Its layout, if that cannot be told from the file.")
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="The first so many questions only.")] = None,
    shard: Annotated[str, typer.Option("--shard", metavar="K/N", help="The K-th of N equal parts only.")] = "1/1",
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=1, help="Questions at a time; 32, or 2 with an embedded model.")
    ] = None,
    deadline: Annotated[
        float | None,
        typer.Option("--deadline", metavar="SECONDS", min=0.001, help="Longest time of a question; the budget and 60."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder, if there is one.")
    ] = False,
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="With --resume: ask again what could not be asked.")
    ] = False,
    merge: Annotated[
        list[Path] | None, typer.Option("--merge", metavar="FOLDER", help="Take over the answers of a shard.")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option("--engine", help="local: this process; ray: the workers of a Ray cluster.")
    ] = EngineName.LOCAL,
    address: Annotated[
        str, typer.Option("--address", metavar="HOST:PORT", help="The Ray cluster, if not one of this machine's own.")
    ] = "",
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Ray workers, if not one for each CPU.")
    ] = None,
    graph: options.Graph = None,
    sql_model: options.SqlModel = None,
    chat_model: options.ChatModel = None,
    max_rows: options.MaxRows = None,
    timeout: options.Timeout = None,
    policy: options.Policy = None,
    principal: options.As = None,
    schemas: options.Schemas = None,
) -> None:
    """Answer the questions of a benchmark, many at a time."""
    from agentsql.cli.run_progress import RunProgress
    from agentsql.cli.show import make_console
    from agentsql.evaluation.benchmarks import kept_place, open_benchmark
    from agentsql.evaluation.servers import with_schemas
    from agentsql.runs.batch import RunPlan, run_benchmark
    from agentsql.runs.shard import read_shard
    from agentsql.settings import load_settings

    flags = options.agent_flags(
        graph=graph,
        sql_model=sql_model,
        chat_model=chat_model,
        max_rows=max_rows,
        timeout_s=timeout,
        policy=policy,
        principal=principal,
    )
    databases = with_schemas(databases, schemas)
    source = {
        "questions": str(questions.resolve()),
        "databases": kept_place(databases),
        "benchmark": benchmark,
    }
    plan = RunPlan(load_settings(flags=flags).settings, limit=limit, shard=read_shard(shard), source=source)
    plan = _with_bounds(plan, concurrency, deadline)
    console = make_console(stderr=True)
    opened = open_benchmark(questions, databases or None, benchmark)
    with _advice(out), RunProgress(console, opened.name) as progress:
        done = run_benchmark(
            opened,
            out,
            plan,
            resume=resume,
            retry_errors=retry_errors,
            merge=merge or (),
            engine=_engine(engine, address, workers),
            report=progress.show,
            say=progress.say,
        )
    progress.summarise(done)
    typer.echo(f"agentsql evaluate {out}")


def _engine(name: EngineName, address: str, workers: int | None) -> Engine:
    if name is EngineName.RAY:
        from agentsql.runs.distributed import RayEngine

        return RayEngine(address, workers)
    if address or workers:
        raise UsageError("--address and --workers are of a Ray cluster; add --engine ray, or leave them out")
    from agentsql.runs.runner import answer_all

    return answer_all


def _with_bounds(plan: RunPlan, concurrency: int | None, deadline_s: float | None) -> RunPlan:
    from agentsql.runs.batch import bounds_for

    bounds = bounds_for(plan)
    if concurrency is not None:
        bounds = replace(bounds, concurrency=concurrency)
    if deadline_s is not None:
        bounds = replace(bounds, deadline_s=deadline_s)
    return replace(plan, bounds=bounds)


@contextmanager
def _advice(out: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; what is answered is in {out}: go on with the same command and --resume", err=True)
        raise
