"""A run with a scripted model in a process of its own, to be killed: `python killed.py FOLDER OUT LATENCY_S`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CountingModel, benchmark

from agentsql.runs.batch import RunPlan, run_benchmark
from agentsql.runs.progress import Progress
from agentsql.runs.runner import Bounds

COUNT = 60


def main() -> None:
    folder, out, latency_s = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    plan = RunPlan(graph="direct", sql_model=CountingModel(latency_s), bounds=Bounds(concurrency=4, databases=2))
    run_benchmark(benchmark(folder, COUNT), out, plan, resume=True, report=tell)


def tell(progress: Progress) -> None:
    sys.stdout.write(f"{progress.done}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
