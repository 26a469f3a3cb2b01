"""Log lines: JSON with the question's id, and none of it in the way of others' logging."""

from __future__ import annotations

import json
import logging

import pytest

from agentsql.errors import SettingsError
from agentsql.observe.logs import configure_logs


@pytest.fixture(autouse=True)
def restored():
    """Give agentsql's logger back as it was."""
    ours = logging.getLogger("agentsql")
    before = ours.level, ours.handlers[:]
    yield
    ours.level, ours.handlers[:] = before


def test_each_line_of_a_question_is_json_with_its_id(observed, capsys):
    configure_logs("json")
    answer = observed().ask("How old is he?")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (ended,) = [line for line in lines if line["message"].startswith("question ended")]
    assert ended["question_id"] == answer.question_id
    assert (ended["level"], ended["status"], ended["database"], ended["rows"]) == ("INFO", "answered", "tiny", 1)
    assert ended["calls"] == answer.usage.calls


def test_a_line_outside_of_a_question_has_no_id(capsys):
    configure_logs("json")
    logging.getLogger("agentsql.db").warning("a line\nof two")
    (line,) = capsys.readouterr().err.splitlines()
    assert (json.loads(line)["question_id"], json.loads(line)["message"]) == ("", "a line\nof two")


def test_an_exception_is_on_the_same_line(capsys):
    configure_logs("json")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("agentsql.db").exception("it failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: broken" in json.loads(line)["exception"]


def test_configuring_again_takes_the_place_of_what_was(capsys):
    configure_logs("json")
    configure_logs("text")
    logging.getLogger("agentsql.db").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_an_unknown_form_is_an_error():
    with pytest.raises(SettingsError, match="text or json"):
        configure_logs("xml")
