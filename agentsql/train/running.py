"""Runs a planned training; the module that loads the heavy libraries."""

from __future__ import annotations

import json
import logging
import math
import shutil
import time
import warnings
from pathlib import Path
from typing import Any

import datasets
import torch
from transformers import EarlyStoppingCallback, PrinterCallback, ProgressCallback
from transformers.utils import logging as transformers_logging

from agentsql.errors import RecipeError, TrainingError, TrainingInterruptedError
from agentsql.train.arguments import load_model, trainer_arguments
from agentsql.train.base import load_tokenizer
from agentsql.train.card import upload, write_card
from agentsql.train.config import Recipe
from agentsql.train.examples import Examples
from agentsql.train.judging import Judge
from agentsql.train.processes import is_first_process
from agentsql.train.session import RECORD, RESULT, Outcome, Plan
from agentsql.train.watching import Curves, StopOnSignal

logger = logging.getLogger(__name__)

METRICS = "metrics.json"
_Parts = tuple[Recipe, Any, Any, Examples, Examples | None, dict[str, Any]]
"""What every method's trainer is made of: recipe, model, tokenizer, rows, validation rows, arguments."""


def run(plan: Plan, output: Path, checkpoint: Path | None) -> Outcome:
    """Train, and give what came of it; see `session.train`."""
    with warnings.catch_warnings():
        # trl 1.16 still sets the options that transformers 5.23 has new names for.
        warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
        _quieten()
        return _run(plan, output, checkpoint)


def _run(plan: Plan, output: Path, checkpoint: Path | None) -> Outcome:
    recipe = plan.recipe
    assert plan.folder is not None  # of a plan made with the weights at hand
    tokenizer = load_tokenizer(plan.folder, recipe.model.chat_template)
    started = time.perf_counter()
    stop = StopOnSignal()
    with Judge(timeout_s=recipe.rewards.timeout_s if plan.validation is None else recipe.validation.timeout_s) as judge:
        trainer = _trainer(plan, tokenizer, judge)
        for callback in (PrinterCallback, ProgressCallback):
            trainer.remove_callback(callback)
        trainer.add_callback(Curves(output))
        trainer.add_callback(stop)
        if plan.validation and recipe.validation.patience:
            trainer.add_callback(EarlyStoppingCallback(recipe.validation.patience))
        try:
            with stop.listening():
                trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except (torch.OutOfMemoryError, MemoryError) as exc:
            raise TrainingError(
                f"out of memory at step {trainer.state.global_step}, though about {plan.estimate.bytes / 1e9:.1f} GB "
                "were expected; try tune = 'qlora', a smaller [training] batch with a larger accumulate, or fewer "
                "[data] max_tokens, then train into another --output"
            ) from exc
        if stop.stopped.is_set():
            raise TrainingInterruptedError(
                f"stopped after step {trainer.state.global_step}, which is saved in {output}; go on by running the "
                "same command with --resume"
            )
        seconds = time.perf_counter() - started
        metrics = _metrics(trainer)
        folder = output / RESULT
        _save(trainer, tokenizer, folder, base=recipe.model.base)
    outcome = Outcome(folder, trainer.state.global_step, metrics, seconds)
    if is_first_process():
        told = {"steps": outcome.steps, "seconds": round(seconds, 1), **metrics}
        (output / METRICS).write_text(json.dumps(told, indent=1), "utf-8")
        write_card(recipe, folder, json.loads((output / RECORD).read_text("utf-8")), metrics)
        if recipe.hub.repository:
            logger.info("uploaded to %s", upload(recipe, folder))
    return outcome


def _quieten() -> None:
    """Silence what the libraries say of themselves on the way; what a training says is in our own log."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    datasets.disable_progress_bars()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def _trainer(plan: Plan, tokenizer: Any, judge: Judge) -> Any:
    recipe = plan.recipe
    model = load_model(recipe, str(plan.folder))
    an_epoch = (
        max(1, math.ceil(plan.estimate.steps / recipe.training.epochs)) if not recipe.training.max_steps else None
    )
    arguments = trainer_arguments(
        recipe,
        steps=plan.estimate.steps,
        steps_an_epoch=an_epoch or plan.estimate.steps,
        validated=plan.validation is not None,
    )
    trainer = _method(plan, model, tokenizer, arguments, judge)
    if plan.validation and recipe.validation.best == "accuracy":
        trainer.answered = plan.validation.rows[: recipe.validation.questions]
    trainer.judge, trainer.tokenizer_, trainer.new_tokens = judge, tokenizer, recipe.validation.new_tokens
    return trainer


def _method(plan: Plan, model: Any, tokenizer: Any, arguments: dict[str, Any], judge: Judge) -> Any:
    """Give the trainer of the recipe's method; each is imported when it is used."""
    parts = (plan.recipe, model, tokenizer, plan.train, plan.validation, arguments)
    try:
        return _trainer_of(plan.recipe.method, parts, judge)
    except ValueError as exc:  # of trl and peft, about options that do not go together
        reason = str(exc).strip().split("\n", maxsplit=1)[0]
        raise RecipeError(f"the recipe {plan.recipe.name!r} cannot be trained by: {reason}") from exc


def _trainer_of(method: str, parts: _Parts, judge: Judge) -> Any:
    if method == "sft":
        from agentsql.train.sft import sft_trainer

        return sft_trainer(*parts)
    if method == "dpo":
        from agentsql.train.preference import dpo_trainer

        return dpo_trainer(*parts)
    if method == "grpo":
        from agentsql.train.reinforce import grpo_trainer

        return grpo_trainer(*parts, judge)
    from agentsql.train.ppo import ppo_trainer

    return ppo_trainer(*parts, judge)


def _save(trainer: Any, tokenizer: Any, folder: Path, *, base: str) -> None:
    """Write the adapter or model, whole or not at all."""
    unfinished = folder.with_name(f"{folder.name}.part")
    try:
        trainer.save_model(str(unfinished))
        if is_first_process():
            for reference in unfinished.glob("*/adapter_config.json"):  # the model may not stray from it; not a result
                shutil.rmtree(reference.parent)
            _name_base(unfinished, base)
            tokenizer.save_pretrained(unfinished)
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
    except OSError as exc:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise TrainingError(
            f"{folder} could not be written: {exc.strerror or exc}; make room, then run with --resume"
        ) from exc


def _name_base(folder: Path, base: str) -> None:
    """Have an adapter name its base as the recipe does; the folder in the user's cache means nothing elsewhere."""
    path = folder / "adapter_config.json"
    if path.is_file():
        settings = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps({**settings, "base_model_name_or_path": base}, indent=2), "utf-8")


def _metrics(trainer: Any) -> dict[str, float]:
    """Give the last loss, and the validation of the kept checkpoint."""
    history = trainer.state.log_history
    losses = [point["loss"] for point in history if "loss" in point]
    metrics = {"loss": losses[-1]} if losses else {}
    judged = [point for point in history if any(name.startswith("eval_") for name in point)]
    best = [point for point in judged if point["step"] == trainer.state.best_global_step] or judged[-1:]
    if best:
        metrics |= {name: value for name, value in best[-1].items() if name in ("eval_loss", "eval_accuracy", "step")}
    return {name: float(value) for name, value in metrics.items()}
