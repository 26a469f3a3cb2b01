"""The folder of a run: what a kill at any byte leaves is gone on with, and nothing else is."""

import json
from dataclasses import replace

import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import TRACES, Record, StepRecord, read_records
from agentsql.runs.folder import open_folder

MANIFEST = {"format": 1, "graph": {"name": "direct"}, "settings": {"budget.calls": 12}, "sessions": [{}]}
QUESTIONS = [Question(f"q{number}", "pets", "How many?") for number in range(4)]
RECORDS = [
    Record(one.id, one.db_id, one.text, f"SELECT '{place}\u2028é\ud800'", steps=(StepRecord("generate", 0.1),))
    for place, one in enumerate(QUESTIONS)
]


def kept(folder):
    return list(folder.records(QUESTIONS))


def test_records_come_back_as_they_were_added(tmp_path):
    with open_folder(tmp_path / "run", MANIFEST) as folder:
        folder.append(RECORDS[:1])
        assert kept(folder) == RECORDS[:1]
        folder.append(RECORDS[1:3])
        assert kept(folder) == RECORDS[:3]
        assert QUESTIONS[3] not in folder
    assert list(read_records(tmp_path / "run" / TRACES)) == RECORDS[:3]


def test_a_log_cut_at_any_byte_is_gone_on_with(tmp_path):
    run = tmp_path / "run"
    with open_folder(run, MANIFEST) as folder:
        folder.append(RECORDS)
    whole = (run / TRACES).read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for cut in [*range(0, len(whole), 113), *ends, *(end - 1 for end in ends)]:
        (run / TRACES).write_bytes(whole[:cut])
        with open_folder(run, MANIFEST, resume=True) as folder:
            there = sum(end <= cut for end in ends)
            assert kept(folder) == RECORDS[:there]
            folder.append(RECORDS[there:])
            folder.finish(QUESTIONS, "now")
        assert (run / TRACES).read_bytes() == whole


def test_a_finished_log_is_in_the_order_of_the_questions(tmp_path):
    with open_folder(tmp_path / "run", MANIFEST) as folder:
        folder.append([RECORDS[2], RECORDS[0]])
        folder.append([RECORDS[3], RECORDS[1]])
        folder.finish(QUESTIONS, "now")
        assert kept(folder) == RECORDS
    assert list(read_records(tmp_path / "run" / TRACES)) == RECORDS


def test_an_unfinished_run_says_so(tmp_path):
    with open_folder(tmp_path / "run", MANIFEST) as folder:
        folder.append([RECORDS[2], RECORDS[0]])
        folder.finish(QUESTIONS, "now")
    assert json.loads((tmp_path / "run" / "run.json").read_text())["finished"] is None
    assert list(read_records(tmp_path / "run" / TRACES)) == [RECORDS[2], RECORDS[0]]


def test_questions_whose_model_was_unreachable_are_asked_again_and_other_errors_on_request(tmp_path):
    dead = replace(RECORDS[0], status="error", error="ModelUnreachableError: nothing listens")
    late = replace(RECORDS[1], status="error", error="deadline: no answer within 5 s")
    with open_folder(tmp_path / "run", MANIFEST) as folder:
        folder.append([dead, late, RECORDS[2]])
    with open_folder(tmp_path / "run", MANIFEST, resume=True) as folder:
        assert kept(folder) == [late, RECORDS[2]]
    assert list(read_records(tmp_path / "run" / TRACES)) == [late, RECORDS[2]]
    with open_folder(tmp_path / "run", MANIFEST, resume=True, retry_errors=True) as folder:
        assert kept(folder) == [RECORDS[2]]


def test_a_run_is_not_gone_on_with_by_accident(tmp_path):
    with open_folder(tmp_path / "run", MANIFEST):
        pass
    with pytest.raises(UsageError, match="--resume"), open_folder(tmp_path / "run", MANIFEST):
        pass


def test_another_run_is_refused_and_what_differs_is_named(tmp_path):
    with open_folder(tmp_path / "run", MANIFEST):
        pass
    other = {**MANIFEST, "graph": {"name": "vote"}, "settings": {"budget.calls": 40}}
    with pytest.raises(UsageError) as caught, open_folder(tmp_path / "run", other, resume=True):
        pass
    assert "graph.name was 'direct', is 'vote'" in str(caught.value)
    assert "settings.budget.calls was 12, is 40" in str(caught.value)


def test_two_processes_cannot_work_on_one_run(tmp_path):
    with (
        open_folder(tmp_path / "run", MANIFEST),
        pytest.raises(UsageError, match="another process"),
        open_folder(tmp_path / "run", MANIFEST, resume=True),
    ):
        pass


def test_resume_begins_a_run_where_there_is_none(tmp_path):
    (tmp_path / "run").mkdir()
    with open_folder(tmp_path / "run", MANIFEST, resume=True) as folder:
        assert len(folder) == 0


@pytest.mark.parametrize("resume", [False, True])
def test_a_folder_of_something_else_is_left_alone(tmp_path, resume):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match=r"thesis\.tex"), open_folder(tmp_path, MANIFEST, resume=resume):
        pass


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(UsageError, match="is a file"), open_folder(tmp_path / "run", MANIFEST):
        pass


def test_a_damaged_line_is_named_and_not_passed_over(tmp_path):
    with open_folder(tmp_path / "run", MANIFEST) as folder:
        folder.append(RECORDS)
    lines = (tmp_path / "run" / TRACES).read_bytes().splitlines(keepends=True)
    (tmp_path / "run" / TRACES).write_bytes(b"".join([lines[0], b"{}\n", lines[1]]))
    with pytest.raises(UsageError, match="line 2 of"), open_folder(tmp_path / "run", MANIFEST, resume=True):
        pass
