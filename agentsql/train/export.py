"""A trained adapter in the forms that servers read: merged weights, GGUF files, a GGUF adapter."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agentsql.errors import RecipeError, TrainingError
from agentsql.models.catalogue import catalogue
from agentsql.train.base import base_config, base_folder, gguf_file, load_config, load_weights
from agentsql.train.quantise import Quantisation

Form = Literal["safetensors", "gguf", "gguf-adapter"]


@dataclass(frozen=True, slots=True)
class Trained:
    """What is exported."""

    folder: Path
    base: str
    """Of an adapter, as in a recipe; empty of a whole model."""


def trained(folder: Path, base: str = "") -> Trained:
    """Give what a folder holds: an adapter in PEFT's format, or a model.

    Args:
        base: of an adapter, where the one it names is not there.

    Raises:
        RecipeError: it holds neither.
    """
    settings = folder / "adapter_config.json"
    if settings.is_file():
        named = base or json.loads(settings.read_text("utf-8")).get("base_model_name_or_path") or ""
        if not named.startswith("local:") and (named.endswith(".gguf") or named in catalogue()):
            named = f"local:{named}"
        if not named:
            raise RecipeError(f"the adapter {folder} does not say which model it is of; name it by --base")
        return Trained(folder, named)
    if (folder / "config.json").is_file():
        return Trained(folder, "")
    raise RecipeError(f"{folder} holds neither an adapter (adapter_config.json) nor a model (config.json)")


def export(
    source: Trained, output: Path, form: Form, *, quantisation: Quantisation = "f16", models_directory: str = ""
) -> Path:
    """Write what was trained in a form, and give the file or folder.

    Raises:
        RecipeError: base and adapter do not go together, the output is there already, or it is no adapter.
        TrainingError: it cannot be written, or has no such form.
    """
    if output.exists():
        raise RecipeError(f"{output} is there already; remove it, or choose another --output")
    if form == "gguf-adapter":
        from agentsql.train.gguf_files import write_adapter

        if not source.base:
            raise RecipeError(f"{source.folder} is a whole model, no adapter; export it as gguf or safetensors")
        write_adapter(source.folder, base_config(source.base, models_directory=models_directory), output)
        return output
    folder = base_folder(source.base, models_directory=models_directory) if source.base else str(source.folder)
    if form == "safetensors":
        _merge(source, folder, output)
        return output
    from agentsql.train.gguf_files import write_model

    if not source.base:
        write_model(source.folder, load_config(folder), output, quantisation)
        return output
    local = source.base.removeprefix("local:")
    like = gguf_file(local, models_directory=models_directory) if local != source.base else None
    with tempfile.TemporaryDirectory(dir=_made(output.parent)) as between:
        merged = Path(between) / output.stem
        _merge(source, folder, merged)
        write_model(merged, load_config(str(merged)), output, quantisation, like=like)
    return output


def _merge(source: Trained, folder: str, output: Path) -> None:
    """Write base and adapter as one model, in the base's own type of numbers, whole or not at all."""
    if not source.base:
        shutil.copytree(source.folder, output)
        return
    import torch
    from peft import PeftModel
    from transformers import AutoTokenizer

    config = load_config(folder)
    model: Any = load_weights(folder, dtype="float32")
    try:
        model = PeftModel.from_pretrained(model, str(source.folder)).merge_and_unload()
    except (OSError, ValueError, RuntimeError, KeyError) as exc:
        reason = str(exc).strip().split("\n", maxsplit=1)[0]
        raise RecipeError(f"the adapter {source.folder} does not go with {source.base}: {reason}") from exc
    model = model.to(getattr(config, "dtype", None) or torch.bfloat16)
    model.config.use_cache = True
    unfinished = _made(output.parent) / f".{output.name}.part"
    try:
        model.save_pretrained(unfinished)
        AutoTokenizer.from_pretrained(folder).save_pretrained(unfinished)
        unfinished.rename(output)
    except OSError as exc:
        raise TrainingError(f"{output} could not be written: {exc.strerror or exc}; make room and try again") from exc
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
