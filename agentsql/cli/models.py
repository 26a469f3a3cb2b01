"""`agentsql models`: the models that agentsql fetches and runs by itself, and their servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli.options import Form, ListFormat
from agentsql.cli.serve_models import serve
from agentsql.settings import load_settings

if TYPE_CHECKING:
    from agentsql.models.progress import Progress, ReportProgress
    from agentsql.types import Cell

app = typer.Typer(help="Fetch, list, and remove embedded models; run, see and stop servers.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name in the catalogue; see `agentsql models list`.")]
Directory = Annotated[str | None, typer.Option("--directory", help="Folder of model files, if not the settings'.")]

_LINE_EVERY_S = 2.0


@app.command("list")
def list_models(form: Form = ListFormat.TABLE, directory: Directory = None) -> None:
    """List the catalogue and what of it is installed, then models of your own and what stands behind them."""
    from agentsql.cli.lists import write_list
    from agentsql.models.catalogue import catalogue
    from agentsql.models.files import model_folder
    from agentsql.models.own import own_models

    folder = model_folder(_directory(directory))
    there = {model.name: (folder / model.file).is_file() for model in catalogue().values()}
    if form is ListFormat.JSON:
        columns = ("name", "parameters", "quantisation", "licence", "bytes", "installed")
        rows: list[tuple[Cell, ...]] = [
            (one.name, one.parameters, one.quantisation, one.licence, one.bytes, there[one.name])
            for one in catalogue().values()
        ]
    else:
        columns = ("name", "parameters", "quantisation", "licence", "size", "installed")
        rows = [
            (one.name, f"{one.parameters / 1e9:.2f} B", one.quantisation, one.licence, _megabytes(one.bytes), mark)
            for one in catalogue().values()
            for mark in ("yes" if there[one.name] else "no",)
        ]
    own = own_models()
    if form is ListFormat.JSON:
        write_list((*columns, "target"), [*((*row, "") for row in rows), *_own_rows(own)], form)
        return
    write_list(columns, rows, form)
    if own:
        typer.echo()
        write_list(("your own", "stands for"), list(own.items()), form)


@app.command()
def pull(name: Name, directory: Directory = None) -> None:
    """Download a model, going on where an earlier attempt stopped, and print its path."""
    from agentsql.models.pull import pull as pull_file

    with _progress_shown() as report:
        path = pull_file(name, directory=_directory(directory), progress=report)
    typer.echo(path)


@app.command()
def path(name: Name, directory: Directory = None) -> None:
    """Print the path of an installed model's verified file; exits with 1 if it is not installed."""
    from agentsql.models.catalogue import catalogue_model
    from agentsql.models.files import model_folder, verified_file

    found = verified_file(catalogue_model(name), model_folder(_directory(directory)))
    if found is None:
        typer.echo(f"{name} is not installed; run `agentsql models pull {name}`", err=True)
        raise typer.Exit(1)
    typer.echo(found)


@app.command()
def add(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A GGUF model, a GGUF adapter, or a trained adapter's folder.")
    ],
    name: Annotated[str, typer.Option("--name", help="By which it is used, as local:NAME.")],
    base: Annotated[str, typer.Option(metavar="MODEL", help="Model of an adapter, if not the one that it names.")] = "",
    directory: Directory = None,
) -> None:
    """Put a model or adapter of your own under a name."""
    from agentsql.models.own import adapters_folder, add_model, check_free
    from agentsql.train.gguf_target import gguf_target

    check_free(name)
    target = gguf_target(path, adapters_folder() / f"{name}.gguf", base, models_directory=_directory(directory))
    add_model(name, target)
    typer.echo(f"local:{name} is {target}")


@app.command()
def rm(name: Name, directory: Directory = None) -> None:
    """Delete a model's file and what an unfinished download of it left; its server is stopped first.

    Of a model of your own the name is forgotten.
    """
    from agentsql.models.catalogue import catalogue_model
    from agentsql.models.files import model_folder
    from agentsql.models.own import remove_model
    from agentsql.models.pull import remove
    from agentsql.models.server import stop_server

    if remove_model(name):
        typer.echo(f"{name} is forgotten; its files stay", err=True)
        return
    model = catalogue_model(name)
    stop_server(name)
    freed = remove(model, model_folder(_directory(directory)))
    typer.echo(f"{_megabytes(freed)} freed" if freed else f"{name} is not installed", err=True)


@app.command()
def ps(form: Form = ListFormat.TABLE) -> None:
    """List the running servers of embedded models."""
    from agentsql.cli.lists import write_list
    from agentsql.models.server import running_servers

    columns = ("name", "pid", "url", "context", "running_s")
    now = time.time()
    rows = [(one.name, one.pid, one.url, one.context, round(now - one.started)) for one in running_servers()]
    write_list(columns, rows, form)


@app.command()
def stop(name: Annotated[str | None, typer.Argument(help="Which one; all if left out.")] = None) -> None:
    """Stop the server of one embedded model, or all."""
    from agentsql.models.server import stop_server

    stopped = stop_server(name)
    typer.echo(f"stopped {', '.join(stopped)}" if stopped else "no server was running", err=True)


app.command()(serve)


def _own_rows(own: dict[str, str]) -> list[tuple[Cell, ...]]:
    return [(name, None, "", "", None, True, target) for name, target in own.items()]


def _directory(given: str | None) -> str:
    return load_settings(flags={"models.directory": given}).settings.models.directory


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


@contextmanager
def _progress_shown() -> Iterator[ReportProgress]:
    """Show reports on stderr: a bar on a terminal, a line every two seconds elsewhere."""
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    from agentsql.cli.show import make_console

    console = make_console(stderr=True)
    if not console.is_terminal:
        yield _LineReport().show
        return
    with Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
    ) as bars:
        task = bars.add_task("looking for the model", total=None)

        def show(progress: Progress) -> None:
            bars.update(
                task, description=progress.activity, completed=progress.done_bytes, total=progress.total_bytes or None
            )

        yield show


class _LineReport:
    """Prints a report when its activity is new, and one every few seconds."""

    def __init__(self) -> None:
        self._activity = ""
        self._said_at = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.activity != self._activity or now - self._said_at >= _LINE_EVERY_S:
            self._activity, self._said_at = progress.activity, now
            typer.echo(progress, err=True)
