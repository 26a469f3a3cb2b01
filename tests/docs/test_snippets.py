"""What the pages print works: Python runs, commands and their options exist, links lead somewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from tests.docs.pages import PAGES, READMES, ROOT, Command, blocks, commands
from tests.docs.scripted import scripted

USAGE_ERROR: Any = typer.BadParameter.__base__
"""Of the click that typer carries with it."""


@pytest.fixture
def reader(tmp_path, monkeypatch) -> Path:
    """Stand where a reader stands: at the top of a checkout with the sample database, before models that answer."""
    from agentsql.testing import ScriptedModel

    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    for kind in ("local", "openai", "vllm"):
        monkeypatch.setattr(f"agentsql.models.spec.{kind}_endpoint", lambda _rest, **_options: ScriptedModel(scripted))
    return tmp_path


def runnable(page: Path) -> list:
    return [one for one in blocks(page) if one.language == "python" and not one.reason and not one.title]


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=lambda page: page.stem)
def test_the_python_of_a_page_runs_from_its_first_block_to_its_last(page, reader):
    names: dict[str, object] = {"__name__": "page"}
    for one in runnable(page):
        text = "\n" * one.line + one.text
        exec(compile(text, str(ROOT / one.page), "exec"), names)  # noqa: S102


def test_what_is_not_run_is_said_with_a_reason_and_little():
    left_out = [one for page in PAGES for one in blocks(page) if one.reason]
    assert all(len(one.reason.split()) > 2 for one in left_out)
    assert len(left_out) <= 2


def problem_of(command: Command) -> str:
    """Give what the command line says to these words, short of running them; empty if they are well."""
    from agentsql.cli.main import app

    parent = None
    current, words = get_command(app), list(command.words)
    try:
        while True:
            context = current.make_context("agentsql", words, parent=parent)
            left = [*context._protected_args, *context.args]
            if not isinstance(current, typer.core.TyperGroup) or not left:
                return ""
            _name, current, words = current.resolve_command(context, left)
            parent = context
    except typer.Exit:
        return ""
    except USAGE_ERROR as problem:
        said = problem.format_message()
        missing = type(problem).__name__ in ("MissingParameter", "NoArgsIsHelpError") or "requires an argument" in said
        return "" if "does not exist" in said or (missing and _is_mention(command)) else said or "what is missing?"


def _is_mention(command: Command) -> bool:
    """Say whether a command is named in running text, where what it needs may be left out."""
    return ", `" in command.place


PRINTED = [one for page in (*PAGES, *READMES) for one in commands(page)]


@pytest.mark.parametrize("command", PRINTED, ids=lambda one: one.place)
def test_a_printed_command_and_its_options_exist(command):
    assert problem_of(command) == ""


def test_commands_are_found_and_wrong_ones_are_not_passed():
    assert len(PRINTED) > 150
    wrong = ("asks --db x", "ask --database x q", "ask", "models fetch x", "trace --questions 3", "serve --port many")
    for line in wrong:
        assert problem_of(Command("page:1", tuple(line.split()))), line


LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", [ROOT / "README.md", *READMES], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_readme_lead_to_files(page):
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text("utf-8"))]
    assert [one for one in targets if one and "://" not in one and not (page.parent / one).exists()] == []
