"""`agentsql policy`, and the options that name a policy and who asks."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agentsql.cli.main import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SHOP = ["--db", str(EXAMPLES / "bookshop.sqlite")]
POLICY = str(EXAMPLES / "policy.toml")


def test_check_says_what_everyone_sees(capsys):
    assert main(["policy", "check", POLICY, *SHOP, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    (customers,) = [row for row in rows if (row["principal"], row["table"]) == ("berta", "customers")]
    assert "email" not in customers["columns"]
    assert customers["rows"] == '"customers"."country" = \'Germany\''
    assert customers["masks"] == "name"
    assert "needs the attribute 'country'" in rows[0]["rows"]


def test_check_exits_with_2_if_the_policy_does_not_fit(capsys, tmp_path):
    wrong = tmp_path / "policy.toml"
    wrong.write_text('[tables]\ndeny = ["customer"]\n')
    assert main(["policy", "check", str(wrong), *SHOP]) == 2
    assert "did you mean 'customers'?" in capsys.readouterr().err


def test_explain_prints_what_would_run(capsys):
    query = "SELECT COUNT(*) FROM customers"
    assert main(["policy", "explain", POLICY, *SHOP, "--as", "berta", "--sql", query]) == 0
    assert '"customers"."country" = \'Germany\'' in capsys.readouterr().out


def test_explain_exits_with_1_if_nothing_would(capsys):
    query = "SELECT email FROM customers"
    assert main(["policy", "explain", POLICY, *SHOP, "--as", "berta", "--sql", query]) == 1
    assert "`email` is not a column of customers" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["ask", "chat"])
def test_a_principal_that_the_policy_lacks_is_an_error_before_any_model_is_asked(capsys, command):
    question = ["How many?"] if command == "ask" else []
    assert main([command, *question, *SHOP, "--policy", POLICY, "--as", "bert"]) == 2
    assert "did you mean 'berta'?" in capsys.readouterr().err


@pytest.fixture
def with_views(tmp_path: Path) -> list[str]:
    """Give the option that names a copy of the example with views."""
    copy = tmp_path / "shop.sqlite"
    shutil.copy(EXAMPLES / "bookshop.sqlite", copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE VIEW lands AS SELECT country, count(*) AS many FROM customers GROUP BY country")
        connection.execute("CREATE VIEW mails AS SELECT email FROM customers")
    return ["--db", str(copy)]


def test_explain_shows_what_a_view_becomes(capsys, with_views):
    query = "SELECT many FROM lands"
    assert main(["policy", "explain", POLICY, *with_views, "--as", "berta", "--sql", query]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert 'GROUP BY country ) AS "lands"' in shown
    assert '"customers"."country" = \'Germany\'' in shown


def test_check_says_which_views_are_hidden_and_why(capsys, with_views):
    assert main(["policy", "check", POLICY, *with_views, "--as", "berta", "--format", "json"]) == 0
    rows = {row["table"]: row["rows"] for row in json.loads(capsys.readouterr().out)}
    assert rows["lands"] == "those of its definition"
    assert rows["mails"] == "hidden: `email` is not a column of customers"
