"""Merges: each method makes a model that loads and answers; what cannot be merged says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentsql.errors import RecipeError
from agentsql.train.merge import load_merge, merge


def merge_file(tmp_path: Path, text: str, *models: str) -> str:
    """Write a merge recipe with a table for each model."""
    path = tmp_path / "merge.toml"
    tables = "".join(f"[[models]]\n{one}\n" for one in models)
    path.write_text(f'name = "m"\noutput = "out"\n{text}\n{tables}')
    return str(path)


TWO = ('model = "a/b"', 'model = "c/d"')


@pytest.mark.parametrize(
    ("text", "models", "said"),
    [
        ('method = "slurp"', TWO, "must be one of linear, slerp, ties"),
        ('method = "linear"', TWO[:1], "needs at least two [[models]]"),
        ('method = "slerp"', (*TWO, *TWO), "slerp merges two [[models]], not 4"),
        ('method = "ties"', TWO, "ties needs a base"),
        ('method = "moe"\nbase = "a/b"\nexperts_per_token = 3', TWO, "experts_per_token is more than the 2 [[models]]"),
        ('method = "moe"\nbase = "a/b"\ngate = "hidden"', TWO, "has no prompts, by which gate 'hidden' chooses"),
        ('method = "linear"', ('model = "a/b"', "weight = 1.0"), "number 2 names neither a model nor an adapter"),
        ('method = "adapters"\nbase = "a/b"', TWO, "must name an adapter on the base, and nothing else"),
        ('method = "linear"', ('model = "a/b"', 'model = "c/d"\nadapter = "no"'), "is no folder of an adapter"),
        ('method = "linear"', ('model = "a/b"', 'model = "c/d"\nwieght = 1'), "did you mean 'weight'?"),
        ('method = "linear"', ('model = "a/b"', 'model = "c/d"\ndensity = 0'), "density must be above 0, not 0.0"),
    ],
)  # fmt: skip
def test_a_wrong_merge_is_refused_with_the_reason(tmp_path, text, models, said):
    with pytest.raises(RecipeError) as error:
        load_merge(merge_file(tmp_path, text, *models))
    assert said in str(error.value)


def test_a_merge_does_not_overwrite(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(RecipeError, match="is there already"):
        merge(load_merge(merge_file(tmp_path, 'method = "linear"', *TWO)))


def test_the_shipped_merge_is_a_mixture_with_two_experts_for_each_token():
    recipe = load_merge("hexamind-moe")
    assert (recipe.method, len(recipe.models), recipe.experts_per_token) == ("moe", 8, 2)
    with pytest.raises(RecipeError, match="give a TOML file of your own, or hexamind-moe"):
        load_merge("no-such")


@pytest.fixture(scope="module")
def two(tmp_path_factory, make_model):
    """Two tiny models of one shape, for each kind."""
    folder = tmp_path_factory.mktemp("models")
    return {
        kind: [make_model(folder / f"{kind}-{seed}", kind, seed=seed) for seed in (1, 2)] for kind in ("llama", "qwen2")
    }


def answer(folder: Path) -> list[int]:
    """Give the first tokens that a model says."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": "How many?"}], add_generation_prompt=True, return_dict=False
    )
    assert torch.isfinite(model(torch.tensor([ids])).logits).all()
    return list(model.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False)[0, len(ids) :].tolist())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("method", "kind"),
    [
        *((method, "llama") for method in ("linear", "slerp", "ties", "dare_ties", "dare_linear", "moe")),
        ("ties", "qwen2"),
        ("moe", "qwen2"),
    ],
)
def test_a_merged_model_loads_and_answers(two, tmp_path, method, kind):
    base = f'base = "{two[kind][0]}"' if method not in ("linear", "slerp") else ""
    models = [f'model = "{folder}"\nweight = 0.5\ndensity = 0.7' for folder in two[kind]]
    path = merge_file(tmp_path, f'method = "{method}"\ndtype = "float32"\n{base}', *models)
    folder = merge(load_merge(path))
    assert folder == tmp_path / "out"
    assert answer(folder)
    kinds = {"llama": "mixtral", "qwen2": "qwen2_moe"} if method == "moe" else {}
    assert json.loads((folder / "config.json").read_text())["model_type"] == kinds.get(kind, kind)
    assert json.loads((folder / "merge.json").read_text())["method"] == method


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("combination", ["linear", "svd", "cat", "ties", "dare_linear", "magnitude_prune"])
def test_adapters_are_combined(two, tmp_path, combination):
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM

    base = two["qwen2"][0]
    for number in (1, 2):
        torch.manual_seed(number)
        config = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False)
        get_peft_model(AutoModelForCausalLM.from_pretrained(base), config).save_pretrained(tmp_path / f"a{number}")
    models = [f'adapter = "a{number}"\nweight = 0.5\ndensity = 0.5' for number in (1, 2)]
    text = f'method = "adapters"\nbase = "{base}"\ncombination = "{combination}"'
    folder = merge(load_merge(merge_file(tmp_path, text, *models)))
    merged = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folder)
    weights = [value.abs().sum().item() for name, value in merged.named_parameters() if "lora_B" in name]
    assert min(weights) > 0
