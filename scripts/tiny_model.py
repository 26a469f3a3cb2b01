"""Write a folder that vLLM can serve: a real tokenizer out of a GGUF file, and a two-layer Llama without weights.

Beside it, in `FOLDER/adapter`, goes a LoRA adapter of rank 8 with random weights, in PEFT's format.
Run with the Python of build/vllm: `python scripts/tiny_model.py TOKENIZER.gguf FOLDER`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer, LlamaConfig

RANK = 8


def main() -> None:
    gguf, folder = Path(sys.argv[1]), Path(sys.argv[2])
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
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
    )
    config.save_pretrained(folder)
    write_adapter(config, folder / "adapter")


def write_adapter(config: LlamaConfig, folder: Path) -> None:
    """Write an adapter of what attention reads and writes, strong enough to change what the model says."""
    folder.mkdir(exist_ok=True)
    random = torch.Generator().manual_seed(1)
    values = config.hidden_size * config.num_key_value_heads // config.num_attention_heads
    tensors = {}
    for layer in range(config.num_hidden_layers):
        for module, width in (("v_proj", values), ("o_proj", config.hidden_size)):
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            tensors[f"{name}.lora_A.weight"] = torch.randn(RANK, config.hidden_size, generator=random)
            tensors[f"{name}.lora_B.weight"] = torch.randn(width, RANK, generator=random)
    save_file(tensors, folder / "adapter_model.safetensors")
    settings = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": 2 * RANK, "bias": "none"}
    (folder / "adapter_config.json").write_text(json.dumps({**settings, "target_modules": ["v_proj", "o_proj"]}))


if __name__ == "__main__":
    main()
