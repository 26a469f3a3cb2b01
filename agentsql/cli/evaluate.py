"""`agentsql evaluate`: what the answers of a run, or any system's predictions, are worth; and which run is better."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from agentsql.cli import options
from agentsql.errors import BelowTargetError, UsageError

if TYPE_CHECKING:
    from agentsql.evaluation.compare import Comparison
    from agentsql.evaluation.evaluate import Measures
    from agentsql.evaluation.score import Evaluation


_DEFAULT = "//runs"
"""Name of the sub-command that scores runs: nobody calls a folder so."""


class _RunsByDefault(TyperGroup):
    """Takes the first word for a run's folder where it is no sub-command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command that scores runs in front."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else [_DEFAULT, *args])


class _Runs(TyperCommand):
    """The sub-command whose name nobody needs to write."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Leave its name out."""
        formatter.write_usage(ctx.parent.command_path, " ".join(self.collect_usage_pieces(ctx)))


app = typer.Typer(cls=_RunsByDefault, help="Score a run or predictions, say why answers are wrong, compare two runs.")

Questions = Annotated[
    Path | None,
    typer.Option("--questions", metavar="FILE|FOLDER", help="The benchmark's questions, if not the run's own."),
]
Databases = Annotated[
    str, typer.Option("--databases", metavar="FOLDER|URL", help="Its databases, if not beside the questions.")
]
BenchmarkName = Annotated[
    str, typer.Option("--benchmark", metavar="NAME", help="Its layout, if that cannot be told from the file.")
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Where the report goes, if not to the run.")]
Json = Annotated[bool, typer.Option("--json", help="Write the summary as JSON.")]


@app.command(_DEFAULT, cls=_Runs, hidden=True)
def evaluate(
    runs: Annotated[list[Path] | None, typer.Argument(metavar="RUN_FOLDER", help="Folders of `agentsql run`.")] = None,
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", metavar="FILE", help="SQL of any system: .sql, .txt, .json, .jsonl or .csv."),
    ] = None,
    questions: Questions = None,
    databases: Databases = "",
    benchmark: BenchmarkName = "",
    schemas: options.Schemas = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric", metavar="NAME", help="Measure this too: ves, r_ves (they time queries), embedding_distance."
        ),
    ] = None,
    embedding_model: Annotated[
        str,
        typer.Option("--embedding-model", metavar="NAME", help="A sentence-transformers model for embedding_distance."),
    ] = "",
    prompt_price: Annotated[float, typer.Option("--prompt-price", help="Of a million prompt tokens.")] = 0.0,
    completion_price: Annotated[float, typer.Option("--completion-price", help="Of a million written tokens.")] = 0.0,
    out: Out = None,
    fail_under: Annotated[
        float | None,
        typer.Option("--fail-under", min=0, max=1, help="Exit with 1 if the accuracy is below this, as 0.8."),
    ] = None,
    json: Json = False,
) -> None:
    """Score runs or predictions; no model is asked. To tell which of two is better: `agentsql evaluate compare A B`."""
    from agentsql.cli.evaluate_load import load_predictions, load_run, named_source

    if bool(runs) == bool(predictions):
        raise UsageError("name folders of runs, or a file by --predictions")
    source = named_source(questions, databases, benchmark, schemas)
    measures = _measures(metric or [], embedding_model, prompt_price, completion_price)
    if predictions is not None:
        found = [load_predictions(predictions, source, measures)]
        _write(found, [out or Path(f"{predictions}.evaluation")], out, json=json)
    else:
        found = [load_run(run, source, measures) for run in runs or ()]
        _write(found, list(runs or ()), out, json=json)
    for one in found:
        _check_target(one, fail_under)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A run's folder, or an evaluation.json.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Likewise; the one that may be better.")],
    questions: Questions = None,
    databases: Databases = "",
    benchmark: BenchmarkName = "",
    schemas: options.Schemas = None,
    shared: Annotated[bool, typer.Option("--shared", help="Leave out questions that only one of them has.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Write a report of both there.")] = None,
    fail_under: Annotated[
        float | None,
        typer.Option(
            "--fail-under", min=-1, max=1, help="Exit with 1 if B's accuracy minus A's is below this, as -0.01."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Tell whether run B is better than run A, question by question."""
    from agentsql.cli.evaluate_load import load_evaluation, named_source
    from agentsql.evaluation.compare import compare as compare_runs

    source = named_source(questions, databases, benchmark, schemas)
    found = compare_runs(load_evaluation(first, source), load_evaluation(second, source), shared_only=shared)
    _show_comparison(found, json=json)
    if out is not None:
        _write_report([found.first, found.second], out)
    if fail_under is not None and found.bootstrap.difference < fail_under:
        raise BelowTargetError(
            f"the accuracy of {found.second.name!r} minus that of {found.first.name!r} is "
            f"{found.bootstrap.difference:+.4f}, below --fail-under {fail_under:g}; it lost {len(found.lost)} questions"
        )


def _measures(metrics: Sequence[str], embedding_model: str, prompt_price: float, completion_price: float) -> Measures:
    from agentsql.errors import nearest
    from agentsql.evaluation.evaluate import Measures
    from agentsql.evaluation.measures import BY_DEFAULT, METRICS

    for name in metrics:
        if name not in METRICS:
            raise UsageError(f"there is no metric {name!r}{nearest(name, METRICS)}; there are {', '.join(METRICS)}")
    prices = (prompt_price, completion_price) if prompt_price or completion_price else None
    return Measures(tuple(dict.fromkeys((*BY_DEFAULT, *metrics))), embedding_model, prices)


def _write(found: Sequence[Evaluation], folders: Sequence[Path], out: Path | None, *, json: bool) -> None:
    """Write each evaluation beside its run, the report of all of them, and what a person reads first."""
    from agentsql.cli.evaluate_show import show_evaluations
    from agentsql.evaluation.saved import FILE, summary, write_evaluation

    if json:
        from agentsql.formats import to_json

        typer.echo(to_json([{"name": one.name, "benchmark": one.benchmark, **summary(one)} for one in found]))
    else:
        show_evaluations(found)
    targets = folders if out is None else [out if len(found) == 1 else out / one.name for one in found]
    for one, folder in zip(found, targets, strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        write_evaluation(one, folder / FILE)
        typer.echo(f"wrote {folder / FILE}", err=True)
        if out is None:
            _write_report([one], folder)
    if out is not None:
        _write_report(found, out)


def _write_report(found: Sequence[Evaluation], folder: Path) -> None:
    from agentsql.errors import MissingExtraError
    from agentsql.evaluation.report import write_report

    try:
        for path in write_report(found, folder):
            typer.echo(f"wrote {path}", err=True)
    except MissingExtraError as exc:
        typer.echo(f"no report.html: {exc}", err=True)


def _show_comparison(found: Comparison, *, json: bool) -> None:
    from agentsql.cli.evaluate_show import comparison_json, show_comparison

    if json:
        from agentsql.formats import to_json

        typer.echo(to_json(comparison_json(found)))
    else:
        show_comparison(found)


def _check_target(evaluation: Evaluation, fail_under: float | None) -> None:
    from agentsql.evaluation.score import accuracy

    share = accuracy(evaluation.scored)
    if fail_under is not None and share.value < fail_under:
        raise BelowTargetError(
            f"the accuracy of {evaluation.name!r} is {share.value:.4f} ({share.right} of {share.total}), "
            f"below --fail-under {fail_under:g}; its report names the wrong answers"
        )
