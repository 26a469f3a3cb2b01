"""`agentsql graph`, `plugins` and `config`."""

from __future__ import annotations

import json

import pytest

BROKEN = """
start = "generate"
[nodes.generate]
next = "chekc"
"""


def test_graph_list_has_the_shipped_graphs(run):
    listed = run("graph", "list", "--format", "json")
    assert {"default", "direct"} <= {entry["name"] for entry in json.loads(listed.out)}


def test_graph_show_draws_mermaid(run):
    assert run("graph", "show", "direct").out.startswith("flowchart LR\n    start([question]) --> generate\n")


def test_graph_check_accepts_what_is_shipped(run):
    assert run("graph", "check", "default").out == "ok\n"


def test_graph_check_prints_problems_and_exits_with_2(run, tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text(BROKEN)
    ran = run("graph", "check", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: graph 'broken' cannot run:\n  - ")
    assert "'chekc'" in ran.err


@pytest.mark.parametrize("name", ["defualt", "none.toml"])
def test_an_unknown_graph_is_a_usage_error(run, name):
    assert run("graph", "show", name).code == 2


def test_plugins_list_has_every_group(run):
    listed = json.loads(run("plugins", "list", "--format", "json").out)
    groups = {"agentsql.steps", "agentsql.routers", "agentsql.models", "agentsql.databases", "agentsql.graphs"}
    assert groups <= {entry["group"] for entry in listed}


def test_plugins_check_exits_with_2_on_a_broken_one(run, monkeypatch):
    from agentsql import plugins

    entry = plugins.PluginEntry("agentsql.steps", "bad", "bad:bad", "bad-dist", "1")
    monkeypatch.setattr(plugins, "check_plugins", lambda: [plugins.PluginProblem(entry, "it breaks")])
    ran = run("plugins", "check")
    assert ran.code == 2
    assert ran.out.splitlines()[2] == "agentsql.steps │ bad  │ bad-dist     │ it breaks"


def test_plugins_check_is_ok_when_all_can_be_used(run, monkeypatch):
    from agentsql import plugins

    monkeypatch.setattr(plugins, "check_plugins", list)
    assert (run("plugins", "check").out, run("plugins", "check", "--format", "json").out) == ("ok\n", "[]\n")


def test_config_show_says_where_each_value_came_from(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agentsql.toml").write_text("[budget]\ncalls = 3\n")
    monkeypatch.setenv("AGENTSQL_DATABASE_TIMEOUT_S", "5")
    shown = json.loads(run("config", "show", "--format", "json").out)
    assert shown["budget.calls"] == {"value": 3, "origin": str(tmp_path / "agentsql.toml")}
    assert shown["database.timeout_s"] == {"value": 5.0, "origin": "$AGENTSQL_DATABASE_TIMEOUT_S"}
    assert shown["agent.graph"] == {"value": "default", "origin": "default"}


def test_config_path_names_both_files(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    user, project = run("config", "path").out.splitlines()
    assert user.endswith("agentsql/config.toml  (not there)")
    assert project == f"{tmp_path / 'agentsql.toml'}  (not there)"


def test_version(run):
    assert run("--version").out.startswith("agentsql 0.")
