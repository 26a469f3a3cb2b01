"""A LoRA adapter for Qwen2.5 0.5B with random weights, as a GGUF file."""

from __future__ import annotations

import random
import struct
from pathlib import Path

LAYERS, WIDTH, RANK = 24, 896, 2
_TEXT, _FLOAT = 8, 6
_ALIGNMENT = 32


def write_adapter(path: Path) -> Path:
    """Write an adapter of all query projections that makes gibberish of what the model says."""
    source = random.Random(1)
    tensors = {}
    for layer in range(LAYERS):
        for part, shape in (("lora_a", (WIDTH, RANK)), ("lora_b", (RANK, WIDTH))):
            tensors[f"blk.{layer}.attn_q.weight.{part}"] = (shape, [source.gauss(0, 0.3) for _ in range(WIDTH * RANK)])
    settings = {
        "general.architecture": "qwen2",
        "general.type": "adapter",
        "adapter.type": "lora",
        "adapter.lora.alpha": 8.0,
    }
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings))
    for name, value in settings.items():
        kind = struct.pack("<I", _TEXT) + _text(value) if isinstance(value, str) else struct.pack("<If", _FLOAT, value)
        head += _text(name) + kind
    weights = b""
    for name, (shape, values) in tensors.items():
        head += _text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(weights))
        weights += _padded(struct.pack(f"<{len(values)}f", *values))
    path.write_bytes(_padded(head) + weights)
    return path


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def _padded(content: bytes) -> bytes:
    return content + b"\0" * (-len(content) % _ALIGNMENT)
