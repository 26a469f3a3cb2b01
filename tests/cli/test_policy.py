"""`agentsql policy`, and the options that name a policy and who asks."""

from __future__ import annotations

import json
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
