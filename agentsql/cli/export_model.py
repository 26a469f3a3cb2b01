"""`agentsql export`: what was trained, in the forms that servers read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.settings import load_settings

if TYPE_CHECKING:
    from agentsql.train.export import Form
    from agentsql.train.quantise import Quantisation


class As(StrEnum):
    """What is written."""

    ADAPTER = "gguf-adapter"
    GGUF = "gguf"
    SAFETENSORS = "safetensors"


class Numbers(StrEnum):
    """How a GGUF model holds its weights."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_K_M = "q4_k_m"


def export(
    adapter: Annotated[Path, typer.Argument(metavar="ADAPTER", help="Folder of an adapter or of a whole model.")],
    form: Annotated[
        As, typer.Option("--as", help="A GGUF adapter for local:, a GGUF model, or merged weights for vLLM.")
    ] = As.ADAPTER,
    quantisation: Annotated[Numbers, typer.Option(help="Of a GGUF model.")] = Numbers.Q4_K_M,
    output: Annotated[
        Path | None, typer.Option(metavar="PATH", help="File or folder; beside ADAPTER if left out.")
    ] = None,
    base: Annotated[str, typer.Option(metavar="MODEL", help="Of the adapter, if not the one that it names.")] = "",
) -> None:
    """Write a trained adapter as merged weights, a GGUF model or a GGUF adapter, and print where."""
    from agentsql.train.extra import check_installed

    check_installed("exporting")
    from agentsql.train.export import export as write
    from agentsql.train.export import trained

    source = trained(adapter, base)
    kind: Form = form.value
    numbers: Quantisation = quantisation.value
    path = write(
        source,
        output or _beside(adapter, form, quantisation),
        kind,
        quantisation=numbers,
        models_directory=load_settings().settings.models.directory,
    )
    typer.echo(path)
    typer.echo(_use(path, form, source.base), err=True)


def _beside(adapter: Path, form: As, quantisation: Numbers) -> Path:
    folder = adapter.resolve()
    if form is As.SAFETENSORS:
        return folder.with_name(f"{folder.name}-merged")
    ending = "adapter" if form is As.ADAPTER else quantisation.value
    return folder.with_name(f"{folder.name}-{ending}.gguf")


def _use(path: Path, form: As, base: str) -> str:
    """Say how the SQL role is served from what was written."""
    if form is As.SAFETENSORS:
        return f"serve it:  agentsql models serve --sql {path} --engine vllm"
    if form is As.GGUF:
        return f"use it:  agentsql chat --db FILE --sql-model local:{path}"
    model = base.removeprefix("local:") if base.startswith("local:") else "BASE.gguf"
    return f"use it:  agentsql chat --db FILE --sql-model local:{model}+{path}"
