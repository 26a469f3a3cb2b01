"""What goes wrong behind the page is said in a sentence, and the page goes on."""

from __future__ import annotations

import json
import urllib.request

import pytest
from sqlalchemy import make_url

from agentsql import SQLAgent
from agentsql.serving.fairness import FairQueue
from agentsql.serving.keys import Caller, KeyRing, hash_key
from agentsql.testing import ScriptedModel
from tests.services import execute

from ..conftest import PATIENCE_S, HeldModel, scripted

pytestmark = pytest.mark.slow
QUESTION = "How many singers are there?"


def send(page, question: str = QUESTION):
    """Ask, and give the turn; it may not be answered yet."""
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=question).last.wait_for()
    return page.locator(".turn").last


def ask_again(page) -> str:
    """Ask the last question again, and give what the answer says."""
    page.get_by_role("button", name="Ask again").click()
    turn = page.locator(".turn").last
    turn.get_by_text("How it was answered").wait_for()
    assert page.locator(".turn").count() == 1
    page.get_by_role("alert").wait_for(state="detached")
    return turn.locator(".rows td").all_inner_texts()


def test_a_server_that_ends_in_the_middle_of_an_answer(server, opened, line, violations):
    model = HeldModel()
    wire = line(server(model=model))
    with opened(wire.address, ignore=("net::ERR_",)) as page:
        turn = send(page)
        assert model.reached.acquire(timeout=PATIENCE_S)
        turn.locator(".steps li.running").first.wait_for()
        wire.cut()
        turn.get_by_text("The connection to the server broke off before the answer was there.").wait_for()
        assert violations(page) == []
        assert model.stopped.acquire(timeout=PATIENCE_S)
        page.get_by_role("button", name="Ask again").click()
        turn.get_by_text("The server cannot be reached.").wait_for()
        wire.is_cut = False
        model.let_go.set()
        assert ask_again(page) == ["4"]


def test_a_full_queue(server, opened):
    model = HeldModel()
    address = server(model=model, queue=FairQueue(1, 0))
    with opened(address, ignore=("503",)) as page:
        body = json.dumps({"question": QUESTION}).encode()
        headers = {"Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{address}/api/ask/stream", body, headers)) as first:
            assert model.reached.acquire(timeout=PATIENCE_S)
            turn = send(page)
            turn.get_by_text("0 questions are waiting; ask again later (in about").wait_for()
            model.let_go.set()
            assert b"event: answered" in first.read()
        assert ask_again(page) == ["4"]


def test_a_key_that_asks_too_often(server, opened):
    keys = KeyRing(None, {hash_key("secret"): Caller("ann", per_minute=1)})
    address = server(model=ScriptedModel(scripted), keys=keys)
    with opened(address, ignore=("401", "429")) as page:
        page.get_by_label("Key").fill("secret")
        page.keyboard.press("Enter")
        page.get_by_text("this key may send 1 requests a minute; ask again later (in about").first.wait_for()


def test_a_key_that_holds_no_longer(server, opened, violations):
    keys = KeyRing(None, {hash_key("secret"): Caller("ann")})
    with opened(server(model=ScriptedModel(scripted), keys=keys), ignore=("401",)) as page:
        page.get_by_label("Key").fill("secret")
        page.keyboard.press("Enter")
        page.get_by_label("Question", exact=True).wait_for()
        page.evaluate("sessionStorage.setItem('agentsql-key', 'withdrawn')")
        send(page)
        page.get_by_role("dialog").get_by_text("The key is not known to this server.").wait_for()
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.get_by_label("Key").fill("secret")
        page.keyboard.press("Enter")
        page.get_by_role("dialog").wait_for(state="detached")
        assert ask_again(page) == ["4"]


def test_a_database_that_is_gone(postgres_url, server, opened, line):
    execute(postgres_url, "CREATE TABLE singer (name text)", "INSERT INTO singer VALUES ('Joe'), ('Rose')")
    wire = line(postgres_url.rpartition("/")[0])
    through = make_url(postgres_url).set(host="127.0.0.1", port=int(wire.address.rpartition(":")[2]))
    agent = SQLAgent(through.render_as_string(hide_password=False), sql_model=ScriptedModel(scripted))
    with opened(server(agents={"shop": agent}), ignore=("503",)) as page:
        page.get_by_text("1 table", exact=True).wait_for()
        wire.cut()
        turn = send(page)
        turn.get_by_role("alert").get_by_text("see that the server runs").wait_for()
        wire.is_cut = False
        assert ask_again(page) == ["2"]
