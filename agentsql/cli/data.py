"""`agentsql data`: training data, prepared from benchmarks, mined from runs, or written by a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentsql.cli.options import ChatModel, Graph, SqlModel
from agentsql.errors import AgentSQLError, UsageError
from agentsql.settings import Settings, load_settings

if TYPE_CHECKING:
    from agentsql.data.leaks import LeakIndex
    from agentsql.db.schema import Schema
    from agentsql.evaluation.questions import Question

app = typer.Typer(
    help="Make training data: prepare it, mine it from runs, or let a model write it.", no_args_is_help=True
)

Inputs = Annotated[
    list[Path],
    typer.Option(
        "--from", metavar="PATH|hf:OWNER/NAME[:SPLIT]", help="A file, dataset or run to read; may be given again."
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The folder to make.")]
Databases = Annotated[
    Path | None,
    typer.Option("--databases", metavar="FOLDER", help="Where the databases lie, if not in their usual place."),
]
Questions = Annotated[
    Path | None,
    typer.Option(
        "--questions", metavar="FILE|FOLDER", help="The questions of a run, if it does not say where they are."
    ),
]
Against = Annotated[
    Path | None,
    typer.Option(
        "--against", metavar="PATH", help="Report what an evaluation set shares; `--drop leak` leaves it out."
    ),
]
Tokenizer = Annotated[
    str, typer.Option("--tokenizer", metavar="FILE|FOLDER|NAME", help="Counts tokens; estimated without one.")
]
Seed = Annotated[int, typer.Option("--seed", help="Of splits and of tables shown beside those needed.")]


class Task(StrEnum):
    """What is trained."""

    SQL = "sql"
    SCHEMA = "schema"
    BOTH = "both"


class View(StrEnum):
    """What of the schema prompts show."""

    GRAPH = "graph"
    FULL = "full"
    PRUNED = "pruned"


class Unwanted(StrEnum):
    """Questions that may be left out."""

    FAILING = "failing"
    TIMEOUT = "timeout"
    EMPTY = "empty"
    LEAK = "leak"
    NONE = "none"


class FileFormat(StrEnum):
    """How rows are written."""

    JSONL = "jsonl"
    PARQUET = "parquet"
    DATASETS = "datasets"


@app.command()
def prepare(
    inputs: Inputs,
    out: Out,
    task: Annotated[Task, typer.Option("--task", help="Writing SQL, naming the schema's parts, or both.")] = Task.SQL,
    graph: Graph = None,
    view: Annotated[
        View, typer.Option("--view", help="Tables shown: as in the graph, all, or those needed.")
    ] = View.GRAPH,
    noise: Annotated[
        str, typer.Option("--noise", metavar="N|LOW-HIGH", help="Tables that --view pruned shows beside those needed.")
    ] = "0-3",
    values: Annotated[bool, typer.Option("--values/--no-values", help="Whether cell values are shown.")] = True,
    examples: Annotated[
        bool, typer.Option("--examples/--no-examples", help="Whether solved questions are, where the graph shows any.")
    ] = True,
    drop: Annotated[
        list[Unwanted] | None,
        typer.Option(
            "--drop", help="Leave out questions whose gold is so, or that leak; failing and timeout by default."
        ),
    ] = None,
    split: Annotated[
        str, typer.Option("--split", metavar="NAME=SHARE,…", help="Parts that share no database.")
    ] = "train=0.95,valid=0.05",
    seed: Seed = 0,
    against: Against = None,
    databases: Databases = None,
    questions: Questions = None,
    tokenizer: Tokenizer = "",
    form: Annotated[FileFormat, typer.Option("--format", help="Written beside the JSONL files.")] = FileFormat.JSONL,
) -> None:
    """Make training rows of questions with SQL, with the prompts of inference. Stopped, it goes on where it was."""
    from agentsql.data.batch import Plan, prepare_files
    from agentsql.data.prepare import Making
    from agentsql.data.prompts import Shown
    from agentsql.data.report import as_markdown
    from agentsql.data.runs import QuestionsOf
    from agentsql.data.split import read_shares
    from agentsql.graph import load_graph

    settings = load_settings(flags={"agent.graph": graph}).settings
    if not values:
        settings = replace(settings, schema=replace(settings.schema, sample_values=0))
    shown = Shown(view.value, _range(noise), values, examples, seed)
    shares = read_shares(split)
    unwanted = _unwanted(drop)
    with _progress() as say:
        leaks = _leak_index(against, databases, settings, say)
        making = Making(load_graph(settings.agent.graph), settings, task.value, shown, unwanted, leaks)
        given = QuestionsOf(questions, databases)
        tables: Any = None if form is FileFormat.JSONL else form.value
        plan = Plan(tuple(inputs), making, given, shares, seed, str(against or ""), tokenizer, tables)
        report = _stoppable(lambda: prepare_files(plan, out, say), out)
    typer.echo(as_markdown(report))


@app.command()
def mine(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN…", help="Folders of `agentsql run`.")],
    out: Out,
    pairs: Annotated[int, typer.Option("--pairs", min=1, help="Preference pairs of one question at most.")] = 4,
    corrections: Annotated[
        int, typer.Option("--corrections", min=0, help="Correction rows of one question at most.")
    ] = 2,
    graph: Annotated[
        str | None, typer.Option("--graph", metavar="NAME|FILE", help="Whose prompts to take, if not the runs' own.")
    ] = None,
    sample: Annotated[
        int, typer.Option("--sample", min=0, metavar="N", help="Let the SQL model write N more queries a question.")
    ] = 0,
    temperature: Annotated[float, typer.Option("--temperature", min=0.0, help="Of --sample.")] = 0.8,
    top_p: Annotated[float, typer.Option("--top-p", min=0.0, max=1.0, help="Of --sample.")] = 0.95,
    top_k: Annotated[int, typer.Option("--top-k", min=0, help="Of --sample; 0 leaves it to the server.")] = 0,
    sql_model: SqlModel = None,
    questions: Questions = None,
    databases: Databases = None,
    tokenizer: Tokenizer = "",
) -> None:
    """Make preference pairs, corrections, selections and schema rows of what runs got right and wrong.

    Stopped, it goes on where it was.
    """
    from agentsql.data.mine import Mining
    from agentsql.data.mine_batch import mine_all, read_runs, with_samples
    from agentsql.data.mine_report import as_markdown
    from agentsql.data.runs import QuestionsOf, graph_of
    from agentsql.data.sampling import Sampling
    from agentsql.graph import load_graph
    from agentsql.models.spec import open_endpoint

    flags = {"agent.graph": graph or graph_of(runs) or None, "agent.sql_model": sql_model}
    settings = load_settings(flags=flags).settings
    mining = Mining(load_graph(settings.agent.graph), settings, pairs, corrections)
    with _progress() as say:

        def work() -> Any:
            found = read_runs(runs, QuestionsOf(questions, databases))
            if sample:
                endpoint = open_endpoint(
                    settings.agent.sql_model, settings=settings.models, progress=lambda done: say(str(done))
                )
                found = with_samples(found, out, mining, endpoint, Sampling(sample, temperature, top_p, top_k), say)
            return mine_all(found, out, mining, tokenizer=tokenizer, say=say)

        report = _stoppable(work, out)
    typer.echo(as_markdown(report))


@app.command()
def triplets(
    out: Out,
    count: Annotated[int, typer.Option("--count", min=1, help="Triplets wanted.")],
    db: Annotated[
        list[Path] | None,
        typer.Option("--db", metavar="FILE", help="A database, or CREATE TABLEs (.sql), to ask about; none: invented."),
    ] = None,
    back: Annotated[
        bool, typer.Option("--back", help="Draw the SQL from the schema, and have only its question written.")
    ] = False,
    seeds: Annotated[
        Path | None, typer.Option("--seeds", metavar="FILE", help="Questions with SQL whose skeletons are asked for.")
    ] = None,
    chat_model: ChatModel = None,
    temperature: Annotated[float, typer.Option("--temperature", min=0.0, help="Of the model.")] = 0.8,
    top_p: Annotated[float, typer.Option("--top-p", min=0.0, max=1.0, help="Of the model.")] = 0.95,
    seed: Annotated[int, typer.Option("--seed", help="Of domains, skeletons and SQL that is drawn.")] = 0,
) -> None:
    """Let the chat model write questions with SQL, and keep what stands every test. Stopped, it goes on."""
    import asyncio

    from agentsql.data.synthesize import (
        Order,
        as_markdown,
        given_databases,
        installed_embedder,
        seeds_from,
        write_triplets,
    )
    from agentsql.data.triplets import shipped_seeds
    from agentsql.models.spec import open_endpoint

    settings = load_settings(flags={"agent.chat_model": chat_model}).settings
    if back and not db:
        raise UsageError("--back draws SQL from a schema; name a database by --db")
    given = tuple(given_databases(db or (), settings))
    kind: Any = "say" if back else "ask" if given else "invent"
    order = Order(
        count,
        kind,
        given,
        seeds_from(seeds) if seeds else shipped_seeds(),
        temperature,
        top_p,
        seed,
    )
    with _progress() as say:
        say("loading the embedding model")
        embedder = installed_embedder(settings.examples.model)

        async def write() -> Any:
            spec = settings.agent.chat_model or settings.agent.sql_model
            endpoint = open_endpoint(spec, settings=settings.models, progress=lambda done: say(str(done)))
            try:
                return await write_triplets(order, endpoint, out, settings, embedder=embedder, say=say)
            finally:
                await endpoint.close()

        report = _stoppable(lambda: asyncio.run(write()), out)
    typer.echo(as_markdown(report))


@app.command()
def report(
    path: Annotated[Path, typer.Argument(help="A folder that was prepared, or a file of training rows.")],
    tokenizer: Tokenizer = "",
) -> None:
    """Show the report of a folder again, or count a file of rows; with a tokenizer the lengths are counted anew."""
    from agentsql.data.report import NO_ROWS, REPORT_TEXT, as_markdown, report_on_rows

    if path.is_dir() and not tokenizer:
        try:
            typer.echo((path / REPORT_TEXT).read_text(encoding="utf-8"))
        except OSError as exc:
            raise UsageError(
                f"{path} holds no report; give a folder made by `agentsql data`, or a file of rows"
            ) from exc
        return
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    with _progress() as say:
        found = report_on_rows([one for one in files if path.is_file() or one.name not in NO_ROWS], tokenizer, say)
    typer.echo(as_markdown(found))


@app.command()
def push(
    folder: Annotated[Path, typer.Argument(help="A folder that `agentsql data` made.")],
    name: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The dataset on the hub; made if need be.")],
    private: Annotated[bool, typer.Option("--private", help="Let nobody else read it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be uploaded.")] = False,
) -> None:
    """Upload rows to the Hugging Face hub as a dataset, with their report as its card."""
    from agentsql.data.upload import planned_upload, upload

    planned = planned_upload(folder, name, private=private)
    if dry_run:
        typer.echo(f"would upload {planned}")
        return
    with _progress() as say:
        say(f"uploading {planned}")
        address = upload(folder, name, private=private)
    typer.echo(address)


def _unwanted(drop: list[Unwanted] | None) -> frozenset[Any]:
    if drop is None:
        return frozenset({"failing", "timeout"})
    if Unwanted.NONE in drop and len(drop) > 1:
        raise UsageError("--drop none cannot stand beside another --drop; leave one of them out")
    return frozenset(one.value for one in drop if one is not Unwanted.NONE)


def _range(text: str) -> tuple[int, int]:
    """Read `3` or `0-3`."""
    low, _, high = text.partition("-")
    try:
        found = int(low), int(high or low)
    except ValueError:
        found = -1, -1
    if not 0 <= found[0] <= found[1]:
        raise UsageError(f"--noise {text!r} is no number of tables; write it as 2 or 0-3")
    return found


def _leak_index(
    against: Path | None, databases: Path | None, settings: Settings, say: Callable[[str], None]
) -> LeakIndex:
    from agentsql.data.leaks import LeakIndex, index_evaluation
    from agentsql.evaluation.benchmarks import open_benchmark

    if against is None:
        return LeakIndex()
    say("reading the evaluation set")
    try:
        questions = open_benchmark(against).questions
    except UsageError:
        if databases is None:
            raise
        questions = open_benchmark(against, databases).questions
    first = {one.db_id: one for one in questions}
    return index_evaluation(
        ((one.id, one.text, one.golds[0] if one.golds else "", one.db_id) for one in questions),
        lambda db_id: _schema_of(first[db_id], settings),
    )


def _schema_of(question: Question, settings: Settings) -> Schema | None:
    """Give the schema of an evaluated database; None where it is not there, and its name alone is compared."""
    from agentsql.data.places import MemoryDatabase
    from agentsql.db.connect import open_database

    try:
        if not question.database:
            return MemoryDatabase(question.db_id, question.schema_sql, settings).schema()
        with closing(open_database(question.database, settings=settings.database)) as database:
            return database.schema()
    except AgentSQLError:
        return None


def _stoppable(work: Callable[[], Any], out: Path) -> Any:
    """Do the work; Ctrl-C ends it with a word on how to go on."""
    try:
        return work()
    except KeyboardInterrupt:
        typer.echo(f"stopped; what is done is kept in {out}: give the same command again to go on", err=True)
        raise typer.Exit(130) from None


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    from agentsql.cli.progress import ProgressLine
    from agentsql.cli.show import make_console

    with ProgressLine(make_console(stderr=True)) as progress:
        yield progress.say
