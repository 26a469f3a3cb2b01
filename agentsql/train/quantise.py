"""GGUF's smaller number formats, written by the engine that reads them."""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from agentsql.errors import TrainingError

Quantisation = Literal["f16", "q8_0", "q4_k_m"]
QUANTISATIONS: tuple[Quantisation, ...] = ("f16", "q8_0", "q4_k_m")
FILE_TYPES = {"f16": 1, "q8_0": 7, "q4_k_m": 15}
"""llama.cpp's numbers of the formats of a whole file (`enum llama_ftype`)."""

_ROW_256 = {
    GGMLQuantizationType.Q4_K: GGMLQuantizationType.Q5_0,
    GGMLQuantizationType.Q6_K: GGMLQuantizationType.Q8_0,
}
"""What takes the place of a format whose blocks of 256 do not divide a row."""


def tensor_type(name: str, shape: tuple[int, ...], form: Quantisation, *, layers: int, tied: bool) -> Any:
    """Give the format of one tensor in a file of `form`.

    Source: ggml-org/llama.cpp, src/llama-quant.cpp, `llama_tensor_get_type`, for models of one expert.

    Args:
        shape: as numpy has it, the row's length last.
        tied: whether the embedding is the output too.
    """
    if len(shape) == 1 or "norm" in name:
        return GGMLQuantizationType.F32
    if form == "f16":
        return GGMLQuantizationType.F16
    if form == "q8_0":
        return _fitting(GGMLQuantizationType.Q8_0, shape)
    if name == "output.weight" or (tied and name == "token_embd.weight"):
        return _fitting(GGMLQuantizationType.Q6_K, shape)
    if ("attn_v" in name or "ffn_down" in name) and _has_more_bits(int(name.split(".")[1]), layers):
        return _fitting(GGMLQuantizationType.Q6_K, shape)
    return _fitting(GGMLQuantizationType.Q4_K, shape)


def quantised(tensor: Any, kind: Any) -> Any:
    """Give a float32 tensor in a format: uint8 rows of blocks, or plain numbers."""
    if kind == GGMLQuantizationType.F32:
        return np.ascontiguousarray(tensor, dtype=np.float32)
    if kind == GGMLQuantizationType.F16:
        return np.ascontiguousarray(tensor, dtype=np.float16)
    flat = np.ascontiguousarray(tensor, dtype=np.float32)
    rows, length = flat.size // flat.shape[-1], flat.shape[-1]
    block, size = GGML_QUANT_SIZES[kind]
    made = np.empty((*flat.shape[:-1], length // block * size), dtype=np.uint8)
    written = _engine().ggml_quantize_chunk(
        int(kind), flat.ctypes.data_as(ctypes.c_void_p), made.ctypes.data_as(ctypes.c_void_p), 0, rows, length, None
    )
    if written != made.nbytes:
        raise TrainingError(f"the engine wrote {written} bytes of a tensor in place of {made.nbytes}; update xllamacpp")
    return made


def _has_more_bits(layer: int, layers: int) -> bool:
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


def _fitting(kind: Any, shape: tuple[int, ...]) -> Any:
    if shape[-1] % GGML_QUANT_SIZES[kind][0]:
        kind = _ROW_256.get(kind, GGMLQuantizationType.F16)
    return kind if shape[-1] % GGML_QUANT_SIZES[kind][0] == 0 else GGMLQuantizationType.F16


@cache
def _engine() -> Any:
    """Load the embedded engine's library for its one function that quantises; no server, no model."""
    found = find_spec("xllamacpp")
    libraries = sorted(Path(found.origin).parent.glob("xllamacpp*.so")) if found and found.origin else []
    libraries += sorted(Path(found.origin).parent.glob("xllamacpp*.pyd")) if found and found.origin else []
    if not libraries:
        raise TrainingError("quantising needs xllamacpp, which is not installed; install agentsql-framework again")
    library = ctypes.CDLL(str(libraries[0]))
    function = library.ggml_quantize_chunk
    function.restype = ctypes.c_size_t
    function.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 3, ctypes.c_void_p]
    return library
