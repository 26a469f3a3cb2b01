"""The traces that are kept of questions: what is in them, what is not, and how many there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentsql.folders import data_folder
from agentsql.observe.literals import texts_of, without_literals, without_texts
from agentsql.observe.traces import FOLDER, kept_traces

from .conftest import JOE


def kept() -> list[dict]:
    return [json.loads(path.read_text()) for path in kept_traces(data_folder() / FOLDER)]


def test_a_question_leaves_its_steps_in_the_form_of_a_runs_records(observed):
    from agentsql.evaluation.records import record_from

    answer = observed().ask("How old is Joe?")
    (found,) = kept()
    record = record_from(found)
    assert (record.question_id, record.status, record.question) == (answer.question_id, "answered", "How old is Joe?")
    assert [step.step for step in record.steps] == [event.step for event in answer.trace]
    generate = next(step for step in record.steps if step.step == "generate")
    assert generate.models == ("vllm:scripted@http://models.example:8001/v1",)
    assert generate.prompt_hashes
    assert generate.started is not None and generate.started > 0


def test_no_cell_value_is_kept_unless_it_is_asked_for(observed):
    observed().ask("How old is he?")
    (text,) = [path.read_text() for path in kept_traces(data_folder() / FOLDER)]
    assert "Joe" not in text
    assert "52" not in json.dumps({key: json.loads(text)[key] for key in ("sql", "candidates")})
    assert "SELECT age FROM singer WHERE name = ?" in text


def test_a_message_about_a_query_is_kept_without_the_texts_of_the_query():
    texts = texts_of("SELECT 1 FROM t WHERE a = 'Joe Sharpe' OR b = 'on'", "sqlite")
    message = "no row holds 'Joe Sharpe', near Joe Sharpe on line 1, nor 'on'"
    assert without_texts(message, texts) == "no row holds ?, near ? on line 1, nor ?"


def test_values_are_kept_where_they_are_asked_for(observed):
    observed(values=True).ask("How old is he?")
    (found,) = kept()
    assert (found["sql"], found["text"], found["rows"]) == (JOE, "age: 52.", [[52]])


def test_only_the_last_traces_are_kept(observed):
    agent = observed(traces=2)
    for number in range(4):
        agent.ask(f"How old is singer {number}?")
    assert [one["question"] for one in kept()] == ["How old is singer 2?", "How old is singer 3?"]


def test_none_is_kept_where_that_is_switched_off(observed):
    observed(traces=0).ask("How old is he?")
    assert kept() == []


def test_a_question_that_ends_in_an_error_leaves_the_step_it_ended_in(observed):
    agent = observed(RuntimeError("broken"))
    with pytest.raises(RuntimeError):
        agent.ask("How old is he?")
    (found,) = kept()
    assert (found["status"], found["error"]) == ("error", "RuntimeError")
    assert (found["steps"][-1]["step"], found["steps"][-1]["error"]) == ("generate", "RuntimeError")
    assert "broken" not in json.dumps(found)


def test_a_folder_that_cannot_be_written_costs_no_question(observed, caplog):
    folder = data_folder() / FOLDER
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    assert observed().ask("How old is he?").status == "answered"
    assert "cannot be kept" in caplog.text


def test_others_cannot_read_a_trace(observed):
    observed().ask("How old is he?")
    (path,) = kept_traces(data_folder() / FOLDER)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("sql", "dialect", "plain"),
    [
        ("SELECT 1, 'a''b', x'ff' FROM t -- 'note'", "sqlite", "SELECT ?, ?, ? FROM t"),
        ('SELECT "name" FROM t WHERE a = "France"', "sqlite", 'SELECT "name" FROM t WHERE a = ?'),
        ("SELECT $$secret$$, E'secret', U&'secret'", "postgres", "SELECT ?, ?, ?"),
        ('SELECT `name` FROM t WHERE a = "secret"', "mysql", "SELECT `name` FROM t WHERE a = ?"),
        ("SELECT 'never closed", "sqlite", "?"),
        ("", "sqlite", ""),
    ],
)
def test_literals_are_left_out_of_sql(sql, dialect, plain):
    assert without_literals(sql, dialect, names={"name", "t", "a"}) == plain


def test_the_folder_is_the_users_own(tmp_path):
    assert Path(data_folder()).is_relative_to(tmp_path)
