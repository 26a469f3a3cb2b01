"""Rows in one sequence teach what they teach alone."""

from __future__ import annotations

import random

import pytest

from agentsql.data.rows import About, TrainingRow
from agentsql.errors import RecipeError
from agentsql.train.examples import Example
from agentsql.train.recipe import load_recipe
from agentsql.train.sharing import NO_LOSS, collate, share_prefixes
from agentsql.types import Message


def example(db_id: str, prompt: list[int], reply: list[int]) -> Example:
    about = About(task="sql", db_id=db_id, question="?", gold="SELECT 1")
    row = TrainingRow((Message("user", "?"),), "SELECT 1", about)
    return Example(row, tuple(prompt + reply), len(prompt), len(prompt) + len(reply))


def examples(count: int = 24, databases: int = 3) -> list[Example]:
    rng = random.Random(5)
    schemas = [[rng.randrange(3, 60) for _ in range(20 + 9 * number)] for number in range(databases)]
    return [
        example(
            str(number % databases),
            schemas[number % databases] + [rng.randrange(3, 60) for _ in range(rng.randrange(2, 9))],
            [rng.randrange(3, 60) for _ in range(rng.randrange(1, 7))],
        )
        for number in range(count)
    ]


def test_every_row_is_in_one_group_of_its_database_and_none_is_too_long():
    rows = examples()
    groups = share_prefixes(rows, most_tokens=90, seed=0)
    assert sorted(id(one) for group in groups for one in group.rows) == sorted(map(id, rows))
    assert all(len({one.row.about.db_id for one in group.rows}) == 1 for group in groups)
    assert max(group.tokens for group in groups) <= 90
    assert sum(group.tokens for group in groups) < 0.6 * sum(one.tokens for one in rows)


def test_a_row_alone_keeps_its_tokens():
    rows = [example("a", [5, 6, 7, 8], [9]), example("a", [15, 16, 17], [9])]
    groups = share_prefixes(rows, most_tokens=100, seed=0)
    assert sorted(group.columns()["input_ids"] for group in groups) == [[5, 6, 7, 8, 9], [15, 16, 17, 9]]


def test_the_token_before_a_reply_belongs_to_its_row():
    rows = [example("a", [5, 6, 7, 8], [9]), example("a", [5, 6, 7, 8], [10])]
    (group,) = share_prefixes(rows, most_tokens=100, seed=0)
    columns = group.columns()
    assert group.prefix == 3
    assert columns["labels"] in ([NO_LOSS] * 4 + [9, NO_LOSS, 10], [NO_LOSS] * 4 + [10, NO_LOSS, 9])
    assert columns["position_ids"] == [0, 1, 2, 3, 4, 3, 4]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_loss_and_gradients_are_those_of_the_rows_alone(tiny_model):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float64)
    rows = examples()
    groups = share_prefixes(rows, most_tokens=120, seed=0)
    assert len(groups) < len(rows) / 2

    def learned(batches: list[list[dict[str, list[int]]]]) -> tuple[float, torch.Tensor]:
        model.zero_grad()
        total = 0.0
        for batch in batches:
            inputs = collate(batch, pad=0)
            labels = inputs.pop("labels")[:, 1:]
            logits = model(**inputs, use_cache=False).logits[:, :-1]
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), labels.flatten(), ignore_index=NO_LOSS, reduction="sum"
            )
            loss.backward()
            total += loss.item()
        return total, torch.cat([one.grad.flatten() for one in model.parameters()])

    alone = learned([[share_prefixes([one], most_tokens=120, seed=0)[0].columns()] for one in rows])
    together = learned([[one.columns() for one in groups[start : start + 2]] for start in range(0, len(groups), 2)])
    assert together[0] == pytest.approx(alone[0], rel=1e-9)
    # Qwen2 normalises in float32 whatever the weights are.
    torch.testing.assert_close(together[1], alone[1], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("training.packing=true", "fill the same sequences"),
        ("training.completion_only=false", "over the replies alone"),
        ('model.attention="eager"', "set \\[model\\] attention = 'sdpa'"),
    ],
)
def test_what_does_not_go_with_it_is_refused(change, why):
    with pytest.raises(RecipeError, match=why):
        load_recipe("specialist-0.5b", "sft", changes=("training.share_prefix=true", change))
