"""`agentsql train`: a training by a recipe, planned with --dry-run, resumed with --resume."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.settings import load_settings

if TYPE_CHECKING:
    from agentsql.train.config import Method

app = typer.Typer(
    help="Tune a model by a recipe; `agentsql train recipes` lists those that come along.", no_args_is_help=True
)

Config = Annotated[
    str, typer.Option("--config", metavar="RECIPE", help="A TOML file, or the name of a shipped recipe.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show data, memory, steps and time, and load no weights.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the newest whole checkpoint in the output.")]
Output = Annotated[str, typer.Option("--output", metavar="FOLDER", help="In place of the recipe's.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="In place of what the recipe says.")
]


@app.command()
def sft(
    config: Config, dry_run: DryRun = False, resume: Resume = False, output: Output = "", changes: Changes = None
) -> None:
    """Learn replies from prompts and right replies."""
    _train("sft", config, dry_run, resume, output, changes)


@app.command()
def dpo(
    config: Config, dry_run: DryRun = False, resume: Resume = False, output: Output = "", changes: Changes = None
) -> None:
    """Learn from pairs of a right and a wrong reply."""
    _train("dpo", config, dry_run, resume, output, changes)


@app.command()
def grpo(
    config: Config, dry_run: DryRun = False, resume: Resume = False, output: Output = "", changes: Changes = None
) -> None:
    """Learn from rewards of several sampled replies, compared with each other."""
    _train("grpo", config, dry_run, resume, output, changes)


@app.command()
def ppo(
    config: Config, dry_run: DryRun = False, resume: Resume = False, output: Output = "", changes: Changes = None
) -> None:
    """Learn from rewards of sampled replies, compared with what a value head expects."""
    _train("ppo", config, dry_run, resume, output, changes)


@app.command()
def recipes() -> None:
    """List the recipes that come with the package."""
    import tomllib

    from agentsql.cli.lists import write_list
    from agentsql.cli.options import ListFormat
    from agentsql.train.recipe import shipped_recipes

    found = {name: tomllib.loads(text) for name, text in shipped_recipes().items()}
    rows = [(name, one["method"], one["model"]["base"], one.get("source", "ours")) for name, one in found.items()]
    write_list(("name", "method", "base", "source"), rows, ListFormat.TABLE)


def _train(method: Method, config: str, dry_run: bool, resume: bool, output: str, changes: list[str] | None) -> None:
    from agentsql.train.recipe import load_recipe
    from agentsql.train.session import plan_training, train

    _show_log()
    directory = load_settings().settings.models.directory
    recipe = load_recipe(config, method, changes=changes or (), output=output)
    if dry_run:
        typer.echo(plan_training(recipe, models_directory=directory, without_weights=True).describe())
        return
    outcome = train(recipe, resume=resume, models_directory=directory)
    metrics = ", ".join(f"{name} {value:.4g}" for name, value in outcome.metrics.items())
    typer.echo(f"{outcome.steps} steps in {outcome.seconds:.0f} s; {metrics}", err=True)
    typer.echo(outcome.folder)


def _show_log() -> None:
    """Show what the training says of itself, on stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("agentsql.train")
    logger.addHandler(handler)
    logger.setLevel(min(logger.getEffectiveLevel(), logging.INFO))
    logger.propagate = False
