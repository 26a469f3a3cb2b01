"""Each method trains a tiny model for a few steps; trainings stop, resume and fail as they should."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agentsql.errors import RecipeError, TrainingError, TrainingInterruptedError
from agentsql.train.recipe import load_recipe
from agentsql.train.session import train

# What torch, transformers and trl warn of is theirs.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
VALIDATED = {"every": 4, "questions": 4, "new_tokens": 24}


def curve(output: Path, name: str = "loss") -> list[tuple[int, float]]:
    points = map(json.loads, (output / "log.jsonl").read_text().splitlines())
    return [(point["step"], point[name]) for point in points if name in point]


@pytest.mark.parametrize(
    ("tune", "sections"),
    [
        ("lora", {}),
        ("full", {}),
        ("qlora", {}),
        ("lora", {"training": {"packing": True, "batch": 1}}),
        ("lora", {"training": {"share_prefix": True, "batch": 1}}),
        ("lora", {"training": {"completion_only": False}}),
    ],
    ids=["lora", "full", "nf4", "packed", "shared", "whole rows"],
)
def test_sft_learns(tiny_model, rows, tmp_path, write_recipe, tune, sections):
    model = {"tune": tune}
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, **{**sections, "model": model})
    outcome = train(load_recipe(str(path), "sft"))
    losses = [loss for _, loss in curve(tmp_path / "out")]
    assert losses[-1] < losses[0] - 0.1
    assert "## Recipe" in (outcome.folder / "README.md").read_text()
    assert (outcome.folder / ("config.json" if tune == "full" else "adapter_config.json")).is_file()


def test_the_kept_checkpoint_is_the_best_by_execution(tiny_model, rows, tmp_path, write_recipe):
    sections = {"data": {"validation": [str(rows)]}, "validation": {**VALIDATED, "new_tokens": 32}}
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, **sections, training={"max_steps": 24})
    outcome = train(load_recipe(str(path), "sft"))
    accuracies = dict(curve(tmp_path / "out", "eval_accuracy"))
    assert outcome.metrics["eval_accuracy"] == max(accuracies.values()) > 0
    assert accuracies[int(outcome.metrics["step"])] == max(accuracies.values())


def test_curves_go_to_tensorboard_and_an_upload_without_a_network_leaves_the_result(
    tiny_model, rows, tmp_path, write_recipe, monkeypatch
):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    sections = {"training": {"report": ["tensorboard"], "max_steps": 2}, "hub": {"repository": "me/mine"}}
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, **sections)
    with pytest.raises(TrainingError, match="is whole, but could not be uploaded to me/mine"):
        train(load_recipe(str(path), "sft"))
    assert list((tmp_path / "out").rglob("events.out.tfevents.*"))
    assert (tmp_path / "out" / "result" / "adapter_model.safetensors").is_file()


def test_training_ends_early_where_nothing_improves(tiny_model, rows, tmp_path, write_recipe):
    validation = {**VALIDATED, "every": 2, "best": "loss", "patience": 2}
    sections = {"data": {"validation": [str(rows)]}, "validation": validation}
    changes = {"max_steps": 40, "learning_rate": 1e-12}
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, **sections, training=changes)
    assert train(load_recipe(str(path), "sft")).steps < 40


def test_a_resumed_training_has_the_same_curve(tiny_model, rows, tmp_path, write_recipe):
    sections = {"validation": {"every": 4}, "lora": {"dropout": 0.1}}
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, **sections)
    recipe = load_recipe(str(path), "sft", output=str(tmp_path / "whole"))
    train(recipe)
    cut = load_recipe(str(path), "sft", output=str(tmp_path / "cut"))
    with contextlib.suppress(TrainingInterruptedError), _interrupted(tmp_path / "cut", step=4):
        train(cut)
    train(cut, resume=True)
    assert curve(tmp_path / "cut") == curve(tmp_path / "whole")
    weights = [(tmp_path / name / "result" / "adapter_model.safetensors").read_bytes() for name in ("cut", "whole")]
    assert weights[0] == weights[1]


def test_ctrl_c_saves_and_says_how_to_go_on(tiny_model, rows, tmp_path, write_recipe):
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, training={"max_steps": 1000})
    with pytest.raises(TrainingInterruptedError, match="--resume"), _interrupted(tmp_path / "out", step=2):
        train(load_recipe(str(path), "sft"))
    assert list((tmp_path / "out").glob("checkpoint-*/complete"))


def test_dpo_learns_to_prefer_the_right_reply(tiny_model, pairs, tmp_path, write_recipe):
    sections = {"data": {"validation": [str(pairs)]}, "validation": VALIDATED}
    path = write_recipe(tmp_path / "r.toml", "dpo", tiny_model, pairs, **sections)
    train(load_recipe(str(path), "dpo"))
    losses = [loss for _, loss in curve(tmp_path / "out")]
    assert losses[-1] < losses[0] - 0.1


def test_dpo_goes_on_from_an_adapter(tiny_model, rows, pairs, tmp_path, write_recipe):
    first = write_recipe(tmp_path / "first.toml", "sft", tiny_model, rows)
    adapter = train(load_recipe(str(first), "sft", output=str(tmp_path / "first"))).folder
    text = write_recipe(tmp_path / "r.toml", "dpo", tiny_model, pairs, model={"adapter": str(adapter)}).read_text()
    lora = text[text.index("[lora]") : text.index("[data]")]
    (tmp_path / "r.toml").write_text(text.replace(lora, ""))
    outcome = train(load_recipe(str(tmp_path / "r.toml"), "dpo"))
    assert sorted(one.name for one in outcome.folder.glob("*/")) == []
    assert curve(tmp_path / "out")[0][1] == pytest.approx(0.6931, abs=1e-3)  # it begins as its own reference


LIKENESS = {"levenshtein": 1.0, "execution": 0.0, "executable": 0.0, "schema": 0.0}
QUICK = {"max_steps": 12, "batch": 16, "learning_rate": 0.01, "schedule": "constant"}


def earned(output: Path) -> tuple[float, float]:
    """Give the mean reward of the first and of the last four steps."""
    rewards = [value for _, value in curve(output, "reward")]
    return sum(rewards[:4]) / 4, sum(rewards[-4:]) / 4


def test_grpo_earns_more(tiny_model, rows, tmp_path, write_recipe):
    sections = {"grpo": {"completions": 8, "new_tokens": 12}, "rewards": LIKENESS, "model": {"tune": "full"}}
    path = write_recipe(tmp_path / "r.toml", "grpo", tiny_model, rows, **sections, training=QUICK)
    train(load_recipe(str(path), "grpo"))
    first, last = earned(tmp_path / "out")
    assert last > first + 0.03


def test_ppo_earns_more_and_resumes(tiny_model, rows, tmp_path, write_recipe):
    ppo = {"rollouts": 16, "new_tokens": 12, "missing_end": 0.0, "kl": 0.0}
    sections = {"ppo": ppo, "rewards": LIKENESS, "model": {"tune": "full"}, "validation": {"every": 6}}
    path = write_recipe(tmp_path / "r.toml", "ppo", tiny_model, rows, **sections, training=QUICK)
    train(load_recipe(str(path), "ppo", output=str(tmp_path / "whole")))
    first, last = earned(tmp_path / "whole")
    assert last > first + 0.03
    cut = load_recipe(str(path), "ppo", output=str(tmp_path / "cut"))
    with contextlib.suppress(TrainingInterruptedError), _interrupted(tmp_path / "cut", step=5):
        train(cut)
    train(cut, resume=True)
    assert curve(tmp_path / "cut", "reward") == curve(tmp_path / "whole", "reward")


def test_another_recipe_or_other_data_cannot_be_resumed(tiny_model, rows, tmp_path, write_recipe):
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, training={"max_steps": 1})
    train(load_recipe(str(path), "sft"))
    with pytest.raises(RecipeError, match="holds a training already; go on with it by --resume"):
        train(load_recipe(str(path), "sft"))
    with pytest.raises(RecipeError, match=r"another recipe: lora.rank was 8 and is 4"):
        train(load_recipe(str(path), "sft", changes=["lora.rank=4"]), resume=True)
    rows.write_text(rows.read_text() * 2)
    with pytest.raises(RecipeError, match=r"other data files than rows.jsonl"):
        train(load_recipe(str(path), "sft"), resume=True)


def test_a_full_disk_leaves_the_last_checkpoint_whole(tiny_model, rows, tmp_path, write_recipe):
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, validation={"every": 2})
    program = f"""
import resource, sys
sys.dont_write_bytecode = True  # Python does not notice that it was written in part
from agentsql.train import watching
from agentsql.train.recipe import load_recipe
from agentsql.train.session import train
from transformers import TrainerCallback
save = watching.Watched._save_checkpoint
def full_after_the_first(self, *args, **kwargs):
    if self.state.global_step > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    save(self, *args, **kwargs)
watching.Watched._save_checkpoint = full_after_the_first
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    train(load_recipe({str(path)!r}, "sft"))
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "TrainingError" in done.stdout, done.stdout + done.stderr
    assert "checkpoint-2 before it is whole" in done.stdout
    assert [one.name for one in (tmp_path / "out").glob("checkpoint-*")] == ["checkpoint-2"]


def test_two_processes_learn_what_one_does(tiny_model, rows, tmp_path, write_recipe):
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, validation={"every": 8})
    train(load_recipe(str(path), "sft", changes=["training.batch=4"], output=str(tmp_path / "one")))
    agentsql = str(Path(sys.executable).with_name("agentsql"))
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "--no-python"]
    command = ["train", "sft", "--config", str(path), "--set", "training.batch=2", "--output", str(tmp_path / "two")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([*launcher, agentsql, *command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "two" / "training.json").read_text())["processes"] == 2
    one, two = (curve(tmp_path / name) for name in ("one", "two"))
    assert [loss for _, loss in two] == pytest.approx([loss for _, loss in one], rel=0.02)


def test_two_processes_stop_after_the_same_step(tiny_model, rows, tmp_path, write_recipe):
    sections = {"data": {"validation": [str(rows)]}, "validation": {**VALIDATED, "every": 2}}
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows, **sections, training={"max_steps": 5000})
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "--no-python"]
    command = [str(Path(sys.executable).with_name("agentsql")), "train", "sft", "--config", str(path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(
        [*launcher, *command], env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        log = tmp_path / "out" / "log.jsonl"
        while running.poll() is None and not (log.exists() and "eval_accuracy" in log.read_text()):
            time.sleep(0.1)
        os.killpg(running.pid, signal.SIGINT)
        assert running.stderr is not None
        told = running.stderr.read()
    assert "which is saved in" in told, told[-3000:]
    assert len(list((tmp_path / "out").glob("checkpoint-*/complete"))) >= 2


def test_a_launcher_that_starts_one_process_is_found_out(tiny_model, rows, tmp_path, write_recipe):
    path = write_recipe(tmp_path / "r.toml", "sft", tiny_model, rows)
    accelerate = str(Path(sys.executable).with_name("accelerate"))
    agentsql = str(Path(sys.executable).with_name("agentsql"))
    launch = [
        accelerate,
        "launch",
        "--cpu",
        "--num_processes",
        "2",
        "--mixed_precision",
        "no",
        "--dynamo_backend",
        "no",
    ]
    command = ["--num_machines", "1", agentsql, "train", "sft", "--config", str(path)]
    done = subprocess.run([*launch, *command], capture_output=True, text=True, check=False)
    assert "was told to start 2 processes and started 1" in done.stderr
    assert not (tmp_path / "out").exists()


@contextlib.contextmanager
def _interrupted(output: Path, *, step: int):
    """Press Ctrl-C once the curve has that step."""
    log = output / "log.jsonl"
    over = threading.Event()

    def interrupt() -> None:
        while not over.is_set():
            if log.exists() and f'"step": {step},' in log.read_text():
                os.kill(os.getpid(), signal.SIGINT)
                return
            time.sleep(0.005)

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        yield
    finally:
        over.set()
