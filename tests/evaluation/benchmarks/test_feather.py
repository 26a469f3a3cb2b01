"""Feather's flat layout."""

from __future__ import annotations

import pytest

from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.questions import Verdict

ROW = {
    "question_id": 3,
    "db_id": "music",
    "question": "How many singers are there?",
    "evidence": "",
    "SQL": "SELECT count(*) FROM singer",
    "difficulty": "simple",
}


@pytest.mark.parametrize("folder", [".", "dev_database", "databases"])
def test_flat_databases_tell_it_from_bird(write, concerts, folder: str) -> None:
    database = concerts(f"{folder}/music.sqlite")
    benchmark = open_benchmark(write("dev.json", [ROW]))
    assert benchmark.name == "feather"
    (question,) = benchmark.questions
    assert (question.id, question.hardness, question.database) == ("3", "simple", str(database))
    assert benchmark.judge(question, "SELECT 4") == Verdict(True, True)


def test_its_name_reads_flat_databases_from_elsewhere(write, concerts) -> None:
    database = concerts("elsewhere/music.sqlite")
    path = write("dev.json", [ROW])
    assert open_benchmark(path, database.parent, "feather").questions[0].database == str(database)
    assert open_benchmark(path, database.parent).questions[0].database == str(database)
