"""Supervised fine-tuning: LoRA, QLoRA or all weights, over the replies alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from trl import SFTConfig, SFTTrainer
from trl.trainer import utils as trl_utils

from agentsql.train.arguments import adapter_config
from agentsql.train.config import Recipe
from agentsql.train.examples import Example, Examples
from agentsql.train.sharing import NO_LOSS, collate, share_prefixes
from agentsql.train.watching import Watched


class _Trainer(Watched, SFTTrainer):  # type: ignore[misc]  # trl's trainers are untyped
    pass


class _SharingTrainer(_Trainer):
    _metrics: Any
    _total_train_tokens: int

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Give the loss, and count the tokens as they are: trl takes the sum over the mask for their number."""
        before = self._total_train_tokens
        loss = super().compute_loss(model, inputs, *args, **kwargs)
        if self._total_train_tokens != before:
            self._total_train_tokens = before + inputs["input_ids"].numel() * self.accelerator.num_processes
            self._metrics["train"]["num_tokens"] = [self._total_train_tokens]
        return loss


def sft_trainer(
    recipe: Recipe, model: Any, tokenizer: Any, train: Examples, validation: Examples | None, arguments: dict[str, Any]
) -> Any:
    """Give the trainer; the rows come tokenised, so that the tokens counted are the tokens learned from."""
    shared = recipe.training.share_prefix
    _score_replies_only()
    config = SFTConfig(
        **arguments,
        max_length=recipe.data.max_tokens,
        packing=recipe.training.packing,
        eval_packing=False,
        # The rows are as they should be already; only packing is left to trl.
        dataset_kwargs=None if recipe.training.packing else {"skip_prepare_dataset": True},
        remove_unused_columns=not shared,
    )
    make = partial(_shared, recipe) if shared else partial(_dataset, whole=not recipe.training.completion_only)
    return (_SharingTrainer if shared else _Trainer)(
        model=model,
        args=config,
        processing_class=tokenizer,
        peft_config=adapter_config(recipe),
        data_collator=partial(collate, pad=tokenizer.pad_token_id) if shared else None,
        train_dataset=make(train.rows),
        eval_dataset=make(validation.rows) if validation else None,
    )


def _score_replies_only() -> None:
    """Let trl compute logits of the learned tokens alone on every device, as it does on a GPU.

    trl 1.16 computes those of the prompts too where there is no Triton, for accelerators that compile for each shape.
    With a vocabulary of 151,936 that is half of a step of the 0.5B model on a CPU. The loss is the same.
    """
    trl_utils._use_triton = lambda device: device.type in ("cpu", "cuda", "xpu")


def _shared(recipe: Recipe, examples: tuple[Example, ...]) -> Any:
    from datasets import Dataset

    groups = share_prefixes(examples, most_tokens=recipe.data.max_tokens, seed=recipe.seed)
    return Dataset.from_list([one.columns() for one in groups])


def _dataset(examples: tuple[Example, ...], *, whole: bool) -> Any:
    from datasets import Dataset

    def labels(example: Example) -> list[int]:
        skipped = 0 if whole else example.prompt_tokens
        return [NO_LOSS] * skipped + list(example.input_ids[skipped:])

    return Dataset.from_dict(
        {"input_ids": [list(one.input_ids) for one in examples], "labels": [labels(one) for one in examples]}
    )
