"""A real Ray cluster of several workers on this machine."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs the extra [ray]")

import ray
from ray import cloudpickle

from agentsql.errors import ModelUnreachableError, UsageError
from agentsql.evaluation.records import TRACES, read_records
from agentsql.runs.batch import RunPlan, run_benchmark
from agentsql.runs.distributed import RayEngine
from agentsql.runs.runner import Bounds

from . import conftest
from .conftest import CountingModel

FINAL = ("results.json", "predict.sql", "predict_dev.json")
BOUNDS = Bounds(concurrency=6)


@pytest.fixture(scope="module", autouse=True)
def cluster():
    """One cluster serves all of these tests, as starting one takes seconds."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cloudpickle.register_pickle_by_value(conftest)
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    ray.init(address="local", num_cpus=3, include_dashboard=False, log_to_driver=False, object_store_memory=10**8)
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Ray leaves its processes' handles to the garbage collector
        ray.shutdown()
        gc.collect()


class Model(CountingModel):
    """A model of the worker's own, that may meet its end."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.opening = opening

    async def complete(self, messages, **options):
        dies = self.opening.dies
        if dies and f"older than {dies}?" in messages[-1].content and not self.opening.died.exists():
            if self.opening.once:
                self.opening.died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.opening.down:
            raise ModelUnreachableError("nothing listens")
        return await super().complete(messages, **options)


@dataclass(frozen=True)
class Opening:
    """Opens agents, and tells in which process."""

    folder: Path
    dies: str = ""
    """Age in the question that kills its worker."""
    once: bool = True
    down: bool = False

    @property
    def died(self) -> Path:
        return self.folder / "died"

    def __call__(self, question, settings):
        from agentsql import SQLAgent

        with (self.folder / "told").open("a") as file:
            file.write(f"{os.getpid()}\n")
        return SQLAgent(question.database, sql_model=Model(self), graph="direct", settings=settings)


def plan(open_with) -> RunPlan:
    return RunPlan(graph="direct", sql_model=CountingModel(), bounds=BOUNDS, open_with=open_with)


def assert_same(one: Path, other: Path) -> None:
    for name in FINAL:
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_workers_of_a_cluster_give_what_one_process_gives(make_benchmark, tmp_path):
    local = run_benchmark(make_benchmark(24), tmp_path / "local", plan(Opening(tmp_path)))
    (tmp_path / "told").unlink()
    spread = run_benchmark(make_benchmark(24), tmp_path / "ray", plan(Opening(tmp_path)), engine=RayEngine(workers=3))
    assert replace(spread, a_minute=0) == replace(local, a_minute=0)
    assert_same(tmp_path / "ray", tmp_path / "local")
    processes = set((tmp_path / "told").read_text().split())
    assert len(processes) > 1
    assert str(os.getpid()) not in processes


def test_the_questions_of_a_killed_worker_are_answered_by_another(make_benchmark, tmp_path):
    run_benchmark(make_benchmark(24), tmp_path / "local", plan(Opening(tmp_path)))
    said = []
    opening = Opening(tmp_path, dies="7")
    ended = run_benchmark(
        make_benchmark(24), tmp_path / "ray", plan(opening), engine=RayEngine(workers=3), say=said.append
    )
    assert opening.died.exists()
    assert sum(line.startswith("a worker died; ") for line in said) == 1
    assert (ended.done, ended.errors) == (24, 0)
    assert_same(tmp_path / "ray", tmp_path / "local")
    assert [one.question_id for one in read_records(tmp_path / "ray" / TRACES)] == [f"q{n}" for n in range(24)]


def test_a_dead_model_stops_the_run(make_benchmark, tmp_path):
    with pytest.raises(ModelUnreachableError, match=r"5 questions in a row .* questions are in "):
        run_benchmark(
            make_benchmark(60), tmp_path / "ray", plan(Opening(tmp_path, down=True)), engine=RayEngine(workers=2)
        )


def test_what_cannot_be_sent_is_refused(make_benchmark, tmp_path):
    lock = threading.Lock()

    def open_with(_question, _settings):
        return lock

    with pytest.raises(UsageError, match="cannot be sent to another process"):
        run_benchmark(make_benchmark(6), tmp_path / "ray", plan(open_with), engine=RayEngine())


def test_an_address_from_outside_a_cluster_is_refused(make_benchmark, tmp_path, monkeypatch):
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(UsageError, match="--address auto"):
        engine = RayEngine(address="ray://head:10001")
        run_benchmark(make_benchmark(6), tmp_path / "ray", plan(Opening(tmp_path)), engine=engine)


@pytest.mark.slow  # eight workers die, and each takes seconds to begin
def test_a_question_that_kills_every_worker_is_given_up_alone(make_benchmark, tmp_path):
    opening = Opening(tmp_path, dies="7", once=False)
    ended = run_benchmark(make_benchmark(24), tmp_path / "ray", plan(opening), engine=RayEngine(workers=3))
    assert (ended.done, ended.errors) == (24, 1)
    (lost,) = [one for one in read_records(tmp_path / "ray" / TRACES) if one.status == "error"]
    assert (lost.question_id, lost.correct) == ("q7", False)
    assert lost.error == "WorkerCrashedError: 3 workers died on it"
