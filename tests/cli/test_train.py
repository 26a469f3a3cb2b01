"""`agentsql train`, `merge`, `export` and `models add` on the command line."""

from __future__ import annotations

import json

import pytest

from agentsql.cli.main import main
from agentsql.data.rows import About, TrainingRow
from agentsql.types import Message

pytestmark = pytest.mark.filterwarnings("ignore")  # of torch and transformers


@pytest.fixture
def rows(tmp_path):
    about = About("sql", "tiny", "How many?", "SELECT 1")
    path = tmp_path / "rows.jsonl"
    path.write_text(TrainingRow((Message("user", "How many?"),), "SELECT 1", about).to_json() + "\n")
    return path


def test_a_dry_run_says_what_a_training_takes(rows, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    data = ["--set", f"data.train={rows}", "--set", "data.validation=[]", "--set", "hub.repository=me/mine"]
    assert main(["train", "sft", "--config", "mistral-7b", "--dry-run", *data]) == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert told["recipe"] == "mistral-7b: sft, qlora of mistralai/Mistral-7B-Instruct-v0.1"
    assert told["parameters"].startswith("7,241,732,096, of which 41,943,040 are trained")
    assert told["upload"] == "training/mistral-7b/result with its model card, to me/mine (private)"
    assert list(tmp_path.iterdir()) == [rows]


def test_recipes_are_listed_with_their_sources(capsys):
    assert main(["train", "recipes"]) == 0
    told = capsys.readouterr().out
    assert "hexamind-ppo" in told
    assert "commit 2f3608f" in told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["train", "sft", "--config", "specialist-05b"], 2, "did you mean 'specialist-0.5b'?"),
        (["train", "dpo", "--config", "specialist-0.5b"], 2, "is a recipe for sft; run `agentsql train sft` with it"),
        (["train", "sft", "--config", "specialist-0.5b"], 2, "there is no 'data/train.jsonl'"),
        (["train", "sft", "--config", "specialist-0.5b", "--set", "lora.rnk=3"], 2, "did you mean 'rank'?"),
        (["merge", "--config", "missing.toml"], 2, "cannot be read: No such file"),
        (["export", "."], 2, "holds neither an adapter"),
        (["models", "add", "missing.gguf", "--name", "mine"], 2, "there is no 'missing.gguf'"),
        (["models", "add", "rows.jsonl", "--name", "mine"], 6, "is no GGUF file"),
        (["models", "add", "rows.jsonl", "--name", "a b"], 2, "cannot be a model's name"),
    ],
)
def test_what_is_wrong_is_said(arguments, code, said, rows, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    assert main(arguments) == code
    assert said in " ".join(capsys.readouterr().err.split())


def test_models_of_ones_own_are_listed_and_forgotten(capsys):
    from agentsql.models.own import add_model

    add_model("mine", "/some/model.gguf")
    assert main(["models", "list"]) == 0
    assert "/some/model.gguf" in capsys.readouterr().out
    assert main(["models", "list", "--format", "json"]) == 0
    (mine,) = [one for one in json.loads(capsys.readouterr().out) if one["name"] == "mine"]
    assert mine["target"] == "/some/model.gguf"
    assert main(["models", "rm", "mine"]) == 0
    assert "mine is forgotten; its files stay" in capsys.readouterr().err
