"""Write a folder that vLLM can serve: a real tokenizer out of a GGUF file, and a two-layer Llama without weights.

Run with the Python of build/vllm: `python scripts/tiny_model.py TOKENIZER.gguf FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from transformers import AutoTokenizer, LlamaConfig


def main() -> None:
    gguf, folder = Path(sys.argv[1]), Path(sys.argv[2])
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.save_pretrained(folder)
    LlamaConfig(
        architectures=["LlamaForCausalLM"],
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        torch_dtype="bfloat16",
    ).save_pretrained(folder)


if __name__ == "__main__":
    main()
