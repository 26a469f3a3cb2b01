"""A tiny model of random weights with a tokenizer of its own, and rows it can learn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentsql.data.rows import About, PreferenceRow, TrainingRow
from agentsql.testing import tiny_database
from agentsql.types import Message

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GOLDS = {
    "How many singers are there?": "SELECT count(*) FROM singer",
    "List the names of all singers.": "SELECT name FROM singer",
    "How many concerts are there?": "SELECT count(*) FROM concert",
    "How old is each singer?": "SELECT name, age FROM singer",
}


def make_tokenizer(folder: Path) -> Any:
    """Write a byte-level BPE tokenizer of a few hundred tokens, of Qwen's kind, and give it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    raw.train_from_iterator(
        [*GOLDS, *GOLDS.values(), "You are an analyst. CREATE TABLE singer (name TEXT, age INT);"], trainer
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=CHATML
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def model_folder(folder: Path, kind: str = "qwen2", *, seed: int = 0, layers: int = 2) -> Path:
    """Write a model of random weights with its tokenizer, and give its folder."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    tokenizer = make_tokenizer(folder)
    torch.manual_seed(seed)
    config = AutoConfig.for_model(
        kind,
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def make_model() -> Any:
    """Give `model_folder`."""
    return model_folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer Qwen2 of random weights."""
    return model_folder(tmp_path_factory.mktemp("base") / "tiny-qwen2")


def about(question: str, database: Path) -> About:
    """Give what a row on the tiny database is made of."""
    return About("sql", "tiny", question, GOLDS[question], database=str(database), question_id=question)


def prompt(question: str) -> tuple[Message, ...]:
    """Give a short prompt."""
    return (Message("system", "You are an analyst."), Message("user", question))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of four training rows on the tiny database, four times over."""
    database = tiny_database(tmp_path / "singers.sqlite")
    made = [TrainingRow(prompt(question), gold, about(question, database)) for question, gold in GOLDS.items()]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f"{row.to_json()}\n" for row in made * 4), "utf-8")
    return path


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """A file of four preference rows."""
    database = tiny_database(tmp_path / "singers-too.sqlite")
    made = [
        PreferenceRow(prompt(question), gold, "SELECT age FROM concert", about(question, database))
        for question, gold in GOLDS.items()
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(f"{row.to_json()}\n" for row in made * 4), "utf-8")
    return path


def recipe_file(path: Path, method: str, base: Path, rows: Path, **sections: dict[str, Any]) -> Path:
    """Write a recipe for the tiny model and give its path."""
    parts: dict[str, dict[str, Any]] = {
        "model": {"base": str(base), "dtype": "float32"},
        "lora": {"rank": 8, "alpha": 16},
        "data": {"train": [str(rows)], "max_tokens": 128},
        "training": {"max_steps": 8, "batch": 4, "accumulate": 1, "learning_rate": 0.01, "log_every": 1, "report": []},
    }
    for name, values in sections.items():
        parts[name] = {**parts.get(name, {}), **values}
    lines = ['name = "tiny"', f'method = "{method}"', f"output = {json.dumps(str(path.parent / 'out'))}"]
    for name, values in parts.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def write_recipe() -> Any:
    """Give `recipe_file`."""
    return recipe_file
