"""Training prompts against those that a graph sends."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from agentsql import SQLAgent
from agentsql.data.prepare import RowMaker
from agentsql.data.prompts import Shown
from agentsql.data.rows import TrainingRow
from agentsql.data.samples import Sample
from agentsql.errors import TrainingDataError
from agentsql.graph import GraphSpec, load_graph
from agentsql.settings import Settings
from agentsql.testing import ScriptedModel

QUESTION, GOLD = "How many singers are from France?", "SELECT count(*) FROM singer WHERE country = 'France'"
SCHEMA = "CREATE TABLE head (id INTEGER, age INTEGER)"


def make(making, sample) -> tuple[TrainingRow, ...]:
    with RowMaker(making) as maker:
        outcome = asyncio.run(maker.make(sample))
    assert outcome.dropped is None
    return outcome.rows


def sent(database, graph, question, *, evidence="", replies=(GOLD,)) -> list:
    """Give what the graph asks for a question, in order."""
    model = ScriptedModel(*replies)
    with SQLAgent(database, sql_model=model, graph=graph) as agent:
        agent.wait_for_values(10)
        agent.ask(question, evidence=evidence)
    return model.asked


@pytest.mark.parametrize("graph", ["default", "direct", "vote"])
def test_a_training_prompt_is_the_prompt_of_the_graph(graph, making, tiny):
    sample = Sample("1", "tiny", QUESTION, GOLD, database=str(tiny), evidence="France is a country")

    (row,) = make(replace(making, graph=load_graph(graph)), sample)

    assert row.prompt == sent(tiny, graph, QUESTION, evidence="France is a country")[0]
    assert "'France' is a value of" in row.prompt[-1].content or graph == "direct"
    assert row.completion == GOLD


def test_on_spider_too(making, spider):
    database = spider / "database" / "concert_singer" / "concert_singer.sqlite"
    question = "Show the stadium names and the number of concerts in 2014 or after, singers from France"
    gold = "SELECT T2.name, count(*) FROM concert AS T1 JOIN stadium AS T2 ON T1.stadium_id = T2.stadium_id"

    (row,) = make(making, Sample("1", "concert_singer", question, gold, database=str(database)))

    assert row.prompt == sent(database, "default", question, replies=[gold])[0]


def test_a_graph_that_asks_the_chat_model_about_the_schema_is_told_what_is_right(making, tiny):
    making = replace(making, graph=load_graph("feather"), tasks="both")

    rows = make(making, Sample("1", "tiny", QUESTION, GOLD, database=str(tiny)))

    chat = [one for one in rows if one.about.task == "schema"]
    assert [json.loads(one.completion) for one in chat] == [
        {"tables": ["singer"]},
        {"columns": ["singer.country"]},
    ]
    replies = [chat[0].completion, chat[1].completion, GOLD]
    asked = sent(tiny, "feather", QUESTION, replies=replies)
    assert [one.prompt for one in chat] == asked[:2]
    sql = [one.prompt for one in rows if one.about.task == "sql"]
    assert sorted(map(str, sql)) == sorted(map(str, asked[2 : 2 + len(sql)]))
    assert len(sql) == 4


def test_where_the_graph_does_not_ask_the_schema_task_is_that_of_link(making, tiny):
    gold = "SELECT count(*) FROM concert"

    (row,) = make(replace(making, tasks="schema"), Sample("1", "tiny", "How many concerts?", gold, database=str(tiny)))

    graph = (
        GraphSpec("linking", "link")
        .add("link", next="generate", options={"by": "model"})
        .add("generate", next="check")
        .add("check", next="execute")
        .add("execute", next="select")
        .add("select", next="answer")
        .add("answer", next="end", options={"by": "rows"})
    )
    assert row.prompt == sent(tiny, graph, "How many concerts?", replies=[row.completion, gold])[0]
    # A table of which the gold names no column is named by its key.
    assert json.loads(row.completion) == {"columns": ["concert.concert_id"]}


def test_the_full_view_shows_every_table_and_the_pruned_one_those_needed(making, tiny):
    sample = Sample("1", "tiny", QUESTION, GOLD, database=str(tiny))

    (full,) = make(replace(making, shown=Shown(view="full")), sample)
    (pruned,) = make(replace(making, shown=Shown(view="pruned")), sample)
    (noisy,) = make(replace(making, shown=Shown(view="pruned", noise=(1, 1))), sample)

    counts = [row.prompt[0].content.count("CREATE TABLE") for row in (full, pruned, noisy)]
    assert counts == [3, 1, 2]
    assert "CREATE TABLE singer (" in pruned.prompt[0].content


def test_noise_is_the_same_for_the_same_seed(making, tiny):
    sample = Sample("1", "tiny", QUESTION, GOLD, database=str(tiny))

    def made(seed):
        return make(replace(making, shown=Shown(view="pruned", noise=(1, 1), seed=seed)), sample)[0].prompt

    assert made(1) == made(1)
    assert len({made(seed) for seed in range(8)}) == 2


def test_values_can_be_left_out(making, tiny):
    settings = Settings()
    settings = replace(settings, schema=replace(settings.schema, sample_values=0))
    sample = Sample("1", "tiny", QUESTION, GOLD, database=str(tiny))

    (row,) = make(replace(making, settings=settings, shown=Shown(values=False)), sample)

    assert "Joe Sharp" not in row.prompt[0].content
    assert "Values:" not in row.prompt[-1].content


def test_a_question_with_no_more_than_a_schema_gets_the_prompt_of_its_empty_database(making, tmp_path):
    import sqlite3

    path = tmp_path / "empty.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(SCHEMA)
    connection.close()
    question, gold = "How many heads are older than 56?", "SELECT count(*) FROM head WHERE age > 56"

    (row,) = make(making, Sample("1", "x", question, gold, schema_sql=SCHEMA))

    assert row.prompt == sent(path, "default", question, replies=[gold])[0]
    assert row.about.database == ""


def test_a_graph_that_writes_no_sql_is_refused(making):
    graph = GraphSpec("none", "route").add("route", next="reply").add("reply", next="end")

    with pytest.raises(TrainingDataError, match="no step of the graph 'none' writes SQL"):
        RowMaker(replace(making, graph=graph))


def test_solved_questions_are_shown_but_never_the_question_itself(making, tiny, tmp_path):
    pytest.importorskip("sentence_transformers")
    settings = replace(Settings(), examples=replace(Settings().examples, folder=str(tmp_path / "examples")))
    with SQLAgent(tiny, sql_model=ScriptedModel(), settings=settings) as agent:
        agent.add_example(QUESTION, GOLD)
        agent.add_example(
            "How many singers are from Netherlands?", "SELECT count(*) FROM singer WHERE country = 'Netherlands'"
        )
    sample = Sample("1", "tiny", QUESTION, GOLD, database=str(tiny))

    (with_them,) = make(replace(making, settings=settings), sample)
    (without,) = make(replace(making, settings=settings, shown=Shown(examples=False)), sample)

    assert "country = 'Netherlands'" in with_them.prompt[-1].content
    assert "country = 'France'" not in with_them.prompt[-1].content
    assert "SELECT" not in without.prompt[-1].content
