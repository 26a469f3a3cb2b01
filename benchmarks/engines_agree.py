"""Asks the trainer's own model and every engine that serves it the same prompts, greedily, and prints who differs.

    agentsql export BASE_FOLDER --as gguf --quantisation f16 --output base.gguf
    agentsql export ADAPTER --output adapter.gguf
    agentsql models serve --sql BASE_FOLDER --lora sql=ADAPTER -- --dtype float32 \
        --enforce-eager --max-model-len 4096 --kv-cache-memory-bytes 1G    # the last three on a machine without a GPU
    .venv/bin/python benchmarks/engines_agree.py --adapter ADAPTER --rows data/valid.jsonl \
        --engine local:base.gguf+adapter.gguf --engine vllm:sql@http://127.0.0.1:8000/v1 --engine vllm:chat@…

The model alone, called chat here, shows that the prompts tell adapter and base apart.
ROWS are what `agentsql data prepare` writes; one prompt is taken from each of `--prompts` places spread over them. The
trainer's model computes in float32. Seconds are of all prompts, one after another. Needs the extra [train].
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings
from agentsql.train.answering import greedy_replies
from agentsql.train.base import base_folder, load_tokenizer, load_weights
from agentsql.train.export import trained
from agentsql.types import Message

RESULTS = Path(__file__).resolve().parent / "results" / "engines_agree.jsonl"
NEW_TOKENS = 128


def main() -> None:
    options = _options()
    rows = [json.loads(line) for line in options.rows.read_text("utf-8").splitlines()]
    chosen = [rows[number * len(rows) // options.prompts]["prompt"] for number in range(options.prompts)]
    expected = _trainers(options.adapter, chosen)
    said = {"trainer": expected}
    for spec in options.engine:
        said[spec], cost = asyncio.run(_engines(spec, chosen))
        same = [one == other for one, other in zip(said[spec], expected, strict=True)]
        print(f"{spec}: {sum(same)} of {len(same)} as the trainer's model; {cost}", flush=True)
        for number, (text, equal) in enumerate(zip(said[spec], same, strict=True)):
            if not equal:
                print(f"  {number}: {text!r}\n  not {expected[number]!r}")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        print(json.dumps({"adapter": str(options.adapter), "said": said}), file=file)


def _trainers(adapter: Path, prompts: list[list[dict[str, Any]]]) -> list[str]:
    from peft import PeftModel

    folder = base_folder(trained(adapter).base)
    tokenizer = load_tokenizer(folder)
    model = PeftModel.from_pretrained(load_weights(folder, dtype="float32"), adapter)
    ids = [tokenizer.apply_chat_template(one, add_generation_prompt=True, return_dict=False) for one in prompts]
    return greedy_replies(model, tokenizer, ids, new_tokens=NEW_TOKENS)


async def _engines(spec: str, prompts: list[list[dict[str, Any]]]) -> tuple[list[str], str]:
    """Give the replies, and what they cost."""
    endpoint = open_endpoint(spec, settings=ModelSettings(deadline_s=300))
    try:
        texts, tokens = [], 0
        await endpoint.complete([Message("user", "SELECT")], temperature=0.0, max_tokens=1)  # it may have to start
        started = time.perf_counter()
        for prompt in prompts:
            messages = [Message(one["role"], one["content"]) for one in prompt]
            (reply,) = await endpoint.complete(messages, temperature=0.0, max_tokens=NEW_TOKENS)
            texts.append(reply.text)
            tokens += reply.usage.completion_tokens
        return texts, f"{tokens} tokens in {time.perf_counter() - started:.1f} s"
    finally:
        await endpoint.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", type=Path, required=True, help="folder in PEFT's format")
    parser.add_argument("--rows", type=Path, required=True, help="JSONL with a prompt in each row")
    parser.add_argument("--engine", action="append", default=[], help="SPEC of a served model, as `--model` takes it")
    parser.add_argument("--prompts", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()
