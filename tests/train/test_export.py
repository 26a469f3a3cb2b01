"""What was trained, exported and served: the engine says what the trainer's model says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentsql.cli.main import main
from agentsql.errors import RecipeError, TrainingError
from agentsql.models.own import own_models
from agentsql.train.export import export, trained

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # what torch and peft warn of is theirs
PROMPTS = 20
END = 2
"""Id of the tiny tokenizer's `<|im_end|>`."""
SERVE = """
import json, os, sys, urllib.request
os.environ["OMP_WAIT_POLICY"], os.environ["GOMP_SPINCOUNT"] = "passive", "0"
import xllamacpp
model, adapter, prompts = sys.argv[1], sys.argv[2], json.load(open(sys.argv[3]))
params = xllamacpp.CommonParams()
params.model.path, params.hostnames, params.port = model, ["127.0.0.1"], 0
params.n_parallel, params.n_ctx, params.warmup, params.verbosity = 1, 512, False, 0
if adapter:
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(adapter, 1.0)]
server = xllamacpp.Server(params)
found = []
for prompt in prompts:
    body = {"prompt": prompt, "n_predict": 24, "temperature": 0, "return_tokens": True, "cache_prompt": False}
    request = urllib.request.Request(server.listening_address + "/completion", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    found.append(json.load(urllib.request.urlopen(request))["tokens"])
print("FOUND", json.dumps(found), flush=True)
os._exit(0)
"""


def served(model: Path, prompts: list[list[int]], tmp_path: Path, adapter: Path | None = None) -> list[list[int]]:
    """Give the engine's greedy tokens for each prompt, without the one that ends a turn."""
    (tmp_path / "prompts.json").write_text(json.dumps(prompts))
    arguments = [str(model), str(adapter or ""), str(tmp_path / "prompts.json")]
    done = subprocess.run([sys.executable, "-c", SERVE, *arguments], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert lines, done.stderr[-2000:]
    found: list[list[int]] = json.loads(lines[0].removeprefix("FOUND "))
    return without_end(found)


def sure(model: Any, tokenizer: Any, *, steps: int, rate: float, offset: int = 0) -> list[list[int]]:
    """Have a model learn to answer twenty prompts, so that rounding changes no token; give the prompts' tokens."""
    import torch

    torch.set_num_threads(1)  # two threads wait for each other longer than so small a model takes

    def ids(messages: list[dict[str, str]], **options: bool) -> list[int]:
        return list(tokenizer.apply_chat_template(messages, return_dict=False, **options))

    asked = [{"role": "user", "content": f"Number {number}?"} for number in range(PROMPTS)]
    prompts = [ids([one], add_generation_prompt=True) for one in asked]
    wholes = [
        ids([one, {"role": "assistant", "content": f"SELECT {7 * at + 1 + offset}"}]) for at, one in enumerate(asked)
    ]
    width = max(map(len, wholes))
    batch = torch.tensor([one + [tokenizer.pad_token_id] * (width - len(one)) for one in wholes])
    labels = batch.masked_fill(batch == tokenizer.pad_token_id, -100)
    for number, prompt in enumerate(prompts):
        labels[number, : len(prompt)] = -100
    optimizer = torch.optim.AdamW([one for one in model.parameters() if one.requires_grad], lr=rate)
    for _ in range(steps):
        loss = model(input_ids=batch, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return prompts


def greedy(model: Any, tokenizer: Any, prompts: list[list[int]]) -> list[list[int]]:
    """Give the model's own greedy tokens."""
    import torch

    options = {"max_new_tokens": 24, "do_sample": False, "eos_token_id": tokenizer.eos_token_id}
    model.eval()
    return without_end([model.generate(torch.tensor([one]), **options)[0, len(one) :].tolist() for one in prompts])


def without_end(tokens: list[list[int]]) -> list[list[int]]:
    return [one[: one.index(END)] if END in one else one for one in tokens]


@pytest.fixture(scope="module", params=["qwen2", "llama"])
def adapted(request, tmp_path_factory, make_model):
    """A tiny model, an adapter on it that is sure of its answers, their prompts, and the model's greedy tokens."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp(request.param)
    base = make_model(folder / "base", request.param)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    sure(
        model, tokenizer, steps=100, rate=3e-3
    )  # all weights first: an adapter on random ones cannot be sure of anything
    model.save_pretrained(base)
    torch.manual_seed(1)
    tuned = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
    prompts = sure(tuned, tokenizer, steps=60, rate=1e-2, offset=100)
    adapter = folder / "adapter"
    tuned.save_pretrained(adapter)
    settings = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**settings, "base_model_name_or_path": str(base)}))
    return base, adapter, prompts, greedy(tuned, tokenizer, prompts)


def test_the_engine_with_the_adapter_says_what_the_trained_model_says(adapted, tmp_path):
    base, adapter, prompts, expected = adapted
    model = export(trained(base), tmp_path / "base.gguf", "gguf", quantisation="f16")
    file = export(trained(adapter), tmp_path / "adapter.gguf", "gguf-adapter")
    assert len({tuple(one) for one in expected}) == PROMPTS
    assert served(model, prompts, tmp_path, file) == expected
    assert served(model, prompts, tmp_path) != expected


@pytest.mark.parametrize("form", ["f16", "q8_0", "q4_k_m"])
def test_merged_weights_say_what_the_trained_model_says(adapted, tmp_path, form):
    _, adapter, prompts, expected = adapted
    model = export(trained(adapter), tmp_path / "merged.gguf", "gguf", quantisation=form)
    found = served(model, prompts, tmp_path)
    same = sum(one == other for one, other in zip(found, expected, strict=True))
    # Rows of 64 are too short for blocks of 256, so q4_k_m is made of 5 and 8 bits here.
    assert same >= {"f16": PROMPTS, "q8_0": PROMPTS - 1, "q4_k_m": PROMPTS - 6}[form]


def test_merged_safetensors_say_what_the_trained_model_says(adapted, tmp_path):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    _, adapter, prompts, expected = adapted
    folder = export(trained(adapter), tmp_path / "merged", "safetensors")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    assert greedy(model, tokenizer, prompts) == expected


def test_an_adapter_is_added_under_a_name_and_answers_by_it(adapted, tmp_path, capsys):
    base, adapter, prompts, expected = adapted
    model = export(trained(base), tmp_path / "base.gguf", "gguf", quantisation="f16")
    assert main(["models", "add", str(adapter), "--name", "mine", "--base", str(model)]) == 0
    assert main(["models", "add", str(model), "--name", "plain"]) == 0
    file, adapter_file = own_models()["mine"].split("+")
    assert (Path(file), own_models()["plain"]) == (model, str(model))
    assert served(model, prompts, tmp_path, Path(adapter_file)) == expected
    assert main(["models", "add", adapter_file, "--name", "again"]) == 2
    assert "is an adapter; name the model that it is of by --base" in capsys.readouterr().err
    assert main(["models", "add", adapter_file, "--name", "again", "--base", "qwen2.5-coder-0.5b"]) == 0
    assert own_models()["again"] == f"qwen2.5-coder-0.5b+{adapter_file}"


def test_what_cannot_be_exported_says_why(adapted, tmp_path):
    base, adapter, _, _ = adapted
    with pytest.raises(RecipeError, match="holds neither an adapter"):
        trained(tmp_path)
    with pytest.raises(RecipeError, match="is a whole model, no adapter"):
        export(trained(base), tmp_path / "a.gguf", "gguf-adapter")
    (tmp_path / "there.gguf").touch()
    with pytest.raises(RecipeError, match="is there already"):
        export(trained(adapter), tmp_path / "there.gguf", "gguf-adapter")
    settings = json.loads((adapter / "adapter_config.json").read_text())
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "adapter_config.json").write_text(json.dumps({**settings, "use_dora": True}))
    with pytest.raises(TrainingError, match="a kind of LoRA that GGUF adapters cannot hold"):
        export(trained(strange), tmp_path / "b.gguf", "gguf-adapter")
    assert not list(tmp_path.glob("*.part"))
