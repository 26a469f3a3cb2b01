"""Supervised fine-tuning: LoRA, QLoRA or all weights, over the replies alone."""

from __future__ import annotations

from typing import Any

from trl import SFTConfig, SFTTrainer

from agentsql.train.arguments import adapter_config
from agentsql.train.config import Recipe
from agentsql.train.examples import Example, Examples
from agentsql.train.watching import Watched

_NO_LOSS = -100


class _Trainer(Watched, SFTTrainer):  # type: ignore[misc]  # trl's trainers are untyped
    pass


def sft_trainer(
    recipe: Recipe, model: Any, tokenizer: Any, train: Examples, validation: Examples | None, arguments: dict[str, Any]
) -> Any:
    """Give the trainer; the rows come tokenised, so that the tokens counted are the tokens learned from."""
    config = SFTConfig(
        **arguments,
        max_length=recipe.data.max_tokens,
        packing=recipe.training.packing,
        eval_packing=False,
        # The rows are as they should be already; only packing is left to trl.
        dataset_kwargs=None if recipe.training.packing else {"skip_prepare_dataset": True},
    )
    return _Trainer(
        model=model,
        args=config,
        processing_class=tokenizer,
        peft_config=adapter_config(recipe),
        train_dataset=_dataset(train.rows, whole=not recipe.training.completion_only),
        eval_dataset=_dataset(validation.rows, whole=not recipe.training.completion_only) if validation else None,
    )


def _dataset(examples: tuple[Example, ...], *, whole: bool) -> Any:
    from datasets import Dataset

    def labels(example: Example) -> list[int]:
        skipped = 0 if whole else example.prompt_tokens
        return [_NO_LOSS] * skipped + list(example.input_ids[skipped:])

    return Dataset.from_dict(
        {"input_ids": [list(one.input_ids) for one in examples], "labels": [labels(one) for one in examples]}
    )
