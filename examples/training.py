"""Train a model on questions of your own, from the questions to an adapter that agentsql can use.

    python examples/training.py FOLDER
    python examples/training.py FOLDER --base local:qwen2.5-coder-0.5b

Without --base the model is a tiny one of random weights, which learns nothing of use, but does so in half a minute.
Needs the extra [train]. The same by commands: agentsql data prepare, agentsql train sft, agentsql export.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from agentsql.cli.main import main as agentsql

QUESTIONS = Path(__file__).with_name("bookshop.questions.jsonl")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", default="", help="a folder, a name on the hub, or local:NAME")
    parser.add_argument("--steps", type=int, default=10)
    wanted = parser.parse_args()

    # 1. Rows: the very prompts that the default graph sends, with the right SQL as the reply.
    rows = wanted.folder / "rows"
    if code := agentsql(["data", "prepare", "--from", str(QUESTIONS), "--out", str(rows)]):
        return code
    train = rows / "train.jsonl"
    base = wanted.base or str(random_model(wanted.folder / "tiny", train))

    # 2. A recipe: what is not said here has a default that fits small models.
    recipe = wanted.folder / "recipe.toml"
    recipe.write_text(
        f"""\
name = "bookshop"
method = "sft"
output = "out"

[model]
base = {json.dumps(base)}
dtype = "float32"

[data]
train = ["rows/train.jsonl"]
max_tokens = 4096

[training]
max_steps = {wanted.steps}
batch = 2
accumulate = 1
learning_rate = 0.001
log_every = 1
report = []
"""
    )
    if code := agentsql(["train", "sft", "--config", str(recipe)]):
        return code
    losses = [one["loss"] for one in map(json.loads, (wanted.folder / "out/log.jsonl").open()) if "loss" in one]
    print(f"loss {losses[0]:.2f} at first, {losses[-1]:.2f} at last")

    # 3. An adapter as the embedded engine reads it; then: agentsql models add FILE --name bookshop --base MODEL
    return agentsql(["export", str(wanted.folder / "out/result"), "--as", "gguf-adapter"])


def random_model(folder: Path, rows: Path) -> Path:
    """Make a model of two layers that knows nothing, with a tokenizer of the rows' own words, and give its folder."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    texts = [message["content"] for line in rows.open() for message in json.loads(line)["prompt"]]
    raw.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=1500, special_tokens=marks, initial_alphabet=letters, show_progress=False),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token=marks[2],
        pad_token=marks[0],
        chat_template="{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
        "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        "qwen2",
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
