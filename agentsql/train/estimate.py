"""What a training will take, from the model's shape alone: parameters, memory, steps and time."""

from __future__ import annotations

import json
import math
import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from agentsql.errors import RecipeError, TrainingError
from agentsql.train.base import load_config
from agentsql.train.config import Recipe
from agentsql.train.examples import Examples
from agentsql.train.sharing import share_prefixes

_LOCAL = {
    "local:qwen2.5-coder-0.5b": "Qwen/Qwen2.5-Coder-0.5B-Instruct",
    "local:qwen2.5-coder-1.5b": "Qwen/Qwen2.5-Coder-1.5B-Instruct",
}
"""Catalogue models of the shapes in architectures.toml."""
_CPU_FLOPS_PER_CORE = 130e9
"""What LoRA training of the 0.5B model reaches on one AVX-512 core in float32: 90 tokens/s on two."""
_GPU_FLOPS = 250e12
"""Likewise on one H100 in bfloat16, a quarter of what it could."""
_NF4_BYTES = 0.516
"""Of a weight in NF4 with its doubly quantised scales (arXiv 2305.14314, section 3)."""
_SPARE = 1.1
"""What libraries and fragments take on top."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a recipe will take on one process."""

    parameters: int
    trained: int
    steps: int
    tokens: int
    """Over all epochs."""
    weights_bytes: int
    trained_bytes: int
    """Trained weights, their gradients and the optimizer's two moments."""
    activations_bytes: int
    seconds: float
    on_gpu: bool
    free_bytes: int
    """Of the GPU, or of the machine without one."""

    @property
    def bytes(self) -> int:
        """All memory, with room to spare."""
        return int(_SPARE * (self.weights_bytes + self.trained_bytes + self.activations_bytes))

    def describe(self) -> str:
        """Give lines for a person."""
        place = "this GPU" if self.on_gpu else "this machine without a GPU"
        share = self.trained / self.parameters
        fits = "fits" if self.bytes <= self.free_bytes else "does NOT fit"
        return "\n".join(
            (
                f"parameters   {self.parameters:,}, of which {self.trained:,} are trained ({share:.2%})",
                f"memory       about {_gigabytes(self.bytes)}: weights {_gigabytes(self.weights_bytes)}, training "
                f"{_gigabytes(self.trained_bytes)}, activations {_gigabytes(self.activations_bytes)}; {fits} into the "
                f"{_gigabytes(self.free_bytes)} free on {place}",
                f"steps        {self.steps:,}, {self.tokens:,} tokens",
                f"time         about {_time(self.seconds)} on {place}",
            )
        )


def shape_of(base: str, folder: str | None) -> Any:
    """Give the configuration of a base model, from its folder, the hub, or what comes with the package.

    Args:
        folder: of the base where it is on disk, or its name on the hub; None where it was not looked for.

    Raises:
        RecipeError: nobody knows it.
    """
    known = _architectures().get(_LOCAL.get(base, base))
    if known is None or (folder is not None and folder != base):
        return load_config(folder or base)
    from transformers import AutoConfig

    values = dict(known)
    return AutoConfig.for_model(values.pop("model_type"), **values)


def estimate(recipe: Recipe, config: Any, train: Examples, *, processes: int = 1) -> Estimate:
    """Give what a recipe takes; nothing of the model is loaded."""
    layers = _linear_layers(config)
    parameters = layers.total
    if recipe.model.tune == "full":
        trained = parameters
    else:
        rank, targets = _lora(recipe)
        trained = sum(rank * (one + other) for name, one, other in layers.linears if _is_target(targets, name))
    if not trained:
        raise RecipeError(
            f"[lora] targets {', '.join(recipe.lora.targets)} name no layer of {recipe.model.base}; it has "
            f"{', '.join(sorted({name.rpartition('.')[2] for name, _, _ in layers.linears}))}"
        )
    gpu = _gpu_bytes()
    width = 2 if weight_type(recipe, on_gpu=gpu is not None) == "bfloat16" else 4
    linear = sum(one * other for _, one, other in layers.linears)
    weights = (
        parameters * width if recipe.model.tune != "qlora" else int(linear * _NF4_BYTES) + (parameters - linear) * width
    )
    steps, tokens = steps_and_tokens(recipe, train, processes=processes)
    trained_bytes = trained * (12 if recipe.model.tune == "full" else 16)
    speed = _GPU_FLOPS if gpu is not None else _CPU_FLOPS_PER_CORE * len(os.sched_getaffinity(0))
    return Estimate(
        parameters,
        trained,
        steps,
        tokens,
        weights,
        trained_bytes,
        _activation_bytes(recipe, config, train, width),
        tokens * parameters * _flops_per_parameter(recipe) / speed / processes,
        gpu is not None,
        gpu if gpu is not None else _memory_bytes(),
    )


def check_room(found: Estimate, recipe: Recipe) -> None:
    """See that the training fits.

    Raises:
        TrainingError: it does not.
    """
    if found.bytes > found.free_bytes:
        raise TrainingError(
            f"training {recipe.model.base} by this recipe takes about {_gigabytes(found.bytes)}, and "
            f"{_gigabytes(found.free_bytes)} are free; try tune = 'qlora', a smaller [training] batch, [data] "
            "max_tokens or [lora] rank, or a smaller base"
        )


def weight_type(recipe: Recipe, *, on_gpu: bool) -> str:
    """Give torch's name of the type that the base's weights are held in."""
    if recipe.model.dtype != "auto":
        return recipe.model.dtype
    return "bfloat16" if on_gpu and recipe.model.tune != "full" else "float32"


def steps_and_tokens(recipe: Recipe, train: Examples, *, processes: int = 1) -> tuple[int, int]:
    """Give the steps of a training and the tokens it goes over."""
    training = recipe.training
    sequences, tokens = _sequences(recipe, train)
    each = training.batch * training.accumulate * processes
    if recipe.method == "grpo":
        each = max(1, each // recipe.grpo.completions)
    elif recipe.method == "ppo":
        each = recipe.ppo.rollouts * processes
    an_epoch = math.ceil(sequences / each)
    steps = training.max_steps or math.ceil(an_epoch * training.epochs)
    return steps, int(tokens * steps / an_epoch * _passes(recipe))


def _sequences(recipe: Recipe, train: Examples) -> tuple[int, int]:
    """Give the sequences of an epoch, and their tokens; rows whose tokens are guessed count as if they shared none."""
    if recipe.training.share_prefix and train.counted_exactly:
        groups = share_prefixes(train.rows, most_tokens=recipe.data.max_tokens, seed=recipe.seed)
        return len(groups), sum(one.tokens for one in groups)
    packed = math.ceil(train.tokens / recipe.data.max_tokens)
    return packed if recipe.training.packing else len(train.rows), train.tokens


def _passes(recipe: Recipe) -> float:
    """Give how often each token is gone over: of a preference twice, and of sampled replies once for each."""
    if recipe.method == "dpo":
        return 2.0
    if recipe.method == "grpo":
        return float(recipe.grpo.completions)
    return float(recipe.ppo.epochs) if recipe.method == "ppo" else 1.0


def _flops_per_parameter(recipe: Recipe) -> int:
    """Give the operations of a token and parameter: 2 forward, 2 for activations, 2 for weights, 2 computed again."""
    frozen = recipe.model.tune != "full"
    reference = recipe.method in ("dpo", "ppo") or (recipe.method == "grpo" and recipe.grpo.beta > 0)
    return 4 + 2 * (not frozen) + 2 * recipe.training.checkpointing + 2 * reference


def _activation_bytes(recipe: Recipe, config: Any, train: Examples, width: int) -> int:
    """Give what one batch's activations take.

    A layer keeps about ten vectors of the hidden width and four of the feed-forward one a token, and for LoRA its
    inputs once more in 32 bits; attention is never written out. With checkpointing it is one layer's at a time, and
    each layer's input. Logits are computed for the replies, in pieces, and kept four times over. The 0.5B in bfloat16
    took 8.0 GB, libraries included, at 1,024 tokens without checkpointing.
    """
    text = config.get_text_config()
    longest = max((one.tokens for one in train.rows), default=1)
    filled = recipe.training.packing or recipe.training.share_prefix
    length = recipe.data.max_tokens if filled else longest
    tokens = recipe.training.batch * {"dpo": 2, "grpo": 1, "ppo": 1, "sft": 1}[recipe.method] * length
    hidden, inner = text.hidden_size, getattr(text, "intermediate_size", 4 * text.hidden_size)
    a_layer = tokens * width * (10 * hidden + 4 * inner)
    if recipe.model.tune != "full":
        a_layer += tokens * 4 * (6 * hidden + inner)
    layers = text.num_hidden_layers
    kept = a_layer + layers * tokens * hidden * width if recipe.training.checkpointing else layers * a_layer
    logits = tokens // length * min(length, 512) * text.vocab_size * 4
    return int(kept + 4 * logits)


@dataclass(frozen=True, slots=True)
class _Layers:
    total: int
    linears: tuple[tuple[str, int, int], ...]
    """Name, inputs and outputs of each linear layer but the output."""


def _linear_layers(config: Any) -> _Layers:
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    model.tie_weights()
    output = model.get_output_embeddings()
    linears = tuple(
        (name, module.in_features, module.out_features)
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not output
    )
    return _Layers(sum(one.numel() for one in model.parameters()), linears)


def _lora(recipe: Recipe) -> tuple[int, tuple[str, ...]]:
    """Give rank and targets of the adapter, the recipe's own or the one that it goes on from."""
    if not recipe.model.adapter:
        return recipe.lora.rank, recipe.lora.targets
    try:
        settings = json.loads(Path(recipe.model.adapter, "adapter_config.json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise RecipeError(f"[model] adapter: {recipe.model.adapter!r} is no folder of an adapter: {exc}") from exc
    return int(settings["r"]), tuple(settings["target_modules"])


def _is_target(targets: tuple[str, ...], name: str) -> bool:
    return targets == ("all-linear",) or any(name == one or name.endswith(f".{one}") for one in targets)


def _gpu_bytes() -> int | None:
    import torch

    return int(torch.cuda.mem_get_info()[0]) if torch.cuda.is_available() else None


def _memory_bytes() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


@cache
def _architectures() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("agentsql.train").joinpath("architectures.toml").read_text("utf-8"))


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
