"""Replies judged on their database, behind both locks."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from agentsql.data.rows import About
from agentsql.train.judging import Judge

GOLD = "SELECT count(*) FROM singer"


@pytest.fixture
def judge():
    with Judge(timeout_s=2.0) as judge:
        yield judge


@pytest.fixture
def about(tiny):
    return About("sql", "tiny", "How many singers?", GOLD, database=str(tiny))


def test_right_wrong_failing_and_fenced_replies(judge, about):
    replies = [GOLD, "SELECT 5", "SELECT nothing FROM nowhere", f"Here it is:\n```sql\n{GOLD};\n```", ""]
    assert judge.right([about] * 5, replies) == [1.0, 0.0, 0.0, 1.0, 0.0]


def test_a_reply_that_would_write_is_not_run(judge, about, tiny):
    replies = [
        "DROP TABLE singer",
        "DELETE FROM singer",
        "ATTACH DATABASE '/tmp/x' AS x",
        f"{GOLD}; DELETE FROM singer",
    ]
    judge.scores([about] * 4, replies)
    with sqlite3.connect(tiny) as connection:
        assert connection.execute(GOLD).fetchone() == (4,)


def test_a_runaway_query_is_stopped_and_wrong(tiny, about):
    with Judge(timeout_s=0.2) as judge:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        assert judge.scores([about], [endless])[0]["executable"] == 0.0


def test_without_a_database_only_compiling_is_judged(judge):
    about = About("sql", "t", "How many?", "SELECT count(*) FROM t", schema_sql="CREATE TABLE t (a INT)")
    right, wrong = judge.scores([about, about], ["SELECT a FROM t", "SELECT b FROM t"])
    assert (right["execution"], right["executable"], wrong["executable"]) == (None, 1.0, 0.0)


def test_columns_are_judged_by_f1(judge, about):
    about = replace(about, task="schema", columns=("singer.age", "singer.name"))
    replies = ['{"columns": ["singer.name", "singer.age"]}', '{"columns": ["singer.name"]}', "no idea"]
    assert judge.right([about] * 3, replies) == [1.0, pytest.approx(2 / 3), 0.0]


def test_a_gold_that_fails_is_nobodys_fault(judge, about):
    assert judge.right([replace(about, gold="SELECT nothing")], [GOLD]) == [None]
