"""Triplets that a model writes."""

from __future__ import annotations

import json
import random
from contextlib import closing
from dataclasses import replace

import pytest

from agentsql.cli.main import main
from agentsql.data.fill import inserts
from agentsql.data.places import MemoryDatabase
from agentsql.data.samples import read_samples
from agentsql.data.sqlgen import draw_sql
from agentsql.data.synthesize import (
    TRIPLETS,
    Order,
    as_markdown,
    given_databases,
    installed_embedder,
    seeds_from,
    write_triplets,
)
from agentsql.data.triplets import DIFFICULTIES, RejectedError, Wish, checked_triplet, messages_for, shipped_seeds, wish
from agentsql.errors import ModelUnreachableError, TrainingDataError, UsageError
from agentsql.evaluation.hardness import spider_hardness
from agentsql.settings import Settings
from agentsql.testing import ScriptedModel

SCHEMA = (
    "CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, owner_id INTEGER REFERENCES owner (id)); "
    "CREATE TABLE owner (id INTEGER PRIMARY KEY, city TEXT)"
)
SETTINGS = Settings()
INVENT = Wish("invent", "easy", "select _ from _", "pets", "two")


def reply(**changes):
    found = {"schema": SCHEMA, "question": "Which pets are old?", "sql": "SELECT name FROM pet WHERE age > 40"}
    return json.dumps({**found, **changes})


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT name FROM pet WHERE name = 'Rex'", True),
        ("SELECT name FROM pet WHERE age > 4000", True),
        ("SELECT T2.city FROM pet AS T1 JOIN owner AS T2 ON T1.owner_id = T2.id WHERE T2.city LIKE '%York%'", True),
        ("SELECT name FROM pet WHERE 1 = 0", False),
    ],
)
def test_made_up_rows_hold_the_values_that_a_query_asks_for(sql, rows):
    assert checked_triplet(reply(sql=sql), INVENT, SETTINGS, 0).has_rows is rows


def test_made_up_rows_keep_foreign_keys_and_are_the_same_every_time(tiny):
    (given,) = given_databases([tiny], SETTINGS)

    made = inserts(given.schema, "SELECT 1", 3)

    assert made == inserts(given.schema, "SELECT 1", 3) != inserts(given.schema, "SELECT 1", 4)
    with closing(MemoryDatabase("", f"{given.schema_sql}\n{made}", SETTINGS)) as database:
        orphans = "SELECT count(*) FROM singer_in_concert WHERE singer_id NOT IN (SELECT singer_id FROM singer)"
        assert database.run(orphans).rows == ((0,),)
        assert database.run("SELECT count(*) FROM singer").rows == ((30,),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no JSON", "its reply is not the JSON asked for"),
        (json.dumps({"question": "x"}), "its reply is not the JSON asked for"),
        (reply(question=" "), "its question is none"),
        (reply(question="Say SELECT name FROM pet"), "its question is none"),
        (reply(schema="CREATE TABLE pet ("), "its tables cannot be made"),
        (reply(schema="ATTACH 'x' AS y"), "its tables cannot be made"),
        (reply(schema=f"{SCHEMA}; INSERT INTO owner VALUES (1, 'x')"), "its schema is more or less than"),
        (reply(schema="SELECT 1"), "its schema is more or less than"),
        (reply(sql="DELETE FROM pet"), "its SQL is refused: refused"),
        (reply(sql="SELECT nick FROM pet"), "its SQL fails: unknown_column"),
        (reply(sql="SELECT FROM ("), "its SQL is refused: syntax"),
        (reply(question="x" * 9000), "its reply is too long"),
    ],
)
def test_what_does_not_stand_up_is_rejected_by_reason(text, reason):
    with pytest.raises(RejectedError, match=reason):
        checked_triplet(text, INVENT, SETTINGS, 0)


def test_what_stands_up_is_written_as_a_model_should_write_it():
    written = reply(sql='SELECT name ,age FROM pet WHERE name = "Rex";')

    found = checked_triplet(f"Here:\n```json\n{written}\n```", INVENT, SETTINGS, 0)

    assert found.answer == "SELECT name, age FROM pet WHERE name = 'Rex'"
    assert (found.hardness, found.skeleton) == ("medium", "select _ , _ from _ where _ = _")
    assert found.context == SCHEMA


def test_the_model_is_asked_with_a_domain_and_a_skeleton_that_the_seed_decides():
    seeds = shipped_seeds()

    def asked(number, seed):
        return messages_for(wish(number, (), seeds, kind="invent", difficulty="hard", seed=seed))

    assert asked(1, 1) == asked(1, 1)
    assert len({asked(number, 1) for number in range(20)}) > 10
    assert any(shape in asked(1, 1)[-1].content for shape in seeds["hard"])


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_drawn_sql_runs_on_its_schema(difficulty, tiny):
    (given,) = given_databases([tiny], SETTINGS)
    from agentsql.db.connect import open_database

    drawn = {draw_sql(given.schema, difficulty, random.Random(number)) for number in range(60)} - {""}

    assert len(drawn) > 3
    with closing(open_database(tiny)) as database:
        assert [database.run(sql).error for sql in drawn] == [None] * len(drawn)
    assert all(spider_hardness(sql, given.schema) for sql in drawn)


def test_drawn_sql_runs_on_spider(spider):
    path = spider / "database" / "concert_singer" / "concert_singer.sqlite"
    (given,) = given_databases([path], SETTINGS)
    from agentsql.db.connect import open_database

    with closing(open_database(path)) as database:
        for number in range(40):
            sql = draw_sql(given.schema, DIFFICULTIES[number % 4], random.Random(number))
            assert not sql or database.run(sql).error is None, sql


async def test_enough_are_written_and_the_rest_is_counted(tmp_path):
    model = ScriptedModel("nothing", *(reply(question=f"Which {kind} pets?", sql=sql) for kind, sql in _VARIED))

    report = await write_triplets(Order(4, "invent"), model, tmp_path, SETTINGS)

    assert report["kept"] == 4
    assert report["rejected"]["its reply is not the JSON asked for"]["count"] == 1
    assert model.options[0]["json_schema"]["required"] == ["schema", "question", "sql"]
    samples = list(read_samples(tmp_path / TRIPLETS))
    assert [one.gold for one in samples] == [sql for _, sql in _VARIED]
    assert "4 of 4 wanted" in as_markdown(report)


_VARIED = (
    ("young", "SELECT name FROM pet"),
    ("popular", "SELECT name, count(*) FROM pet GROUP BY name"),
    ("odd", "SELECT name FROM pet WHERE owner_id NOT IN (SELECT id FROM owner WHERE city = 'Rome')"),
    (
        "cherished",
        "SELECT T2.city FROM pet AS T1 JOIN owner AS T2 ON T1.owner_id = T2.id WHERE T1.age > 3 OR T1.name = 'a' "
        "GROUP BY T2.city ORDER BY count(*) DESC LIMIT 1",
    ),
)


async def test_the_same_question_in_other_words_or_too_many_of_one_kind_are_not_kept(tmp_path):
    texts = [
        reply(question="How many pets are there?", sql="SELECT count(*) FROM pet"),
        reply(question="how many PETS are there", sql="SELECT count(id) FROM pet"),
        reply(question="How many pets do we have there?", sql="SELECT count(*) FROM pet WHERE age > 0"),
        reply(question="Where do owners live?", sql="SELECT city FROM owner"),
        lambda messages: reply(question=f"Ages {id(messages)}?", sql="SELECT age FROM pet"),
    ]

    report = await write_triplets(Order(16, "invent", alike=1), ScriptedModel(*texts), tmp_path, SETTINGS)

    reasons = report["rejected"]
    assert reasons["its question is there already"]["count"] >= 1
    assert reasons["enough have the skeleton of its SQL"]["count"] >= 1
    assert report["tries"] == 80


async def test_questions_that_mean_the_same_are_one(tmp_path):
    pytest.importorskip("sentence_transformers")
    texts = [
        reply(question="How many pets are there?", sql="SELECT count(*) FROM pet"),
        reply(question="How many pets are there in all?", sql="SELECT count(id) FROM pet"),
        reply(question="In which city does the oldest owner live?", sql="SELECT city FROM owner"),
    ]
    embedder = installed_embedder("")

    report = await write_triplets(Order(8, "invent"), ScriptedModel(*texts), tmp_path, SETTINGS, embedder=embedder)

    assert report["rejected"]["its question means the same as another"]["count"] == 1
    assert report["kept"] == 2


async def test_difficulties_are_balanced(tmp_path):
    texts = [
        reply(question=f"Question {number}?", sql=f"SELECT name FROM pet WHERE age > {number}") for number in range(20)
    ]

    report = await write_triplets(Order(4, "invent", alike=9), ScriptedModel(*texts), tmp_path, SETTINGS)

    assert report["hardness"] == {"easy": 1}
    assert report["rejected"]["enough are as difficult"]["count"] > 5


async def test_the_question_of_drawn_sql_is_all_that_is_asked_for(tiny, tmp_path):
    order = Order(2, "say", tuple(given_databases([tiny], SETTINGS)))
    model = ScriptedModel('{"question": "Which?"}', '{"question": "What else may that be?"}')

    report = await write_triplets(order, model, tmp_path, SETTINGS)

    assert report["kept"] == 2
    for one, asked in zip(read_samples(tmp_path / TRIPLETS), model.asked, strict=False):
        assert f"\n{one.gold}\n" in asked[-1].content
        assert "CREATE TABLE singer" in asked[-1].content
    assert report["without_rows"] <= 2


async def test_a_model_that_fails_loses_nothing(tmp_path):
    texts = [reply(question=f"Which {kind} pets?", sql=sql) for kind, sql in _VARIED]
    order = Order(4, "invent")

    with pytest.raises(ModelUnreachableError):
        await write_triplets(order, ScriptedModel(*texts[:2], ModelUnreachableError("gone")), tmp_path, SETTINGS)
    assert len((tmp_path / "tries.jsonl").read_text().splitlines()) == 1 + 2
    with pytest.raises(UsageError, match="with other sampling than these"):
        await write_triplets(replace(order, seed=1), ScriptedModel(), tmp_path, SETTINGS)
    with pytest.raises(UsageError, match="with other schemas or seeds than these"):
        await write_triplets(replace(order, seeds={}), ScriptedModel(), tmp_path, SETTINGS)
    report = await write_triplets(order, ScriptedModel(*texts[2:]), tmp_path, SETTINGS)

    assert (report["kept"], report["tries"]) == (4, 4)


def test_skeletons_of_other_data_are_taken(write_lines, spider):
    path = write_lines({"question": "x", "context": SCHEMA, "answer": "SELECT min(age) FROM pet"})

    assert seeds_from(path)["easy"] == ["select min ( _ ) from _"]
    assert seeds_from(path)["extra"] == shipped_seeds()["extra"]
    assert len(seeds_from(spider / "dev.json")["extra"]) > 10


def test_shipped_skeletons_are_of_every_difficulty():
    assert tuple(shipped_seeds()) == DIFFICULTIES


def test_wrong_givings_are_refused(tmp_path, capsys):
    (tmp_path / "bad.sql").write_text("CREATE TABLE (")

    with pytest.raises(TrainingDataError, match="holds no CREATE TABLE statements"):
        given_databases([tmp_path / "bad.sql"], SETTINGS)
    assert main(["data", "triplets", "--out", str(tmp_path / "o"), "--count", "1", "--back"]) == 2
    assert "name a database by --db" in capsys.readouterr().err


async def test_nothing_to_ask_about_is_said(tmp_path):
    with pytest.raises(UsageError, match="no schema to ask about"):
        await write_triplets(Order(1, "ask"), ScriptedModel(), tmp_path, SETTINGS)
