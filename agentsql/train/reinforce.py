"""Group relative policy optimisation: from rewards of several replies to each prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import Any

from trl import GRPOConfig, GRPOTrainer

from agentsql.data.rows import About
from agentsql.train.arguments import adapter_config
from agentsql.train.config import Recipe, RewardsPart
from agentsql.train.examples import Example, Examples
from agentsql.train.judging import Judge, Scores
from agentsql.train.watching import Watched

_Reward = Callable[..., list[float | None]]


class _Trainer(Watched, GRPOTrainer):  # type: ignore[misc]  # trl's trainers are untyped
    pass


def grpo_trainer(
    recipe: Recipe,
    model: Any,
    tokenizer: Any,
    train: Examples,
    validation: Examples | None,
    arguments: dict[str, Any],
    judge: Judge,
) -> Any:
    """Give the trainer; replies are run by `judge`."""
    part = recipe.grpo
    config = GRPOConfig(
        **arguments,
        num_generations=part.completions,
        num_generations_eval=1,
        max_completion_length=part.new_tokens,
        temperature=part.temperature,
        beta=part.beta,
        epsilon=part.clip,
        reward_weights=list(weights(recipe.rewards).values()),
    )
    questions = validation.rows[: recipe.validation.questions] if validation else ()
    abouts = [one.row.about for one in (*train.rows, *questions)]
    return _Trainer(
        model=model,
        args=config,
        processing_class=tokenizer,
        peft_config=adapter_config(recipe),
        reward_funcs=reward_functions(recipe.rewards, abouts, judge),
        train_dataset=_dataset(train.rows, 0),
        eval_dataset=_dataset(questions, len(train.rows)) if questions else None,
    )


def weights(part: RewardsPart) -> dict[str, float]:
    """Give the rewards that count, with their weights."""
    found = {one.name: getattr(part, one.name) for one in fields(part) if one.name != "timeout_s"}
    return {name: weight for name, weight in found.items() if weight}


def reward_functions(
    part: RewardsPart, abouts: Sequence[About], judge: Judge
) -> list[Callable[..., list[float | None]]]:
    """Give a function for each reward, as trl calls them: with completions and the number of each one's row.

    Replies are run once, whichever of the functions is called first.
    """
    last: tuple[object, list[Scores]] = (None, [])

    def scores(completions: Sequence[Any], row: Sequence[int]) -> list[Scores]:
        nonlocal last
        texts = [one if isinstance(one, str) else one[-1]["content"] for one in completions]
        key = (tuple(texts), tuple(row))
        if last[0] != key:
            last = (key, judge.scores([abouts[number] for number in row], texts))
        return last[1]

    def named(name: str) -> _Reward:
        def reward(completions: Sequence[Any], row: Sequence[int], **others: Any) -> list[float | None]:
            del others
            return [one[name] for one in scores(completions, row)]

        reward.__name__ = name  # as the curves call it
        return reward

    return [named(name) for name in weights(part)]


def _dataset(examples: tuple[Example, ...], first: int) -> Any:
    from datasets import Dataset

    return Dataset.from_dict(
        {
            "prompt": [[asdict(message) for message in one.row.prompt] for one in examples],
            "row": list(range(first, first + len(examples))),
        }
    )
