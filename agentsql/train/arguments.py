"""A recipe as the arguments of transformers' trainers, and the model with its adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agentsql.errors import RecipeError
from agentsql.train.base import load_weights
from agentsql.train.config import Recipe
from agentsql.train.estimate import weight_type

ADAPTER = "default"


def trainer_arguments(recipe: Recipe, *, steps: int, steps_an_epoch: int, validated: bool) -> dict[str, Any]:
    """Give the arguments that all trainers share.

    Args:
        steps: of the whole training.
        validated: whether there are validation rows; the newest checkpoint counts as the best without.
    """
    import torch

    training, validation = recipe.training, recipe.validation
    on_gpu = torch.cuda.is_available()
    every = min(validation.every or steps_an_epoch, steps)
    return {
        "output_dir": recipe.output,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        "num_train_epochs": training.epochs,
        "max_steps": training.max_steps or -1,
        "per_device_train_batch_size": training.batch,
        "per_device_eval_batch_size": training.batch,
        "gradient_accumulation_steps": training.accumulate,
        "learning_rate": training.learning_rate,
        "lr_scheduler_type": training.schedule,
        "warmup_steps": int(training.warmup * steps),
        "weight_decay": training.weight_decay,
        "max_grad_norm": training.max_gradient,
        "optim": training.optimizer,
        "gradient_checkpointing": training.checkpointing,
        "gradient_checkpointing_kwargs": {"use_reentrant": False} if training.checkpointing else None,
        "logging_steps": training.log_every,
        "logging_first_step": True,
        "report_to": list(training.report) or "none",
        "disable_tqdm": True,
        "bf16": on_gpu and recipe.model.dtype != "float32",
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
        "save_strategy": "steps",
        "save_steps": every,
        "save_total_limit": validation.keep,
        "eval_strategy": "steps" if validated else "no",
        "eval_steps": every,
        "load_best_model_at_end": validated,
        "metric_for_best_model": f"eval_{validation.best}" if validated else None,
        "greater_is_better": validation.best == "accuracy" if validated else None,
    }


def adapter_config(recipe: Recipe) -> Any:
    """Give peft's configuration of the adapter to train; None where there is none to make."""
    if recipe.model.tune == "full" or recipe.model.adapter:
        return None
    from peft import LoraConfig

    lora = recipe.lora
    targets: Any = "all-linear" if lora.targets == ("all-linear",) else list(lora.targets)
    return LoraConfig(
        r=lora.rank,
        lora_alpha=int(lora.alpha) if lora.alpha.is_integer() else lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets,
        bias="none",
        task_type="CAUSAL_LM",
    )


def load_model(recipe: Recipe, folder: str) -> Any:
    """Give the base model, with the adapter that training goes on from where the recipe names one.

    Raises:
        RecipeError: the weights or the adapter cannot be loaded, or belong to different models.
    """
    import torch

    dtype = weight_type(recipe, on_gpu=torch.cuda.is_available())
    model = load_weights(folder, dtype=dtype, attention=recipe.model.attention, nf4=recipe.model.tune == "qlora")
    if not recipe.model.adapter:
        return model
    from peft import PeftModel

    if not (Path(recipe.model.adapter) / "adapter_config.json").is_file():
        raise RecipeError(
            f"[model] adapter: {recipe.model.adapter!r} is no folder of an adapter (no adapter_config.json)"
        )
    try:
        return PeftModel.from_pretrained(model, recipe.model.adapter, adapter_name=ADAPTER, is_trainable=True)
    except (OSError, ValueError, RuntimeError) as exc:
        reason = str(exc).strip().split("\n", maxsplit=1)[0]
        raise RecipeError(
            f"the adapter {recipe.model.adapter!r} does not go with the base {recipe.model.base!r}: {reason}"
        ) from exc
