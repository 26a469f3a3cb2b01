"""One training from recipe to result: checked, estimated, run, resumed, and written down."""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsql.errors import RecipeError
from agentsql.train.base import base_folder, known_tokenizer, load_tokenizer, must_be_made
from agentsql.train.card import planned_upload
from agentsql.train.config import Recipe
from agentsql.train.estimate import Estimate, check_room, estimate, shape_of
from agentsql.train.examples import Examples, load_examples
from agentsql.train.extra import check_installed
from agentsql.train.processes import check_launcher, is_first_process, process_count
from agentsql.train.recipe import check_files, to_toml

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

RESULT = "result"
"""Folder of the adapter or model that training ended with, in a recipe's output."""
RECIPE = "recipe.toml"
RECORD = "training.json"
_PACKAGES = ("agentsql-framework", "torch", "transformers", "trl", "peft", "datasets", "accelerate")
_MAY_DIFFER = ("output", "source", "hub", "max_steps", "epochs", "report", "log_every", "keep")
"""What a resumed training may have otherwise."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known of a training before a weight is loaded."""

    recipe: Recipe
    folder: str | None
    """Of the base; None where it was not needed and is not there."""
    train: Examples
    validation: Examples | None
    estimate: Estimate

    def describe(self) -> str:
        """Give lines for a person."""
        recipe = self.recipe
        lines = [
            f"recipe       {recipe.name}: {recipe.method}, {recipe.model.tune} of {recipe.model.base}",
            f"train        {self.train.describe()}",
            f"validation   {self.validation.describe() if self.validation else 'none'}",
            self.estimate.describe(),
            f"output       {recipe.output}",
        ]
        if recipe.hub.repository:
            lines.append(f"upload       {planned_upload(recipe)}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a training came to."""

    folder: Path
    """Of the adapter or model."""
    steps: int
    metrics: dict[str, float]
    """Of the kept checkpoint on the validation rows, and of the last steps."""
    seconds: float


def plan_training(recipe: Recipe, *, models_directory: str = "", without_weights: bool = False) -> Plan:
    """Read the data and estimate what a training takes.

    Args:
        without_weights: do with what is known of the base where it is neither on disk nor on a hub in reach.

    Raises:
        RecipeError, TrainingDataError, ModelError: something that the recipe names is not there or does not fit.
    """
    check_installed("training")
    check_files(recipe)
    for package in recipe.training.report:
        if find_spec(package) is None:
            raise RecipeError(f"[training] report: {package} is not installed; install it, or leave it out")
    folder, tokenizer = _base(recipe, models_directory, without_weights=without_weights)
    train = load_examples(recipe, recipe.data.train, tokenizer, most=recipe.data.most_rows)
    files = recipe.data.validation
    validation = load_examples(recipe, files, tokenizer) if files else None
    config = shape_of(recipe.model.base, folder)
    return Plan(recipe, folder, train, validation, estimate(recipe, config, train, processes=process_count()))


def train(recipe: Recipe, *, resume: bool = False, models_directory: str = "") -> Outcome:
    """Train by a recipe; with `resume` from the newest whole checkpoint in its output.

    Raises:
        RecipeError: the recipe does not fit what is there, or the output holds another recipe's training.
        TrainingDataError: the data cannot be learned from.
        TrainingError: no room in memory or on disk.
        TrainingInterruptedError: someone stopped it; it was saved.
    """
    _set_environment()
    check_installed("training")
    check_launcher()
    if must_be_made(recipe.model.base, models_directory=models_directory):  # not for nothing
        check_room(plan_training(recipe, models_directory=models_directory, without_weights=True).estimate, recipe)
    plan = plan_training(recipe, models_directory=models_directory)
    output = Path(recipe.output)
    checkpoint = _open_output(plan, output, resume=resume)
    check_room(plan.estimate, recipe)
    for line in plan.describe().splitlines():
        logger.info("%s", line)
    from agentsql.train.running import run

    return run(plan, output, checkpoint)


def _base(
    recipe: Recipe, models_directory: str, *, without_weights: bool
) -> tuple[str | None, PreTrainedTokenizerBase | None]:
    template = recipe.model.chat_template
    if not without_weights:
        folder = base_folder(recipe.model.base, models_directory=models_directory)
        return folder, load_tokenizer(folder, template)
    return known_tokenizer(recipe.model.base, template, models_directory=models_directory)


def _open_output(plan: Plan, output: Path, *, resume: bool) -> Path | None:
    """Make the output folder, or find the checkpoint to go on from; only one process writes."""
    from agentsql.train.watching import last_whole_checkpoint

    record = {
        "recipe": _as_json(plan.recipe),
        "data": dict(plan.train.hashes),
        "validation": dict(plan.validation.hashes) if plan.validation else {},
        "packages": {name: version(name) for name in _PACKAGES},
        "python": sys.version.split()[0],
        "parameters": plan.estimate.parameters,
        "trained": plan.estimate.trained,
        "processes": process_count(),
    }
    path = output / RECORD
    if path.exists() and not resume and is_first_process():  # for the others it may just have been made
        raise RecipeError(
            f"{output} holds a training already; go on with it by --resume, or choose another folder by --output"
        )
    if resume:
        _check_same(path, record)
        checkpoint = last_whole_checkpoint(output)
        if checkpoint is None:
            logger.warning("%s has no whole checkpoint; beginning anew", output)
        return checkpoint
    if is_first_process():
        output.mkdir(parents=True, exist_ok=True)
        (output / RECIPE).write_text(to_toml(plan.recipe), "utf-8")
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False), "utf-8")
    return None


def _check_same(path: Path, record: dict[str, Any]) -> None:
    try:
        old = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise RecipeError(f"there is no training to resume in {path.parent}; run the same without --resume") from exc
    for what in ("data", "validation"):
        changed = sorted(name for name, digest in record[what].items() if old[what].get(name) != digest)
        if changed or set(old[what]) - set(record[what]):
            raise RecipeError(
                f"{path.parent} was trained on other {what} files than {', '.join(changed) or 'these'}; "
                "bring those back, or train into another --output"
            )
    differing = _differences(old["recipe"], record["recipe"])
    if differing:
        raise RecipeError(
            f"{path.parent} holds checkpoints of another recipe: {'; '.join(differing[:5])}; "
            "use that recipe (it is kept there as recipe.toml), or train into another --output"
        )


def _differences(old: dict[str, Any], new: dict[str, Any], section: str = "") -> list[str]:
    found = []
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        if name in _MAY_DIFFER or one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            found += _differences(one, other, f"{name}.")
        else:
            found.append(f"{section}{name} was {one!r} and is {other!r}")
    return found


def _as_json(recipe: Recipe) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(asdict(recipe)))
    return found


def _set_environment() -> None:
    """Set what the training libraries read once, when they load."""
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # spinning threads slow the first step threefold on a busy machine
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.getLogger("bitsandbytes").setLevel(
        logging.ERROR
    )  # it tells everyone of a kernel that QLoRA alone would use
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # trl reports every trainer's start
