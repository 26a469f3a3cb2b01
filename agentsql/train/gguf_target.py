"""What `local:` runs for a file or folder that a person names."""

from __future__ import annotations

import json
from pathlib import Path

from agentsql.errors import RecipeError
from agentsql.models.catalogue import catalogue
from agentsql.train.extra import check_installed


def gguf_target(path: Path, adapter_file: Path, base: str = "", *, models_directory: str = "") -> str:
    """Give `PATH.gguf` of a model, or `BASE+ADAPTER.gguf` of an adapter.

    Args:
        adapter_file: where a trained adapter in PEFT's format is written as GGUF.
        base: of an adapter; needed where it does not name one that `local:` can run.

    Raises:
        RecipeError: it is neither, or nobody says of what it is an adapter.
        MissingExtraError: reading it needs the extra `train`.
    """
    check_installed("adding a model")
    from agentsql.train.export import export, trained
    from agentsql.train.gguf_files import is_adapter

    if not path.exists():
        raise RecipeError(f"there is no {str(path)!r}; give a GGUF file, or the folder of a trained adapter")
    if path.is_file():
        if not is_adapter(path):
            return str(path.resolve())
        if not base:
            raise RecipeError(f"{path} is an adapter; name the model that it is of by --base")
        return f"{_model(base)}+{path.resolve()}"
    source = trained(path, base)
    if not source.base:
        raise RecipeError(f"{path} is a whole model; `agentsql export {path} --as gguf` first, and add that file")
    model = _model(source.base)
    adapter_file.parent.mkdir(parents=True, exist_ok=True)
    export(source, adapter_file, "gguf-adapter", models_directory=models_directory)
    return f"{model}+{adapter_file.resolve()}"


def _model(base: str) -> str:
    """Give a base as `local:` has it."""
    name = base.removeprefix("local:")
    if name.endswith(".gguf"):
        return str(Path(name).resolve())
    if name != base or name in catalogue():
        return name
    raise RecipeError(
        f"the embedded engine cannot run {json.dumps(base)} as it is; name a GGUF file or catalogue model of the same "
        "weights by --base, or serve it by vLLM"
    )
