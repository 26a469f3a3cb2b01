#!/usr/bin/env bash
# Make agentsql/models/adapters/qwen2.5-coder-0.5b-sql.gguf again, in build/specialist: about two hours on two cores with
# AVX-512 that do nothing else (the second training took 63 minutes). Needs Spider and Spider-Syn in ../shared, and the
# extras [train] and [retrieval]. A step that was done is not done again; a training that was stopped goes on. Exact
# weights depend on the processor.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=build/specialist
agentsql=.venv/bin/agentsql
mkdir -p "$folder"

[ -e "$folder/data/report.json" ] || "$agentsql" data prepare --task sql --split train=0.99,valid=0.01 --out "$folder/data" \
    --from ../shared/benchmarks/spider/train_spider.json --from ../shared/training/spider_syn_train.jsonl.gz \
    --databases ../shared/benchmarks/spider/database --against ../shared/benchmarks/spider/dev.json

train() { # folder, settings
    local out=$folder/$1
    shift
    [ ! -e "$out/result" ] || return 0
    local resume=()
    [ ! -e "$out/training.json" ] || resume=(--resume)
    "$agentsql" train sft --config specialist-0.5b --set data.train="$folder/data/train.jsonl" \
        --set data.validation="$folder/data/valid.jsonl" "$@" --output "$out" "${resume[@]}"
}
train first --set training.max_steps=48 --set validation.every=16
train second --set training.max_steps=72 --set validation.every=36 --set model.adapter="$folder/first/result" \
    --set training.learning_rate=2e-4 --set seed=43

[ -e "$folder/qwen2.5-coder-0.5b-sql.gguf" ] ||
    "$agentsql" export "$folder/second/result" --output "$folder/qwen2.5-coder-0.5b-sql.gguf"
echo "$folder/qwen2.5-coder-0.5b-sql.gguf"
