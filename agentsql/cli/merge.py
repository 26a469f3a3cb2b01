"""`agentsql merge`: several tuned models or adapters made one."""

from __future__ import annotations

from typing import Annotated

import typer

from agentsql.settings import load_settings


def merge(
    config: Annotated[str, typer.Option("--config", metavar="RECIPE", help="A TOML file, or a shipped recipe's name.")],
) -> None:
    """Merge models or adapters by a recipe, and print the folder."""
    from agentsql.train.extra import check_installed

    check_installed("merging")
    from agentsql.train.merge import load_merge
    from agentsql.train.merge import merge as merge_models

    directory = load_settings().settings.models.directory
    typer.echo(merge_models(load_merge(config), models_directory=directory))
