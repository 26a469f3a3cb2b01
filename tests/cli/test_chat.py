"""`agentsql chat` with questions from a pipe, and its backslash commands."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from agentsql.cli import show
from agentsql.cli.chat import talk
from agentsql.cli.commands import COMMANDS
from agentsql.cli.complete import ChatCompleter
from agentsql.cli.conversation import Conversation
from agentsql.cli.progress import ProgressLine
from agentsql.cli.prompt import open_history
from agentsql.errors import ModelUnreachableError
from agentsql.types import ExecutionResult, QueryFailure

from .conftest import ANSWERED, FAILED, SCHEMA, TIMED_OUT
from .test_ask import TABLE


@pytest.fixture
def conversation(agent):
    """Gives a conversation as on a terminal, with output that is captured."""
    out, err = show.make_console(), show.make_console(stderr=True)
    return Conversation(agent, lambda _flags: agent, out, err, ProgressLine(err), interactive=True)


@pytest.fixture
def piped(run):
    """Gives a function that runs a chat with these lines on its stdin."""
    return lambda *lines: run("chat", "--db", "pets.sqlite", stdin="".join(f"{line}\n" for line in lines))


@pytest.mark.usefixtures("agent")
def test_a_pipe_gets_plain_answers_and_no_prompt(piped):
    ran = piped("Which pets?")
    assert (ran.code, ran.out, ran.err) == (0, TABLE, "(2 rows · 1.7 s · confidence 100%)\n")


def test_questions_of_a_session_are_one_conversation_until_a_new_one(agent, piped):
    piped("first", "", "second", "\\new", "third")
    threads = [thread for _question, _evidence, thread in agent.asked]
    assert threads[0] == threads[1] != threads[2]


def test_the_model_is_warmed_and_the_agent_closed(agent, piped):
    piped("first")
    assert agent.calls == ["warm", "close"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [(FAILED, 1), (TIMED_OUT, 4), (ModelUnreachableError("no model"), 5), (KeyboardInterrupt(), 130)],
)
def test_a_pipe_exits_with_the_code_of_its_last_line(agent, piped, answer, code):
    agent.answers["bad"] = answer
    assert piped("bad").code == code


def test_an_error_ends_its_question_and_not_the_session(agent, piped):
    agent.answers["bad"] = ModelUnreachableError("no model")
    ran = piped("bad", "good")
    assert (ran.code, ran.out) == (0, TABLE)
    assert ran.err.startswith("error: no model\n")


def test_ctrl_c_stops_the_question_and_not_the_session(agent, conversation, capsys):
    agent.answers["slow"] = KeyboardInterrupt()
    assert talk(conversation, iter(["slow", "good"])) == 0
    captured = capsys.readouterr()
    assert (agent.calls, captured.out) == (["cancel"], TABLE)
    assert captured.err.startswith("stopped\n")


def test_ctrl_c_stops_own_sql_even_where_the_database_takes_it_for_its_own(agent, conversation, capsys):
    def swallow(sql):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return ExecutionResult(sql, (), (), False, 0.1, QueryFailure("timeout", "over 30 s"))

    agent.run_sql = swallow
    assert talk(conversation, iter(["\\sql SELECT 1"])) == 130
    assert capsys.readouterr().err == "stopped\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("word", ["exit", "quit", "\\q", "\\quit"])
def test_a_word_leaves(agent, piped, word):
    assert piped(word, "never asked").code == 0
    assert agent.asked == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(["\\exprot x.csv"], "error: there is no command \\exprot; did you mean 'export'?", id="near"),
        pytest.param(["\\zzz"], "error: there is no command \\zzz; \\help lists them", id="far"),
        pytest.param(["\\schema pts"], "error: there is no table 'pts'; did you mean 'pets'?", id="table"),
        pytest.param(["\\trace"], "error: nothing has been asked", id="no trace"),
        pytest.param(["\\why"], "error: nothing has been asked", id="no why"),
        pytest.param(["\\sql"], "error: no SQL has run yet", id="no sql"),
        pytest.param(["\\rows"], "error: there are no rows yet", id="no rows"),
        pytest.param(["\\export x.csv"], "error: there are no rows to export", id="nothing to export"),
        pytest.param(["q", "\\export"], "error: name a file", id="no file"),
    ],
)
@pytest.mark.usefixtures("agent")
def test_a_wrong_command_says_what_would_be_right(piped, lines, message):
    ran = piped(*lines)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.usefixtures("agent")
def test_schema_lists_tables_and_describes_one(piped):
    assert "pets   │ table │       2 │    2" in piped("\\schema").out
    described = piped("\\schema PETS").out
    assert "name     │ TEXT    │     │           │ Ada, Rex" in described
    assert "owner_id │ INTEGER │     │ owners.id" in described


@pytest.mark.usefixtures("agent")
def test_own_sql_runs_in_a_pipe(piped):
    ran = piped("\\sql SELECT 1")
    assert (ran.code, ran.err) == (0, "(2 rows · 0.01 s)\n")
    assert ran.out.startswith("name │  age\n")


@pytest.mark.usefixtures("agent")
def test_own_sql_that_writes_is_refused(piped):
    ran = piped("\\sql DROP TABLE pets")
    assert (ran.code, ran.out, ran.err) == (1, "", "error: a query may not contain DROP\n")


def test_sql_puts_the_last_sql_on_the_prompt(conversation):
    talk(conversation, iter(["q", "\\sql"]))
    assert conversation.prefill == f"\\sql {ANSWERED.sql}"


@pytest.mark.usefixtures("agent")
def test_sql_prints_the_last_sql_in_a_pipe(piped):
    assert piped("q", "\\sql").out == TABLE + ANSWERED.sql + "\n"


@pytest.mark.usefixtures("agent")
def test_why_tells_links_candidates_and_confidence(piped):
    assert piped("q", "\\why").out.removeprefix(TABLE).splitlines() == [
        "understood as: Which pets are there?",
        "tables it speaks of: pets",
        "columns: pets.name",
        "values:",
        "  'Rex' is in pets.name",
        "tables shown to the SQL model: pets",
        "full.1: unknown_column: no column 'nam'",
        "SELECT nam FROM pets",
        "full-1.fix (the answer): gave 2 rows",
        "SELECT name, age FROM pets",
        "corrections: 1; confidence: 100% (1 candidate executed)",
        "  generate: one table was dropped",
    ]


@pytest.mark.usefixtures("agent")
def test_trace_shows_the_steps(piped):
    assert "generate │ 1.50" in piped("q", "\\trace").out


@pytest.mark.usefixtures("agent")
def test_help_lists_every_command(piped):
    shown = piped("\\help").out
    assert [f"\\{name}" for name in COMMANDS if f"\\{name}" not in shown] == []


def test_model_shows_and_switches(agent, piped):
    assert piped("\\model").out == "sql role: local:qwen2.5-coder-1.5b\nchat role: the same model\n"
    piped("\\model local:a", "\\model chat local:b")
    assert agent.opened[-2:] == [
        ("pets.sqlite", {"agent.sql_model": "local:a"}),
        ("pets.sqlite", {"agent.sql_model": "local:a", "agent.chat_model": "local:b"}),
    ]


def test_a_model_that_cannot_be_opened_leaves_the_old_one(agent, conversation):
    def broken(flags):
        raise ModelUnreachableError(f"no {flags['agent.sql_model']}")

    conversation.open_agent = broken
    assert talk(conversation, iter(["\\model vllm:x"])) == 5
    assert (conversation.agent, agent.calls) == (agent, [])


def test_export_writes_the_last_rows(agent, piped, tmp_path):
    path = tmp_path / "pets.csv"
    ran = piped("q", f"\\export {path}")
    assert path.read_text() == "name,age\nRex,3\nAda,\n"
    assert f"wrote 2 rows to {path}" in ran.err
    agent.answers["q"] = replace(ANSWERED, truncated=True)
    assert "max_rows" in piped("q", f"\\export -f {path}").err


def test_rows_longer_than_the_screen_go_to_the_pager(conversation, monkeypatch, tmp_path, capfd):
    paged = tmp_path / "paged"
    monkeypatch.setenv("PAGER", f"tee {paged}")
    conversation.columns, conversation.rows = ("n",), tuple((number,) for number in range(100))
    conversation.show_rows()
    assert len(paged.read_text().splitlines()) == 102
    assert len(capfd.readouterr().out.splitlines()) == 102


def test_history_is_kept_for_the_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    open_history().append_string("hello")
    path = tmp_path / "agentsql" / "chat_history"
    assert "+hello" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_a_history_that_cannot_be_written_costs_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    history = open_history()
    (tmp_path / "agentsql" / "chat_history").unlink()
    (tmp_path / "agentsql").rmdir()
    history.append_string("hello")
    assert history.get_strings() == ["hello"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param("\\s", ["schema", "sql"], id="command"),
        pytest.param("\\schema p", ["pets"], id="argument"),
        pytest.param("how many pe", ["pets"], id="table"),
        pytest.param("what NA", ["name"], id="column of two tables once"),
        pytest.param("\\sql SELECT pets.o", ["owner_id"], id="column of a table"),
        pytest.param("how many ", [], id="nothing begun"),
    ],
)
def test_completion(typed, offered):
    completer = ChatCompleter(SCHEMA, COMMANDS)
    assert [one.text for one in completer.get_completions(Document(typed), CompleteEvent())] == offered
