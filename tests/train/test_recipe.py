"""Recipes: read, refused with a reason, written as used."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from agentsql.errors import RecipeError
from agentsql.train.recipe import load_recipe, recipe_from, shipped_recipes, to_toml

MINIMAL = {"name": "one", "method": "sft", "model": {"base": "local:x"}, "data": {"train": ["rows.jsonl"]}}


def changed(**sections: object) -> dict[str, object]:
    document = json.loads(json.dumps(MINIMAL))
    for name, values in sections.items():
        document[name] = {**document.get(name, {}), **values} if isinstance(values, dict) else values
    return document


def test_what_a_recipe_leaves_out_has_its_default():
    recipe = recipe_from(MINIMAL, "one.toml")
    assert (recipe.lora.rank, recipe.training.learning_rate, recipe.data.tasks) == (16, 2e-4, ("sql",))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (changed(trainign={"batch": 1}), "unknown section 'trainign'; did you mean 'training'?"),
        (changed(training={"learning_rat": 1}), "[training] unknown key 'learning_rat'; did you mean 'learning_rate'?"),
        (changed(training={"batch": 0}), "[training] batch must be at least 1, not 0"),
        (changed(training={"batch": True}), "[training] batch must be a whole number, not True"),
        (changed(training={"batch": 1.5}), "[training] batch must be a whole number, not 1.5"),
        (changed(training={"learning_rate": 0}), "[training] learning_rate must be above 0, not 0.0"),
        (changed(training={"learning_rate": float("inf")}), "learning_rate must be a finite number, not inf"),
        (changed(lora={"dropout": 1.5}), "[lora] dropout must be at most 1, not 1.5"),
        (changed(model={"tune": "qlorra"}), "must be one of lora, qlora, full, not 'qlorra'; did you mean 'qlora'?"),
        (changed(data={"train": []}), "[data] train names no file"),
        (changed(data={"tasks": ["sql", "chat"]}), "tasks must be one of sql, schema, correct, select, not 'chat'"),
        (changed(model="x"), "'model' must be a section, written [model]"),
        (changed(ppo={"clip": 0.1}), "[ppo] is for ppo, and this recipe is for sft; remove it"),
        (changed(lora={"rank": 4}, model={"adapter": "a"}), "[lora] has no effect beside [model] adapter"),
        (changed(model={"adapter": "a", "tune": "full"}), "goes with tune = 'lora' or 'qlora', not 'full'"),
        (changed(method="grpo", rewards={"execution": 0, "executable": 0, "schema": 0}), "every weight"),
        ({"name": "one", "method": "sft", "data": {"train": "x"}}, "model is missing"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_is_refused_with_the_reason(document, said):
    with pytest.raises(RecipeError) as error:
        recipe_from(document, "one.toml")
    assert said in str(error.value)
    assert str(error.value).startswith("one.toml: ")


def test_paths_of_a_file_are_relative_to_it(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('name="own"\nmethod="sft"\noutput="out"\n[model]\nbase="./m"\n[data]\ntrain="rows.jsonl"\n')
    recipe = load_recipe(str(path), "sft")
    assert recipe.data.train == (str(tmp_path / "rows.jsonl"),)
    assert (Path(recipe.model.base), Path(recipe.output)) == (tmp_path / "m", tmp_path / "out")


def test_changes_come_in_place_of_what_the_recipe_says(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('name="own"\nmethod="sft"\n[model]\nbase="x/y"\n[data]\ntrain="rows.jsonl"\n')
    changes = ("training.batch=3", "data.train=other.jsonl", 'data.tasks=["sql", "schema"]', "seed=7")
    recipe = load_recipe(str(path), "sft", changes=changes, output="there")
    assert (recipe.training.batch, recipe.data.train, recipe.seed) == (3, ("other.jsonl",), 7)
    assert (recipe.data.tasks, recipe.output) == (("sql", "schema"), "there")


@pytest.mark.parametrize(
    ("name", "method", "changes", "said"),
    [
        ("no-such", "sft", (), "there is no recipe 'no-such'"),
        ("missing.toml", "sft", (), "cannot be read: No such file or directory"),
        ("broken.toml", "sft", (), "is not valid TOML"),
        ("good.toml", "dpo", (), "is a recipe for sft; run `agentsql train sft` with it"),
        ("good.toml", "sft", ("training.batch",), "is not of the form SECTION.KEY=VALUE"),
        ("good.toml", "sft", ("training.batsh=1",), "unknown key 'batsh'; did you mean 'batch'?"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_why(tmp_path, monkeypatch, name, method, changes, said):
    monkeypatch.chdir(tmp_path)
    Path("broken.toml").write_text("name = ")
    Path("good.toml").write_text('name="g"\nmethod="sft"\n[model]\nbase="x/y"\n[data]\ntrain="rows.jsonl"\n')
    with pytest.raises(RecipeError, match=r".") as error:
        load_recipe(name, method, changes=changes)
    assert said in str(error.value)


@pytest.mark.parametrize("name", shipped_recipes())
def test_a_shipped_recipe_is_right_and_survives_being_written(name):
    document = tomllib.loads(shipped_recipes()[name])
    recipe = recipe_from(document, name)
    assert recipe.name == name
    assert recipe_from(tomllib.loads(to_toml(recipe)), name) == recipe
