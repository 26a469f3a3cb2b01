"""`%%ask` and answers in a real IPython shell."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from agentsql import SQLAgent
from agentsql.display import VEGA_LITE
from agentsql.testing import ScriptedModel
from tests.serving.conftest import SQL, scripted

UNREACHED = "openai:none@http://127.0.0.1:9/v1"
NAMES = "SELECT name, age FROM singer"


@pytest.fixture
def shell():
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    made.run_line_magic("load_ext", "agentsql.notebook")
    yield made
    made.run_line_magic("unload_ext", "agentsql.notebook")
    made.history_manager.end_session()
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, source: str) -> list[dict[str, object]]:
    """Run a cell and give the data of its outputs."""
    with capture_output() as captured:
        done = shell.run_cell(source)
    done.raise_error()
    return [output.data for output in captured.outputs]


def agent_with(tiny, sql: str) -> SQLAgent:
    model = ScriptedModel(lambda messages: "There they are." if "No SQL" in messages[-1].content else sql)
    return SQLAgent(tiny, sql_model=model)


def test_a_cell_asks_the_agent_of_a_variable_and_shows_table_and_chart(shell, tiny):
    with agent_with(tiny, NAMES) as agent:
        shell.push({"music": agent})
        table, chart = shown(shell, "%%ask --db music --to singers\nHow old is each singer?")
        answer = shell.user_ns["singers"]
        again = shown(shell, "%%ask\nHow old is each of them?")
    assert answer.sql == NAMES and answer.rows
    assert answer.text in table["text/html"] and f"<code>{NAMES}</code>" in table["text/html"]
    assert table["text/html"].count("<tr>") == len(answer.rows) + 1
    assert table["text/plain"].startswith(f"```sql\n{NAMES}")
    assert chart[VEGA_LITE]["mark"]["type"] == "bar"
    assert len(again) == 2


def test_an_answer_at_the_end_of_a_cell_is_shown_and_kept_as_its_value(shell, tiny):
    with SQLAgent(tiny, sql_model=ScriptedModel(scripted)) as agent:
        shell.push({"agent": agent})
        (table,) = shown(shell, "agent.ask('How many singers are there?')")
    assert "<td style" in table["text/html"] and SQL in table["text/html"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%ask\nHow many?", "name a database"),
        ("%%ask --graph direct\nHow many?", "name the database too"),
        ("%%ask --db nowhere.sqlite\nHow many?", "nowhere.sqlite"),
        ("%%ask --db x --colour red\nHow many?", "does not know '--colour red'"),
        ("%%ask --max-rows many\nHow many?", "invalid int value"),
        ("%%ask --db 'x\nHow many?", "No closing quotation"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(shell, cell, said, capsys):
    done = shell.run_cell(cell)
    assert said in str(done.error_in_exec)
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_is_opened_once_and_closed_with_the_extension(shell, tiny, monkeypatch):
    opened = []

    class Counted(SQLAgent):
        def __init__(self, *given, **options):
            options["sql_model"] = ScriptedModel(scripted)
            super().__init__(*given, **options)
            opened.append(self)

        def close(self):
            self.closed = True
            super().close()

    monkeypatch.setattr("agentsql.notebook.SQLAgent", Counted)
    for _ in range(2):
        (table,) = shown(shell, f"%%ask --db '{tiny}' --sql-model {UNREACHED}\nHow many singers are there?")
        assert "There are 4." in table["text/html"]
    (agent,) = opened
    shell.run_line_magic("unload_ext", "agentsql.notebook")
    assert agent.closed
    assert shell.find_cell_magic("ask") is None
    shell.run_line_magic("load_ext", "agentsql.notebook")
