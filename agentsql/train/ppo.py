"""Proximal policy optimisation: replies are sampled, rewarded, and learned from in a few passes.

One step of the trainer is one round: `rollouts` replies, then `epochs` passes over them in batches of
`batch * accumulate`. What a trainer of transformers does around steps (checkpoints, curves, resuming) is its own.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from torch.nn.functional import log_softmax
from transformers import Trainer, TrainingArguments

from agentsql.train import ppo_math
from agentsql.train.answering import left_padded, prompt_ids
from agentsql.train.arguments import ADAPTER, adapter_config
from agentsql.train.config import Recipe
from agentsql.train.examples import Example, Examples
from agentsql.train.judging import Judge
from agentsql.train.reinforce import weights
from agentsql.train.rewards import weighted
from agentsql.train.watching import Watched

_REFERENCE = "reference"
_VALUE_HEAD = "value_head.safetensors"


@dataclass(frozen=True, slots=True)
class _Rollouts:
    """Sampled replies, all tensors with a row for each."""

    ids: Any
    """Prompt, padded on the left, and reply, int64."""
    attention: Any
    width: int
    """Tokens of the longest reply."""
    logprobs: Any
    values: Any
    advantages: Any
    returns: Any
    masks: ppo_math.Masks

    def part(self, rows: Any) -> tuple[Any, ...]:
        tensors = (self.ids, self.attention, self.logprobs, self.values, self.advantages, self.returns)
        return (*(one[rows] for one in tensors), self.masks.tokens[rows], self.masks.values[rows])


class _Trainer(Watched, Trainer):  # type: ignore[misc]  # transformers is untyped
    def __init__(self, recipe: Recipe, judge: Judge, tokenizer: Any, reference: Any, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._recipe, self._judge, self._tokenizer, self._reference = recipe, judge, tokenizer, reference
        config = self.model.config.get_text_config()
        self.value_head = torch.nn.Linear(config.hidden_size, 1).to(self.args.device)
        torch.nn.init.zeros_(self.value_head.weight)  # so that no value is expected before any was seen
        torch.nn.init.zeros_(self.value_head.bias)
        self._stats: dict[str, list[float]] = {}

    def create_optimizer(self, *args: Any, **kwargs: Any) -> Any:
        """Give the trainer's optimizer with the value head in it."""
        first = self.optimizer is None
        optimizer = super().create_optimizer(*args, **kwargs)
        if first:
            optimizer.add_param_group({"params": list(self.value_head.parameters()), "weight_decay": 0.0})
        return optimizer

    def training_step(self, model: Any, inputs: list[Example], num_items_in_batch: Any = None) -> Any:
        """Do one round and give its mean loss; the optimizer has no gradient left when it is over."""
        del num_items_in_batch
        rollouts = self._roll_out(model, inputs)
        model.train()
        size, micro = self._recipe.training.batch * self._recipe.training.accumulate, self._recipe.training.batch
        losses = []
        for _ in range(self._recipe.ppo.epochs):
            order = torch.randperm(len(inputs), device=self.args.device)
            for chosen in order.split(size):
                for rows in chosen.split(micro):
                    loss = self._loss(model, rollouts, rows)
                    self.accelerator.backward(loss * len(rows) / len(chosen))
                    losses.append(loss.detach())
                self._update()
        return torch.stack(losses).mean()

    def _update(self) -> None:
        for parameter in self.value_head.parameters():
            if parameter.grad is not None:  # the policy's are averaged over processes by its own wrapper
                parameter.grad = self.accelerator.reduce(parameter.grad, reduction="mean")
        trained = [*self.model.parameters(), *self.value_head.parameters()]
        self.accelerator.clip_grad_norm_(trained, self.args.max_grad_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def _loss(self, model: Any, rollouts: _Rollouts, rows: Any) -> Any:
        part = self._recipe.ppo
        ids, attention, old, values, advantages, returns, padding, behind = rollouts.part(rows)
        logprobs, found = self._forward(model, ids, attention, rollouts.width)
        policy, clipped = ppo_math.policy_loss(logprobs, old, advantages, padding, clip=part.clip)
        value = ppo_math.value_loss(found, values, returns, behind, clip=part.value_clip)
        self._note(policy_loss=policy, value_loss=value, clipped=clipped)
        return policy + part.value_weight * value

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _roll_out(self, model: Any, examples: list[Example]) -> _Rollouts:
        """Sample a reply to each prompt, reward it, and say how much better it was than expected."""
        part, tokenizer = self._recipe.ppo, self._tokenizer
        plain = self.accelerator.unwrap_model(model)
        plain.eval()
        prompts, mask = (
            one.to(self.args.device) for one in left_padded(list(map(prompt_ids, examples)), tokenizer.pad_token_id)
        )
        ids = plain.generate(
            input_ids=prompts,
            attention_mask=mask,
            max_new_tokens=part.new_tokens,
            do_sample=True,
            temperature=part.temperature,
            top_k=0,
            top_p=1.0,
            use_cache=True,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
        replies = ids[:, prompts.shape[1] :]
        width = replies.shape[1]
        ended = replies == tokenizer.eos_token_id
        last = torch.where(ended.any(1), ended.int().argmax(1), width - 1)
        masks = ppo_math.masks(last, width)
        attention = torch.cat([mask, (~masks.tokens).long()], dim=1)
        logprobs, values = self._forward(plain, ids, attention, width)
        with self._as_reference(plain):
            reference, _ = self._forward(self._reference or plain, ids, attention, width)
        texts = tokenizer.batch_decode(
            torch.where(masks.tokens, tokenizer.pad_token_id, replies), skip_special_tokens=True
        )
        scores = self._scores(examples, texts, ended.any(1))
        rewards = ppo_math.shaped_rewards(scores, logprobs, reference, masks, kl=part.kl)
        advantages, returns = ppo_math.advantages_and_returns(rewards, values, masks, gamma=part.gamma, lam=part.lam)
        drift = torch.where(masks.tokens, 0.0, logprobs - reference).sum(1).mean()
        self._note(kl=drift, reply_tokens=(last + 1).float().mean())
        return _Rollouts(ids, attention, width, logprobs, values, advantages, returns, masks)

    def _scores(self, examples: list[Example], texts: list[str], ended: Any) -> Any:
        weight = weights(self._recipe.rewards)
        found = self._judge.scores([one.row.about for one in examples], texts)
        for name in weight:
            known = [value for one in found if (value := one[name]) is not None]
            self._note(**{f"rewards/{name}": torch.tensor(sum(known) / len(known) if known else 0.0)})
        scores = torch.tensor([weighted(one, weight) for one in found], device=self.args.device)
        self._note(reward=scores.mean(), ended=ended.float().mean())
        return scores - self._recipe.ppo.missing_end * (~ended).float()

    def _forward(self, model: Any, ids: Any, attention: Any, width: int) -> tuple[Any, Any]:
        """Give log-probability and value of each token of the replies, float32 of shape (replies, width)."""
        places = (attention.cumsum(1) - 1).clamp(min=0)
        with self.compute_loss_context_manager():
            output = model(
                input_ids=ids, attention_mask=attention, position_ids=places, output_hidden_states=True, use_cache=False
            )
        logits = output.logits[:, -width - 1 : -1].float() / self._recipe.ppo.temperature
        logprobs = log_softmax(logits, dim=-1).gather(2, ids[:, -width:].unsqueeze(2)).squeeze(2)
        values = self.value_head(output.hidden_states[-1][:, -width - 1 : -1].float()).squeeze(2)
        return logprobs, values

    def _as_reference(self, plain: Any) -> AbstractContextManager[Any]:
        """Give a context in which the model is the one that training began as."""
        if self._reference is not None:
            return nullcontext()
        if _REFERENCE in plain.peft_config:
            return _adapter(plain, _REFERENCE)
        return plain.disable_adapter()  # type: ignore[no-any-return]

    def _note(self, **values: Any) -> None:
        for name, value in values.items():
            self._stats.setdefault(name, []).append(float(value.detach()))

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log the means since the last time as well."""
        if "loss" in logs:
            logs = {**logs, **{name: sum(values) / len(values) for name, values in self._stats.items()}}
            self._stats = {}
        super().log(logs, *args, **kwargs)

    def prediction_step(self, model: Any, inputs: Any, prediction_loss_only: bool, ignore_keys: Any = None) -> Any:
        """Give no loss: there is none of a question; its answers are judged."""
        del model, inputs, prediction_loss_only, ignore_keys
        return (None, None, None)

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        super()._save_optimizer_and_scheduler(output_dir)
        if self.args.should_save:
            save_file(self.value_head.state_dict(), Path(output_dir) / _VALUE_HEAD)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint is not None:
            self.value_head.load_state_dict(load_file(Path(checkpoint) / _VALUE_HEAD))


class _adapter:  # noqa: N801 - a context manager that reads like a function
    """Has another adapter speak for a while."""

    def __init__(self, model: Any, name: str) -> None:
        self._model, self._name = model, name

    def __enter__(self) -> None:
        self._model.set_adapter(self._name)

    def __exit__(self, *error: object) -> None:
        self._model.set_adapter(ADAPTER)


def ppo_trainer(
    recipe: Recipe,
    model: Any,
    tokenizer: Any,
    train: Examples,
    validation: Examples | None,
    arguments: dict[str, Any],
    judge: Judge,
) -> Any:
    """Give the trainer; the model that it may not stray from is the one it begins as."""
    reference = None
    if (adapter := adapter_config(recipe)) is not None:
        model = get_peft_model(model, adapter, adapter_name=ADAPTER)
    elif isinstance(model, PeftModel):
        _keep_as_reference(model)
    else:
        from copy import deepcopy

        reference = deepcopy(model).eval().requires_grad_(False)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):  # the replies are sampled without, and learned from as they were
            module.p = 0.0
    if recipe.training.checkpointing and isinstance(model, PeftModel):
        model.enable_input_require_grads()
    a_round = {"per_device_train_batch_size": recipe.ppo.rollouts, "gradient_accumulation_steps": 1}
    whole = {"remove_unused_columns": False, "dataloader_drop_last": True}
    return _Trainer(
        recipe,
        judge,
        tokenizer,
        reference,
        model=model,
        args=TrainingArguments(**{**arguments, **a_round, **whole}),
        data_collator=list,
        train_dataset=list(train.rows),
        eval_dataset=list(validation.rows[: recipe.validation.questions]) if validation else None,
    )


def _keep_as_reference(model: Any) -> None:
    """Put a frozen copy of the adapter beside it."""
    model.add_adapter(_REFERENCE, model.peft_config[ADAPTER])
    named = dict(model.named_parameters())
    for name, parameter in named.items():
        if f".{_REFERENCE}." in name:
            parameter.data.copy_(named[name.replace(f".{_REFERENCE}.", f".{ADAPTER}.")].data)
            parameter.requires_grad_(False)
    model.set_adapter(ADAPTER)
