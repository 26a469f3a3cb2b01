"""The example programs before a scripted model server: what they do, without what a model knows."""

from __future__ import annotations

import json
import runpy
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs.scripted import served

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def model(model_url, monkeypatch) -> str:
    """Make the scripted server the model of whatever reads the settings."""
    spec = f"openai:scripted@{model_url}"
    monkeypatch.setenv("AGENTSQL_AGENT_SQL_MODEL", spec)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    return spec


@pytest.fixture
def run(model, monkeypatch, capsys) -> Callable[..., str]:
    """Give what an example prints, run in this process as by `python examples/NAME`; no terminal is its input."""

    def running(name: str, *arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        monkeypatch.setattr("builtins.input", lambda _prompt: pytest.fail("asked where there is no terminal"))
        try:
            runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        except SystemExit as ended:
            assert not ended.code, capsys.readouterr().err
        return capsys.readouterr().out

    return running


def test_embed_goes_through_a_conversation_and_refuses_to_write(run):
    said = run("embed.py")
    assert "price > 20 AND format = 'HC'" in said
    assert "DELETE FROM reviews\n  refused: " in said


def test_stream_names_each_step(run):
    said = run("stream.py", "How many books are there?")
    assert "▶ generate\nSELECT count(*) FROM books" in said


def test_the_web_application_streams_steps_and_the_answer(model):
    from starlette.testclient import TestClient

    app = runpy.run_path(str(EXAMPLES / "web_app.py"))["app"]
    with TestClient(app) as client:
        assert client.get("/ask").status_code == 400
        got = client.get("/ask", params={"question": "How many books are there?"})
    *steps, answer = map(json.loads, got.text.splitlines())
    assert {"step": "generate"} in steps
    assert (answer["status"], answer["rows"]) == ("answered", [[90]])


def test_a_graph_of_ones_own_is_drawn_proven_and_used(run):
    said = run("custom_graph.py")
    assert said.startswith("flowchart LR")
    assert "refused: " in said and "corect" in said
    assert "link → generate → check → execute → select → answer\nSELECT count(*) FROM books" in said


def test_a_person_decides_now_or_later(run):
    said = run("approval.py").splitlines()
    assert said[0] == "to be run: SELECT count(*) FROM customers WHERE country = 'Germany'"
    assert "waiting" in said
    assert "still waits: SELECT count(*) FROM books WHERE price > 20" in said
    assert said[-1].startswith("answered: SELECT count(*) FROM books WHERE price >= 20 gave ((")


def test_solved_questions_are_shown_to_the_model(run):
    said = run("few_shot.py")
    shown = said.partition("shown to the model:")[2]
    assert "of bookshop: How many customers live in France?" in shown
    assert "country = 'Germany'" in shown


def test_two_graphs_are_measured_and_compared(run, tmp_path):
    said = run("evaluation.py", str(tmp_path))
    assert "direct: 4 of 8 right" in said
    assert "lost at" in said
    assert "default wins 0 and loses 0; by chance with p = 1.00" in said
    assert (tmp_path / "default" / "traces.jsonl").is_file()


def test_two_roles_are_two_servers(run, model_url, monkeypatch):
    with served() as other:
        monkeypatch.setenv("CHAT_URL", other)
        monkeypatch.setenv("SQL_URL", model_url)
        assert run("vllm_roles.py").startswith("SELECT title FROM books ORDER BY price DESC LIMIT 5")


@pytest.mark.slow
def test_the_notebook_runs_from_its_first_cell_to_its_last(model, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    shutil.copy(EXAMPLES / "bookshop.sqlite", tmp_path)
    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "clear its outputs before it is committed"
    done = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = json.dumps([cell.get("outputs") for cell in done.cells])
    assert "<td>90" in shown or ">90<" in shown
    assert "Peter Quinn" in shown


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch and transformers
def test_training_ends_in_an_adapter(run, tmp_path):
    said = run("training.py", str(tmp_path), "--steps", "6")
    first, last = (float(word) for word in said.partition("loss ")[2].replace(",", "").split()[:4:3])
    assert last < first
    assert list((tmp_path / "out").glob("*.gguf"))


def test_the_agent_is_a_part_of_another_graph_and_a_tool_of_it(run, monkeypatch):
    """Both ask the one model server, from two event loops, by connections that it keeps open as real ones do."""
    monkeypatch.setattr("tests.docs.scripted._Handler.protocol_version", "HTTP/1.1")
    question = "How many books are there?"
    hours, database, again = run("langgraph_subgraph.py", "When are you open?", question, question).split(
        f"{question}\n"
    )
    assert again == database
    assert "  hours\n  From nine to six" in hours
    steps, tool = database.split("  lookup\n")
    assert "      generate\n" in steps and "  database\n" in steps
    assert "SQL: SELECT count(*) FROM books\ncount(*)\n90" in tool
