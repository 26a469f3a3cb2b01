"""Rows as tokens: what is learned from, what is left out, and when that is too much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentsql.errors import RecipeError, TrainingDataError, TrainingError
from agentsql.train.base import base_folder, load_tokenizer
from agentsql.train.estimate import check_room, estimate, shape_of
from agentsql.train.examples import load_examples
from agentsql.train.recipe import load_recipe

pytestmark = pytest.mark.filterwarnings("ignore")  # of torch and transformers


@pytest.fixture
def recipe(tiny_model, rows, tmp_path, write_recipe):
    return load_recipe(str(write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows)), "sft")


def changed(recipe, *changes, tmp_path):
    return load_recipe(str(tmp_path / "r.toml"), recipe.method, changes=changes)


def test_a_row_is_its_prompt_and_its_reply_up_to_the_end_of_the_turn(recipe, tiny_model):
    tokenizer = load_tokenizer(str(tiny_model))
    found = load_examples(recipe, recipe.data.train, tokenizer)
    one = found.rows[0]
    prompt, reply = one.input_ids[: one.prompt_tokens], one.input_ids[one.prompt_tokens :]
    assert tokenizer.decode(prompt).endswith("<|im_start|>assistant\n")
    assert tokenizer.decode(reply) == "SELECT count(*) FROM singer<|im_end|>"
    assert (len(found.rows), one.tokens) == (16, len(one.input_ids))
    assert found.describe().startswith("16 rows, ")


def test_without_a_tokenizer_tokens_are_guessed(recipe):
    found = load_examples(recipe, recipe.data.train, None)
    assert not found.counted_exactly
    assert "about " in found.describe()


def test_long_and_empty_rows_are_left_out_and_counted(recipe, rows, tiny_model, tmp_path):
    lines = rows.read_text().splitlines()
    long, empty, other = (json.loads(lines[0]) for _ in range(3))
    long["prompt"][1]["content"] = "How many? " * 200
    empty["completion"][0]["content"] = " "
    other["task"] = "select"
    rows.write_text("\n".join([*lines, *(json.dumps(one) for one in (long, empty, other))]) + "\n")
    found = load_examples(changed(recipe, "data.too_long_share=0.2", tmp_path=tmp_path), recipe.data.train,
                          load_tokenizer(str(tiny_model)))  # fmt: skip
    assert (len(found.rows), found.too_long, found.empty, found.other_tasks) == (16, 1, 1, 1)
    assert found.describe().endswith("; left out: 1 too long, 1 empty, 1 of other tasks")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["data.max_tokens=30"], "16 of 16 rows cannot be learned from (16 longer than 30 tokens"),
        (['data.tasks=["schema"]'], "no row of the tasks schema among 16; see [data] tasks"),
    ],
)
def test_rows_that_nothing_can_be_learned_from_are_refused(recipe, tiny_model, tmp_path, changes, said):
    other = changed(recipe, *changes, tmp_path=tmp_path)
    with pytest.raises(TrainingDataError) as error:
        load_examples(other, other.data.train, load_tokenizer(str(tiny_model)))
    assert said in str(error.value)


def test_some_rows_are_drawn_by_the_seed(recipe):
    some = [load_examples(recipe, recipe.data.train, None, most=5).rows for _ in range(2)]
    assert some[0] == some[1]
    assert len(some[0]) == 5


def test_a_tokenizer_without_a_chat_template_is_refused(tiny_model, tmp_path, make_model):
    folder = make_model(tmp_path / "plain")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(RecipeError, match="has no chat template, so nobody knows how it marks who speaks"):
        load_tokenizer(str(folder))
    template = tiny_model / "chat_template.jinja"
    assert load_tokenizer(str(folder), str(template)).chat_template == template.read_text()


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("./nowhere", "there is no folder './nowhere'"),
        ("nowhere", "it is no name on the hub"),
        ("local:qwen2.5-coder-05b", "did you mean 'qwen2.5-coder-0.5b'?"),
        ("local:none.gguf", "there is no model file 'none.gguf'"),
    ],
)
def test_a_base_that_is_not_there_is_named(base, said):
    with pytest.raises(RecipeError) as error:
        base_folder(base)
    assert said in str(error.value)


def test_what_does_not_fit_is_refused_before_anything_is_loaded(recipe, tiny_model, tmp_path):
    examples = load_examples(recipe, recipe.data.train, None)
    small = estimate(recipe, shape_of(recipe.model.base, str(tiny_model)), examples)
    check_room(small, recipe)
    large = changed(recipe, "model.tune=full", "model.base=meta-llama/Meta-Llama-3-8B-Instruct", tmp_path=tmp_path)
    with pytest.raises(TrainingError, match=r"takes about \d+\.\d GB, and \d+\.\d GB are free; try tune = 'qlora'"):
        check_room(estimate(large, shape_of(large.model.base, None), examples), large)


def test_targets_that_name_no_layer_are_refused(recipe, tiny_model, tmp_path):
    wrong = changed(recipe, 'lora.targets=["c_attn"]', tmp_path=tmp_path)
    examples = load_examples(recipe, recipe.data.train, None)
    with pytest.raises(RecipeError, match=r"name no layer of .*; it has down_proj, gate_proj, k_proj"):
        estimate(wrong, shape_of(wrong.model.base, str(tiny_model)), examples)


def test_a_gguf_file_and_its_folder_are_one_model(tiny_model, tmp_path):
    import torch
    from transformers import AutoModelForCausalLM

    from agentsql.train.base import gguf_to_folder
    from agentsql.train.export import export, trained

    gguf = export(trained(Path(tiny_model)), tmp_path / "model.gguf", "gguf", quantisation="f16")
    gguf_to_folder(gguf, tmp_path / "again")
    tokens = load_tokenizer(str(tiny_model)).apply_chat_template(
        [{"role": "user", "content": "How?"}], return_dict=False
    )
    again = load_tokenizer(str(tmp_path / "again"))
    assert list(again.apply_chat_template([{"role": "user", "content": "How?"}], return_dict=False)) == list(tokens)
    one, other = (
        AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)(torch.tensor([list(tokens)])).logits
        for folder in (tiny_model, tmp_path / "again")
    )
    torch.testing.assert_close(one, other, atol=0.02, rtol=0.02)  # 16 bits


def test_a_file_without_rows_is_said(tmp_path, write_recipe):
    (tmp_path / "empty.jsonl").write_text("")
    recipe = load_recipe(str(write_recipe(tmp_path / "a.toml", "sft", tmp_path, tmp_path / "empty.jsonl")), "sft")

    with pytest.raises(TrainingDataError, match="there is no row; make them with `agentsql data`"):
        load_examples(recipe, recipe.data.train, None)


def test_rows_of_another_kind_are_told_by_name(rows, pairs, tmp_path, write_recipe):
    for method, file, said in (("sft", pairs, "which `agentsql train dpo` learns from"), ("dpo", rows, "no pair")):
        recipe = load_recipe(str(write_recipe(tmp_path / "a.toml", method, tmp_path, file)), method)
        with pytest.raises(TrainingDataError, match=said):
            load_examples(recipe, recipe.data.train, None)


def test_what_does_not_fit_is_not_fetched_first(rows, tmp_path, monkeypatch):
    from agentsql.train import session

    monkeypatch.setattr(session, "base_folder", lambda *_, **__: pytest.fail("the base was fetched"))
    files = json.dumps([str(rows)])
    changes = [f"data.train={files}", "data.validation=[]", "training.batch=100000", "training.checkpointing=false"]
    recipe = load_recipe("specialist-1.5b", "sft", changes=changes, output=str(tmp_path / "out"))

    with pytest.raises(TrainingError, match="GB are free; try tune"):
        session.train(recipe, models_directory=str(tmp_path / "no models"))
