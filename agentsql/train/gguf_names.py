"""Tensors of Hugging Face models under the names and in the order that llama.cpp has them."""

from __future__ import annotations

import re
from typing import Any

from agentsql.errors import TrainingError

ARCHITECTURES = {"llama": "llama", "mistral": "llama", "qwen2": "qwen2", "gemma": "gemma"}
"""llama.cpp's name of each `model_type` that is written."""
_ROTATED = ("llama", "mistral")
"""Model types whose query and key rows llama.cpp wants in another order."""

_OUTSIDE = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
_IN_LAYER = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_LAYER = re.compile(r"model\.layers\.(\d+)\.(.+)")


def architecture(config: Any) -> str:
    """Give llama.cpp's name of a model's architecture.

    Raises:
        TrainingError: it is not among those that are written here.
    """
    if config.model_type not in ARCHITECTURES:
        raise TrainingError(
            f"GGUF files of {config.model_type!r} models are not written here, only of {', '.join(ARCHITECTURES)}; "
            "export safetensors and use llama.cpp's convert_hf_to_gguf.py"
        )
    return ARCHITECTURES[config.model_type]


def gguf_name(module: str) -> str:
    """Give llama.cpp's name of a module, such as `blk.0.attn_q` for `model.layers.0.self_attn.q_proj`.

    Raises:
        TrainingError: it has none.
    """
    if module in _OUTSIDE:
        return _OUTSIDE[module]
    found = _LAYER.fullmatch(module)
    if found is None or found[2] not in _IN_LAYER:
        raise TrainingError(f"llama.cpp has no place for {module!r}; export safetensors instead")
    return f"blk.{found[1]}.{_IN_LAYER[found[2]]}"


def arranged(module: str, tensor: Any, config: Any) -> Any:
    """Give a weight, bias or LoRA B of a module with its rows as llama.cpp wants them.

    For Llama, rows of queries and keys alternate between the halves that are rotated together.
    Source: ggml-org/llama.cpp, convert_hf_to_gguf.py, `LlamaModel.permute`.

    Args:
        tensor: numpy, its first axis the module's outputs.
    """
    if config.model_type == "gemma" and module.endswith("norm"):
        return tensor + 1  # llama.cpp multiplies by the weight, and the model by one more
    if config.model_type not in _ROTATED or not module.endswith((".q_proj", ".k_proj")):
        return tensor
    heads = config.num_attention_heads if module.endswith(".q_proj") else config.num_key_value_heads
    halves = tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *tensor.shape[1:])
    return halves.swapaxes(1, 2).reshape(tensor.shape)
