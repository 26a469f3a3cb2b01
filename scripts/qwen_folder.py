"""Turn the GGUF file of a model into a Hugging Face folder in bfloat16, which vLLM can serve.

Run with the project's Python: `python scripts/qwen_folder.py MODEL.gguf FOLDER`. A minute for 0.5B.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agentsql.train.base import gguf_to_folder

if __name__ == "__main__":
    gguf_to_folder(Path(sys.argv[1]), Path(sys.argv[2]))
