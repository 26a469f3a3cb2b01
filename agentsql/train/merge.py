"""Several tuned models made one: by mergekit, run as a program, or adapters by peft."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from agentsql.errors import MissingExtraError, RecipeError, TrainingError
from agentsql.train.base import base_folder, load_config, load_weights
from agentsql.train.config import Above, AtLeast, AtMost, Count, Fraction
from agentsql.train.export import export, trained
from agentsql.train.recipe import read_document, read_part

logger = logging.getLogger(__name__)

MergeMethod = Literal["linear", "slerp", "ties", "dare_ties", "dare_linear", "moe", "adapters"]
_NEEDS_BASE = ("ties", "dare_ties", "dare_linear", "moe", "adapters")
_SHARED_EXPERT = ("qwen2",)
"""Model types whose mixtures need one expert that every token goes to."""
_LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class MergedModel:
    """One of the models that are merged."""

    model: str = ""
    """As `[model] base` of a training recipe; empty takes the merge's base, tuned by `adapter`."""
    adapter: str = ""
    """Folder of a LoRA adapter on it."""
    weight: Annotated[float, AtLeast(0)] = 1.0
    density: Annotated[float, Above(0), AtMost(1)] = 1.0
    """Share of its differences from the base that is kept, by ties and dare."""
    prompts: tuple[str, ...] = ()
    """Texts that should go to it, where it is an expert and `gate` is not random."""


@dataclass(frozen=True, slots=True)
class MergeRecipe:
    """All of a merge."""

    name: str
    method: MergeMethod
    models: tuple[MergedModel, ...]
    base: str = ""
    """What the models are compared with; of slerp the first if left out."""
    output: str = ""
    """Folder; empty is `merged/NAME`."""
    source: str = ""
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    t: Fraction = 0.5
    """Of slerp: 0 is the first model, 1 the second."""
    experts_per_token: Count = 2
    gate: Literal["random", "hidden", "cheap_embed"] = "random"
    """How an expert is chosen; random has to be trained before it is of use."""
    combination: Literal["linear", "svd", "cat", "ties", "dare_linear", "dare_ties", "magnitude_prune"] = "linear"
    """Of adapters."""


def load_merge(name: str) -> MergeRecipe:
    """Give the merge recipe of a TOML file, or the shipped one of that name.

    Paths of adapters and folders in a file are relative to it.

    Raises:
        RecipeError: there is none, it cannot be read, a key is unknown, or a value does not fit.
    """
    path = Path(name).expanduser()
    shipped = resources.files("agentsql.train").joinpath("merges", f"{name}.toml")
    if path.suffix != ".toml" and not path.is_file():
        if not shipped.is_file():
            raise RecipeError(f"there is no merge recipe {name!r}; give a TOML file of your own, or {_shipped()}")
        path = Path(str(shipped))
    document = read_document(path)
    for table in [document, *(one for one in document.get("models", ()) if isinstance(one, dict))]:
        for key in ("adapter", "model", "base", "output"):
            value = table.get(key)
            if isinstance(value, str) and (key in ("adapter", "output") or value.startswith(".")) and value:
                table[key] = str(path.parent / Path(value).expanduser())
    recipe: MergeRecipe = read_part(MergeRecipe, document, str(path))
    _check(recipe, str(path))
    return recipe


def _shipped() -> str:
    folder = resources.files("agentsql.train").joinpath("merges")
    return ", ".join(sorted(one.name.removesuffix(".toml") for one in folder.iterdir()))


def merge(recipe: MergeRecipe, *, models_directory: str = "") -> Path:
    """Merge, and give the folder of the model or adapter, in Hugging Face's layout.

    Raises:
        RecipeError: a model or adapter is not there, or the output is there already.
        MissingExtraError: mergekit is not installed.
        TrainingError: it failed.
    """
    output = Path(recipe.output or f"merged/{recipe.name}")
    if output.exists():
        raise RecipeError(f"{output} is there already; remove it, or name another output in the recipe")
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.part")
    try:
        if recipe.method == "adapters":
            _merge_adapters(recipe, unfinished, models_directory)
        else:
            _merge_models(recipe, unfinished, models_directory)
        (unfinished / "merge.json").write_text(json.dumps(_described(recipe), indent=1), "utf-8")
        unfinished.rename(output)
    except OSError as exc:
        raise TrainingError(f"{output} could not be written: {exc.strerror or exc}; make room and try again") from exc
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return output


def _check(recipe: MergeRecipe, where: str) -> None:
    if len(recipe.models) < 2:
        raise RecipeError(f"{where}: a merge needs at least two [[models]]")
    if recipe.method == "slerp" and len(recipe.models) != 2:
        raise RecipeError(f"{where}: slerp merges two [[models]], not {len(recipe.models)}")
    if recipe.method in _NEEDS_BASE and not recipe.base:
        raise RecipeError(f"{where}: {recipe.method} needs a base; name the model that the others were tuned from")
    if recipe.method == "moe" and recipe.experts_per_token > len(recipe.models):
        raise RecipeError(f"{where}: experts_per_token is more than the {len(recipe.models)} [[models]]")
    for number, one in enumerate(recipe.models, 1):
        if not one.model and not (one.adapter and recipe.base):
            raise RecipeError(f"{where}: [[models]] number {number} names neither a model nor an adapter on the base")
        if recipe.method == "adapters" and (not one.adapter or one.model):
            raise RecipeError(f"{where}: [[models]] number {number} must name an adapter on the base, and nothing else")
        if one.adapter and not Path(one.adapter, "adapter_config.json").is_file():
            raise RecipeError(f"{where}: {one.adapter!r} is no folder of an adapter (no adapter_config.json)")
        if recipe.method == "moe" and recipe.gate != "random" and not one.prompts:
            raise RecipeError(
                f"{where}: [[models]] number {number} has no prompts, by which gate {recipe.gate!r} chooses"
            )


def _merge_models(recipe: MergeRecipe, output: Path, models_directory: str) -> None:
    if find_spec("mergekit") is None:
        raise MissingExtraError(f"merging by {recipe.method}", "mergekit", "merge")
    with ExitStack() as stack:
        between = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=output.parent)))
        folders = [
            _folder(recipe, one, between / str(number), models_directory) for number, one in enumerate(recipe.models)
        ]
        base = base_folder(recipe.base, models_directory=models_directory) if recipe.base else folders[0]
        config = between / "mergekit.yaml"
        settings = _moe(recipe, folders, base) if recipe.method == "moe" else _plain(recipe, folders, base)
        config.write_text(json.dumps(settings), "utf-8")  # JSON is YAML
        script = "moe" if recipe.method == "moe" else "run_yaml"
        options = ["--i-understand-this-is-not-useful-without-training"] if recipe.method == "moe" else []
        _run_mergekit(script, [str(config), str(output), "--copy-tokenizer", *options])


def _folder(recipe: MergeRecipe, one: MergedModel, between: Path, models_directory: str) -> str:
    """Give the folder of a model; an adapter is merged into its base first."""
    name = one.model or recipe.base
    if not one.adapter:
        return base_folder(name, models_directory=models_directory)
    return str(export(trained(Path(one.adapter), name), between, "safetensors", models_directory=models_directory))


def _plain(recipe: MergeRecipe, folders: Sequence[str], base: str) -> dict[str, Any]:
    dense = recipe.method in ("ties", "dare_ties", "dare_linear")
    models = [
        {"model": folder, "parameters": {"weight": one.weight, **({"density": one.density} if dense else {})}}
        for folder, one in zip(folders, recipe.models, strict=True)
    ]
    settings: dict[str, Any] = {"merge_method": recipe.method, "models": models, "dtype": recipe.dtype}
    if recipe.method == "slerp":
        return {**settings, "models": [{"model": folder} for folder in folders], "base_model": folders[0],
                "parameters": {"t": recipe.t}}  # fmt: skip
    return settings if recipe.method == "linear" else {**settings, "base_model": base}


def _moe(recipe: MergeRecipe, folders: Sequence[str], base: str) -> dict[str, Any]:
    def expert(folder: str, prompts: Sequence[str]) -> dict[str, Any]:
        return {"source_model": folder, "positive_prompts": list(prompts)}

    settings = {
        "base_model": base,
        "gate_mode": recipe.gate,
        "dtype": recipe.dtype,
        "experts_per_token": recipe.experts_per_token,
        "experts": [expert(folder, one.prompts) for folder, one in zip(folders, recipe.models, strict=True)],
    }
    if load_config(base).model_type in _SHARED_EXPERT:
        everything = [prompt for one in recipe.models for prompt in one.prompts]
        settings["shared_experts"] = [{**expert(base, everything), "residual_scale": 0.1}]
    return settings


def _run_mergekit(script: str, arguments: Sequence[str]) -> None:
    """Run mergekit, whose licence is LGPL-3.0, as a program of its own."""
    import torch

    device = ["--cuda"] if torch.cuda.is_available() else []
    command = [sys.executable, "-m", f"mergekit.scripts.{script}", *arguments, *device]
    logger.info("running %s", " ".join(command[2:]))
    done = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-_LAST_LINES:])
        raise TrainingError(f"mergekit ended with status {done.returncode}; its last lines:\n{last}")


def _merge_adapters(recipe: MergeRecipe, output: Path, models_directory: str) -> None:
    from peft import PeftModel

    model: Any = load_weights(base_folder(recipe.base, models_directory=models_directory), dtype="float32")
    names = [f"adapter{number}" for number in range(len(recipe.models))]
    try:
        for name, one in zip(names, recipe.models, strict=True):
            if isinstance(model, PeftModel):
                model.load_adapter(one.adapter, adapter_name=name)
            else:
                model = PeftModel.from_pretrained(model, one.adapter, adapter_name=name)
        density = min(one.density for one in recipe.models)
        needs_density = recipe.combination in ("ties", "dare_linear", "dare_ties", "magnitude_prune")
        model.add_weighted_adapter(
            names,
            [one.weight for one in recipe.models],
            "merged",
            combination_type=recipe.combination,
            **({"density": density} if needs_density else {}),
        )
    except (ValueError, RuntimeError, KeyError) as exc:
        reason = str(exc).strip().split("\n", maxsplit=1)[0]
        raise RecipeError(f"the adapters cannot be combined by {recipe.combination!r}: {reason}") from exc
    model.save_pretrained(str(output), selected_adapters=["merged"])
    for file in (output / "merged").iterdir():
        file.rename(output / file.name)
    (output / "merged").rmdir()
    settings = output / "adapter_config.json"
    document = json.loads(settings.read_text("utf-8"))
    settings.write_text(json.dumps({**document, "base_model_name_or_path": recipe.base}, indent=2), "utf-8")


def _described(recipe: MergeRecipe) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(recipe)
