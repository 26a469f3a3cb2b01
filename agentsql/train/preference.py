"""Direct preference optimisation: from pairs of a right and a wrong reply."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from trl import DPOConfig, DPOTrainer

from agentsql.data.rows import PreferenceRow
from agentsql.train.arguments import adapter_config
from agentsql.train.config import Recipe
from agentsql.train.examples import Example, Examples
from agentsql.train.watching import Watched


class _Trainer(Watched, DPOTrainer):  # type: ignore[misc]  # trl's trainers are untyped
    pass


def dpo_trainer(
    recipe: Recipe, model: Any, tokenizer: Any, train: Examples, validation: Examples | None, arguments: dict[str, Any]
) -> Any:
    """Give the trainer; the model that it may not stray from is the one it begins as."""
    config = DPOConfig(
        **arguments, beta=recipe.dpo.beta, loss_type=[recipe.dpo.loss], max_length=recipe.data.max_tokens
    )
    return _Trainer(
        model=model,
        args=config,
        processing_class=tokenizer,
        peft_config=adapter_config(recipe),
        train_dataset=_dataset(train.rows),
        eval_dataset=_dataset(validation.rows) if validation else None,
    )


def _dataset(examples: tuple[Example, ...]) -> Any:
    from datasets import Dataset

    rows = [one.row for one in examples if isinstance(one.row, PreferenceRow)]
    return Dataset.from_dict(
        {
            "prompt": [[asdict(message) for message in row.prompt] for row in rows],
            "chosen": [[{"role": "assistant", "content": row.chosen}] for row in rows],
            "rejected": [[{"role": "assistant", "content": row.rejected}] for row in rows],
        }
    )
