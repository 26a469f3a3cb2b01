"""Every shipped recipe: planned without weights, and run for some steps on a tiny model of its architecture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql.train.recipe import load_recipe, shipped_recipes

TINY = {
    "local:qwen2.5-coder-0.5b": "qwen2",
    "local:qwen2.5-coder-1.5b": "qwen2",
    "Qwen/Qwen2.5-1.5B-Instruct": "qwen2",
    "Qwen/Qwen2.5-Coder-1.5B-Instruct": "qwen2",
    "google/gemma-7b-it": "gemma",
    "meta-llama/Llama-2-7b-chat-hf": "llama",
    "meta-llama/Meta-Llama-3-8B-Instruct": "llama",
    "mistralai/Mistral-7B-Instruct-v0.1": "mistral",
}
"""Architecture of each base."""
PARAMETERS = {
    "hexamind-sft": (8_030_261_248, 671_088_640),
    "gemma-7b": (8_537_680_896, 50_003_968),
    "specialist-0.5b": (494_032_768, 4_399_104),
    "specialist-1.5b": (1_543_714_304, 9_232_384),
}
"""All and trained, as the models' own cards and peft's `print_trainable_parameters` have them."""


def method_of(name: str) -> str:
    return next(line for line in shipped_recipes()[name].splitlines() if line.startswith("method")).split('"')[1]


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.filterwarnings("ignore")  # of torch and transformers
def test_a_plan_needs_no_weights_and_no_network(name, rows, monkeypatch):
    from agentsql.train.session import plan_training

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    changes = [f"data.train={json.dumps(str(rows))}", "data.validation=[]"]
    plan = plan_training(load_recipe(name, method_of(name), changes=changes), without_weights=True)
    assert (plan.estimate.parameters, plan.estimate.trained) == PARAMETERS[name]
    assert plan.estimate.steps >= 1
    told = plan.describe()
    assert "16 rows" in told
    assert "memory       about" in told


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_recipes())
@pytest.mark.filterwarnings("ignore")
def test_it_trains_a_tiny_model_of_its_architecture(name, rows, pairs, tmp_path, make_model):
    from agentsql.train.session import train

    recipe = load_recipe(name, method_of(name), output=str(tmp_path / "out"))
    base = make_model(tmp_path / "base", TINY[recipe.model.base])
    file = pairs if recipe.method == "dpo" else rows
    if recipe.data.tasks == ("schema",):
        told = [json.loads(line) for line in rows.read_text().splitlines()]
        file.write_text(
            "".join(json.dumps({**one, "task": "schema", "columns": ["singer.name"]}) + "\n" for one in told)
        )
    validated = (str(file),) if recipe.data.validation else ()
    small = replace(
        recipe,
        model=replace(recipe.model, base=str(base)),
        data=replace(recipe.data, train=(str(file),), validation=validated, max_tokens=256),
        lora=replace(recipe.lora, rank=min(recipe.lora.rank, 8), alpha=16.0),
        training=replace(recipe.training, max_steps=6, batch=4, accumulate=1, learning_rate=0.01, log_every=1,
                         schedule="constant", warmup=0.0),
        validation=replace(recipe.validation, every=6, questions=2, new_tokens=8),
        ppo=replace(recipe.ppo, rollouts=4, new_tokens=8),
    )  # fmt: skip
    train(small)
    points = map(json.loads, (tmp_path / "out" / "log.jsonl").read_text().splitlines())
    losses = [point["loss"] for point in points if "loss" in point]
    assert len(losses) == 6
    if recipe.method in ("sft", "dpo"):
        assert losses[-1] < losses[0]
    assert (Path(small.output) / "result" / "adapter_config.json").is_file()
