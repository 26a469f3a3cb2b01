"""Turn the GGUF file of a small Qwen2.5 model into a Hugging Face folder in bfloat16, which vLLM can serve.

Run with the Python of build/vllm: `python scripts/qwen_folder.py MODEL.gguf FOLDER`. A minute for 0.5B.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig


def main() -> None:
    gguf, folder = Path(sys.argv[1]), Path(sys.argv[2])
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(unfinished)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
    )
    # Qwen2.5 below 7B has one matrix for embedding and output. The file holds it twice, the output in more bits, and
    # is loaded as if they were two.
    model.get_input_embeddings().weight.data.copy_(model.get_output_embeddings().weight.data)
    model.config.tie_word_embeddings = True
    model.tie_weights()
    model.save_pretrained(unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


if __name__ == "__main__":
    main()
