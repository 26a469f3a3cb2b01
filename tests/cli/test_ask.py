"""`agentsql ask`: what goes to stdout, what to stderr, and the exit code."""

import json
from dataclasses import replace

import pytest

from agentsql.errors import BudgetSpentError, DatabaseError, ModelUnreachableError

from .conftest import ANSWERED, CHAT, CLARIFY, FAILED, TIMED_OUT

TABLE = """\
SELECT name, age FROM pets

name │  age
─────┼─────
Rex  │    3
Ada  │ NULL

There are two pets.
"""
NOTE = "(2 rows · 1.7 s · confidence 100%)\n"


@pytest.mark.usefixtures("agent")
def test_a_table_has_the_sql_the_rows_and_the_sentence(run):
    ran = run("ask", "--db", "pets.sqlite", "Which pets?")
    assert (ran.code, ran.out, ran.err) == (0, TABLE, NOTE)


@pytest.mark.usefixtures("agent")
def test_csv_is_rows_only_and_the_sentence_is_on_stderr(run):
    ran = run("ask", "--db", "x", "--format", "csv", "Which pets?")
    assert (ran.out, ran.err) == ("name,age\nRex,3\nAda,\n", "There are two pets.\n" + NOTE)


@pytest.mark.usefixtures("agent")
def test_json_is_one_object_and_stderr_stays_empty(run):
    ran = run("ask", "--db", "x", "--format", "json", "Which pets?")
    answer = json.loads(ran.out)
    assert ran.err == ""
    assert (answer["status"], answer["sql"], answer["columns"]) == ("answered", ANSWERED.sql, ["name", "age"])
    assert (answer["rows"], answer["confidence"], answer["error"]) == ([["Rex", 3], ["Ada", None]], 1.0, None)
    assert answer["usage"]["prompt_tokens"] == 900


@pytest.mark.usefixtures("agent")
def test_markdown_has_a_code_block_and_a_table(run):
    ran = run("ask", "--db", "x", "--format", "markdown", "Which pets?")
    table = "| name | age |\n| --- | --- |\n| Rex | 3 |\n| Ada | NULL |"
    assert ran.out == f"```sql\n{ANSWERED.sql}\n```\n\n{table}\n\nThere are two pets.\n"


@pytest.mark.usefixtures("agent")
def test_sql_only_prints_the_sql(run):
    assert run("ask", "--db", "x", "--sql-only", "Which pets?").out == ANSWERED.sql + "\n"


@pytest.mark.usefixtures("agent")
def test_explain_shows_the_steps_on_stderr(run):
    ran = run("ask", "--db", "x", "--explain", "Which pets?")
    assert ran.out == TABLE
    assert "generate │ 1.50    │ 1     │ 900 + 20        │ candidates │ 0123456789ab" in ran.err
    assert "generate: one table was dropped" in ran.err
    assert "1 call, 920 tokens (800 from the server's cache)" in ran.err


@pytest.mark.usefixtures("agent")
def test_explain_is_part_of_the_json(run):
    ran = run("ask", "--db", "x", "--explain", "--format", "json", "Which pets?")
    assert [event["step"] for event in json.loads(ran.out)["trace"]] == ["link", "generate"]


@pytest.mark.parametrize(
    ("answer", "code", "out", "err"),
    [
        pytest.param(CHAT, 0, "Hello! Ask me about pets.\n", "", id="chat"),
        pytest.param(CLARIFY, 1, "", "a question back: Best by what?\n", id="clarify"),
        pytest.param(FAILED, 1, "", "no answer: near 'x'; look at it\nthe last SQL was: SELECT x\n", id="failed"),
        pytest.param(TIMED_OUT, 4, "", "no answer: It took too long.\n", id="timeout"),
        pytest.param(DatabaseError("no database"), 3, "", "error: no database\n", id="database"),
        pytest.param(ModelUnreachableError("no model"), 5, "", "error: no model\n", id="model"),
        pytest.param(KeyboardInterrupt(), 130, "", "", id="interrupt"),
    ],
)
def test_the_exit_code_says_what_came_of_it(agent, run, answer, code, out, err):
    agent.answers["q"] = answer
    ran = run("ask", "--db", "x", "q")
    assert (ran.code, ran.out, ran.err) == (code, out, err)


def test_a_spent_budget_exits_like_a_timeout(agent, run):
    agent.answers["q"] = BudgetSpentError("seconds", 120, "seconds")
    ran = run("ask", "--db", "x", "q")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("error: the question's budget of 120 seconds is spent")


def test_an_interrupt_stops_the_question_and_closes_the_agent(agent, run):
    agent.answers["q"] = KeyboardInterrupt()
    run("ask", "--db", "x", "q")
    assert agent.calls == ["cancel", "close"]


def test_json_of_a_failure_is_still_an_object_with_the_failing_exit_code(agent, run):
    agent.answers["q"] = FAILED
    ran = run("ask", "--db", "x", "--format", "json", "q")
    assert ran.code == 1
    assert json.loads(ran.out)["error"] == {"kind": "syntax", "message": "near 'x'", "hint": "look at it"}


@pytest.mark.usefixtures("agent")
@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_a_usage_error(run, question):
    ran = run("ask", "--db", "x", question)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: the question is empty")


def test_a_dash_reads_the_question_from_stdin(agent, run):
    run("ask", "--db", "x", "-", stdin="Wie viele Tiere?\n")
    assert agent.asked == [("Wie viele Tiere?", "", None)]


def test_options_reach_the_agent(agent, run):
    options = ["--graph", "direct", "--sql-model", "local:a", "--chat-model", "local:b", "--max-rows", "7"]
    run("ask", "--db", "x", *options, "--timeout", "2", "--evidence", "e", "--thread", "t", "q")
    flags = {"agent.graph": "direct", "agent.sql_model": "local:a", "agent.chat_model": "local:b"}
    assert agent.opened == [("x", {**flags, "database.max_rows": 7, "database.timeout_s": 2.0})]
    assert agent.asked == [("q", "e", "t")]


def test_a_truncated_result_says_so(agent, run):
    agent.answers["q"] = replace(ANSWERED, truncated=True)
    err = run("ask", "--db", "x", "q").err
    assert err.startswith("(the first 2 rows; the database has more · 1.7 s")
    assert "--max-rows gives more" in err


def test_nothing_a_cell_holds_reaches_the_terminal_as_a_command(agent, run):
    cells = (("\x1b[31mred\x1b[0m [bold]x[/bold]\x07", 1), ("two\nlines :smile:", 2))
    agent.answers["q"] = replace(ANSWERED, rows=cells, text="\x1b]0;title\x07fine\x9b2J")
    out = run("ask", "--db", "x", "q").out
    assert "red [bold]x[/bold] │" in out
    assert "two↵lines :smile:" in out
    assert out.endswith("\nfine\n")
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["ask", "q"], id="no database"),
        pytest.param(["ask", "--db", "x"], id="no question"),
        pytest.param(["ask", "--db", "x", "--format", "xml", "q"], id="unknown format"),
        pytest.param(["ask", "--db", "x", "--max-rows", "many", "q"], id="no number"),
        pytest.param(["aks"], id="unknown command"),
    ],
)
def test_wrong_usage_exits_with_2(run, words):
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: agentsql" in ran.err
