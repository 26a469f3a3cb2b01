"""Writes models and LoRA adapters as GGUF files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, GGUFValueType, GGUFWriter, TokenType

from agentsql.errors import TrainingError
from agentsql.train.gguf_names import architecture, arranged, gguf_name
from agentsql.train.quantise import FILE_TYPES, Quantisation, quantised, tensor_type

_LORA = re.compile(r"base_model\.model\.(.+)\.lora_([AB])\.weight")
_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_PRETOKENIZERS = {rf"{_WORDS}\p{{N}}{_REST}": "qwen2", rf"{_WORDS}\p{{N}}{{1,3}}{_REST}": "llama-bpe"}
"""llama.cpp's names of the patterns by which texts are split before they are made tokens of."""


def write_adapter(folder: Path, config: Any, path: Path) -> None:
    """Write the LoRA adapter in `folder`, in PEFT's format, as a GGUF file of 16-bit floats, whole or not at all.

    Args:
        config: of its base model.

    Raises:
        TrainingError: it is of a kind that llama.cpp has not.
    """
    from safetensors.numpy import load_file

    settings = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    if settings.get("use_dora") or settings.get("modules_to_save") or settings.get("rank_pattern"):
        raise TrainingError(f"{folder} is a kind of LoRA that GGUF adapters cannot hold; export merged weights instead")
    alpha = settings["lora_alpha"] * (math.sqrt(settings["r"]) if settings.get("use_rslora") else 1)
    name = architecture(config)
    tensors = {}
    for key, tensor in load_file(folder / "adapter_model.safetensors").items():
        found = _LORA.fullmatch(key)
        if found is None:
            raise TrainingError(f"{folder} holds {key!r}, which GGUF adapters cannot; export merged weights instead")
        rows = arranged(found[1], tensor, config) if found[2] == "B" else tensor
        tensors[f"{gguf_name(found[1])}.weight.lora_{found[2].lower()}"] = rows.astype(np.float16)
    with _writing(path, name) as writer:
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", float(alpha))
        for key in sorted(tensors):
            writer.add_tensor(key, np.ascontiguousarray(tensors[key]))


def write_model(folder: Path, config: Any, path: Path, form: Quantisation, *, like: Path | None = None) -> None:
    """Write the model in `folder`, in Hugging Face's layout, as a GGUF file, whole or not at all.

    Args:
        like: GGUF file whose tokenizer is taken, where the model is tuned from one.

    Raises:
        TrainingError: its architecture or tokenizer is none of those that are written here.
    """
    name = architecture(config)
    text = config.get_text_config()
    with _writing(path, name) as writer:
        writer.add_type("model")
        writer.add_name(folder.name)
        _add_shape(writer, text)
        writer.add_file_type(FILE_TYPES[form])
        writer.add_quantization_version(2)
        if like is not None:
            _copy_tokenizer(writer, like)
        else:
            _add_tokenizer(writer, folder, rows=text.vocab_size)
        for module, kind, tensor in _tensors(folder):
            key = f"{gguf_name(module)}.{kind}"
            rows = arranged(module, tensor, text)
            chosen = tensor_type(key, rows.shape, form, layers=text.num_hidden_layers, tied=text.tie_word_embeddings)
            writer.add_tensor(key, quantised(rows, chosen), raw_dtype=chosen)


def is_adapter(path: Path) -> bool:
    """Tell whether a GGUF file is an adapter rather than a model.

    Raises:
        TrainingError: it is no GGUF file.
    """
    try:
        field = GGUFReader(path).get_field("general.type")
    except (ValueError, OSError, IndexError) as exc:
        raise TrainingError(f"{path} is no GGUF file: {exc}; give a model's, an adapter's, or a folder") from exc
    return field is not None and field.contents() == "adapter"


@contextmanager
def _writing(path: Path, name: str) -> Iterator[GGUFWriter]:
    """Give a writer whose file takes its place once everything is in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    writer = GGUFWriter(unfinished, name)
    try:
        yield writer
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        unfinished.replace(path)
    except OSError as exc:
        raise TrainingError(f"{path} could not be written: {exc.strerror or exc}; make room and try again") from exc
    finally:
        unfinished.unlink(missing_ok=True)


def _tensors(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """Yield module, `weight` or `bias`, and float32 values of each tensor; a tied output is not among them."""
    import torch
    from safetensors import safe_open

    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as shard:
            for key in shard.keys():  # noqa: SIM118 - it is no dictionary
                module, _, kind = key.rpartition(".")
                yield module, kind, shard.get_tensor(key).to(torch.float32).numpy()


def _add_shape(writer: GGUFWriter, text: Any) -> None:
    writer.add_block_count(text.num_hidden_layers)
    writer.add_context_length(text.max_position_embeddings)
    writer.add_embedding_length(text.hidden_size)
    writer.add_feed_forward_length(text.intermediate_size)
    writer.add_head_count(text.num_attention_heads)
    writer.add_head_count_kv(text.num_key_value_heads)
    width = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_rope_dimension_count(width)
    rope = getattr(text, "rope_parameters", None) or {}
    writer.add_rope_freq_base(float(rope.get("rope_theta", 0.0) or getattr(text, "rope_theta", 10_000.0)))
    if rope.get("rope_type", "default") != "default":
        raise TrainingError(
            f"positions scaled as {rope['rope_type']!r} are not written here; use llama.cpp's converter"
        )
    writer.add_layer_norm_rms_eps(text.rms_norm_eps)
    writer.add_vocab_size(text.vocab_size)


def _copy_tokenizer(writer: GGUFWriter, like: Path) -> None:
    for key, field in GGUFReader(like).fields.items():
        if key.startswith("tokenizer."):
            kind = field.types[0]
            inner = field.types[1] if kind == GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), kind, sub_type=inner)


def _add_tokenizer(writer: GGUFWriter, folder: Path, *, rows: int) -> None:
    """Add a byte-level BPE tokenizer out of `tokenizer.json`."""
    from transformers import AutoTokenizer

    try:
        document = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise TrainingError(f"{folder} has no tokenizer.json to be read; use llama.cpp's converter") from exc
    model = document["model"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokens = {number: text for text, number in model["vocab"].items()}
    kinds = dict.fromkeys(tokens, TokenType.NORMAL)
    for added in document.get("added_tokens", ()):
        tokens[added["id"]] = added["content"]
        kinds[added["id"]] = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_pretokenizer(document, folder))
    writer.add_token_list([tokens.get(number, f"[PAD{number}]") for number in range(rows)])
    writer.add_token_types([kinds.get(number, TokenType.UNUSED) for number in range(rows)])
    merges = model["merges"]
    writer.add_token_merges([one if isinstance(one, str) else " ".join(one) for one in merges])
    adders: tuple[tuple[int | None, Callable[[int], None]], ...] = (
        (tokenizer.bos_token_id, writer.add_bos_token_id),
        (tokenizer.eos_token_id, writer.add_eos_token_id),
        (tokenizer.pad_token_id, writer.add_pad_token_id),
    )
    for number, add in adders:
        if number is not None:
            add(number)
    begins = bool(tokenizer("a").input_ids[:1] == [tokenizer.bos_token_id])
    writer.add_add_bos_token(begins)
    if isinstance(tokenizer.chat_template, str):
        writer.add_chat_template(tokenizer.chat_template)


def _pretokenizer(document: dict[str, Any], folder: Path) -> str:
    outer = document.get("pre_tokenizer") or {}
    parts = outer.get("pretokenizers", [outer])
    kinds = [part.get("type") for part in parts]
    if document["model"].get("type") == "BPE" and kinds and kinds[-1] == "ByteLevel":
        if kinds == ["ByteLevel"] and parts[0].get("use_regex", True):
            return "gpt-2"
        if kinds == ["Digits", "ByteLevel"] and parts[1].get("use_regex", True):
            return "smollm"
        if kinds == ["Split", "ByteLevel"] and (found := _PRETOKENIZERS.get(parts[0]["pattern"].get("Regex", ""))):
            return found
    raise TrainingError(
        f"the tokenizer of {folder} is of no kind that is written here (byte-level BPE as of Qwen2, Llama 3 or GPT-2); "
        "use llama.cpp's convert_hf_to_gguf.py"
    )
