"""`agentsql merge`: several tuned models or adapters made one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentsql.settings import load_settings


def merge(
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="A merge recipe in TOML.")],
) -> None:
    """Merge models or adapters by a recipe, and print the folder."""
    from agentsql.train.merge import load_merge
    from agentsql.train.merge import merge as merge_models

    directory = load_settings().settings.models.directory
    typer.echo(merge_models(load_merge(config), models_directory=directory))
