"""The page in a real Chromium before a real server: from a question to a file."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.serving.keys import Caller, KeyRing, hash_key
from agentsql.testing import ScriptedModel
from tests.hostile import HTML, TERMINAL, hostile_database

from ..conftest import HeldModel, HeldWords

AGES = "SELECT name, age FROM singer ORDER BY age -- youngest first"
QUERIES = {
    "How old is each singer?": AGES,
    "How many concerts were there in each year?": "SELECT year, COUNT(*) AS concerts FROM concert GROUP BY year",
    "Count up": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) SELECT i FROM n",
}
CHOICES = (Path(__file__).parent / "choices.json").read_text(encoding="utf-8")


def scripted(messages):
    said = messages[-1].content
    return next((sql for question, sql in reversed(QUERIES.items()) if question in said), AGES)


def ask(page, question: str):
    """Ask, wait for the answer, and give it."""
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn").last
    turn.get_by_text("How it was answered").wait_for()
    return turn


def cells(turn) -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in turn.locator(".rows tbody tr").all()]


@contextmanager
def saved(page, tmp_path):
    """Keep the file that is downloaded meanwhile."""
    kept: list[Path] = []
    with page.expect_download() as download:
        yield kept
    kept.append(tmp_path / download.value.suggested_filename)
    download.value.save_as(kept[0])


@pytest.fixture
def page(server, opened):
    with opened(server(model=ScriptedModel(scripted)), color_scheme="light") as page:
        yield page


def test_from_a_question_to_a_file(page, violations, tmp_path):
    turn = ask(page, "How old is each singer?")
    assert turn.locator(".query .hl-keyword").all_inner_texts() == ["SELECT", "FROM", "ORDER", "BY"]
    assert cells(turn)[0] == ["Justin Brown", "29"]

    turn.get_by_role("button", name="age", exact=True).press("Enter")
    turn.get_by_role("button", name="age", exact=True).press("Enter")
    assert turn.get_by_role("columnheader", name="age").get_attribute("aria-sort") == "descending"
    assert cells(turn)[0] == ["Joe Sharp", "52"]

    turn.get_by_text("Export").click()
    with saved(page, tmp_path) as files:
        turn.get_by_role("button", name="CSV").click()
    assert files[0].read_text() == "name,age\nJustin Brown,29\nTimbaland,32\nRose White,41\nJoe Sharp,52\n"

    turn.get_by_role("button", name="Chart", exact=True).click()
    turn.locator(".drawing svg").wait_for()
    with saved(page, tmp_path) as files:
        turn.get_by_role("button", name="Download chart as SVG").click()
    assert {"Justin Brown", "Joe Sharp"} <= set(re.findall(r">([^<>]+)</text>", files[0].read_text()))
    with saved(page, tmp_path) as files:
        turn.get_by_role("button", name="Download chart as PNG").click()
    assert files[0].read_bytes().startswith(b"\x89PNG")

    turn.get_by_role("button", name="Bad answer").click()
    turn.get_by_text("Noted. Thank you.").wait_for()
    assert violations(page) == []
    page.keyboard.type("The oldest first, please.")  # the field for it has the focus
    page.keyboard.press("Enter")
    turn.get_by_label("What is wrong with it?").wait_for(state="detached")
    (said,) = page.evaluate("fetch('api/feedback').then((found) => found.json())")["feedback"]
    assert (said["verdict"], said["comment"], said["sql"]) == ("bad", "The oldest first, please.", AGES)
    turn.get_by_text("How it was answered").click()
    assert "generate" in turn.locator(".trace tbody th").all_inner_texts()
    assert violations(page) == []
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert violations(page) == []


@pytest.mark.slow
def test_charts_are_chosen_by_type_and_shape(page):
    chosen = page.evaluate(
        """async (cases) => {
            const { suitable } = await import("./web/choice.js");
            return cases.map(({ columns, rows }) => suitable(columns, rows).map((chart) => chart.kind));
        }""",
        json.loads(CHOICES),
    )
    assert chosen == [case["charts"] for case in json.loads(CHOICES)]


@pytest.mark.slow
def test_sql_is_copied_edited_and_run(page, violations):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = ask(page, "How old is each singer?")
    turn.get_by_role("button", name="Copy SQL").click()
    turn.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == AGES

    turn.get_by_role("button", name="Edit SQL and run it").click()
    editor = turn.get_by_label("Edit SQL", exact=True)
    editor.wait_for()
    assert editor.evaluate("element => element.matches(':focus')")
    assert editor.inner_text() == AGES
    assert violations(page) == []
    editor.fill("")
    editor.press_sequentially("SELECT title FROM conc")
    option = turn.get_by_role("option", name="concert", exact=True)
    option.wait_for()
    assert violations(page) == []
    option.click()
    editor.press_sequentially(" ORDER BY title")
    colours = editor.locator(".cm-line > span").all()
    assert [one.inner_text() for one in colours] == ["SELECT", "FROM", "ORDER", "BY"]
    editor.press("Control+Enter")
    turn.get_by_text("The result of the query as it stands").wait_for()
    assert cells(turn) == [["Auditions"], ["Home Visits"], ["Super bootcamp"]]

    turn.get_by_role("button", name="Edit SQL and run it").click()
    turn.get_by_label("Edit SQL", exact=True).fill("DELETE FROM concert")
    turn.get_by_role("button", name="Run").click()
    turn.get_by_role("alert").wait_for()
    assert turn.locator(".rows").count() == 0


@pytest.mark.slow
def test_a_long_result_is_paged(page):
    turn = ask(page, "Count up")
    turn.get_by_text("Rows 1 to 10 of 30").wait_for()
    turn.get_by_role("button", name="Next").click()
    assert cells(turn)[0] == ["11"]
    turn.get_by_label("Rows per page").select_option("100 rows")
    turn.get_by_text("Rows 1 to 30 of 30").wait_for()


@pytest.mark.slow
def test_a_conversation_is_found_again_and_deleted(page):
    ask(page, "How old is each singer?")
    ask(page, "How many concerts were there in each year?")
    page.reload()
    page.get_by_role("button", name="How old is each singer?", exact=True).click()
    turn = page.locator(".turn").last
    turn.get_by_role("button", name="Show the rows again").click()
    turn.locator(".rows").wait_for()
    assert cells(turn) == [["2014", "2"], ["2015", "1"]]
    page.get_by_role("button", name="Delete conversation: How old is each singer?").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Conversations about this database appear here.").wait_for()


@pytest.mark.slow
def test_the_schema_is_searched(page, violations):
    search = page.get_by_label("Search tables and columns")
    search.fill("YEAR")
    page.get_by_text("1 table", exact=True).wait_for()
    assert page.locator(".tables li.hit code").all_inner_texts() == ["year"]
    assert violations(page) == []
    search.fill("no such thing")
    page.get_by_text("0 tables", exact=True).wait_for()


@pytest.mark.slow
def test_a_good_answer_becomes_an_example(page):
    turn = ask(page, "How old is each singer?")
    turn.get_by_role("button", name="Good answer").click()
    turn.get_by_text("Kept as an example").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".welcome").get_by_role("button", name="How old is each singer?").wait_for()


def wait_for_approval(page, question: str):
    page.get_by_label("Ask me before a query runs").check()
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    waiting = page.get_by_label("Query that waits")
    waiting.wait_for()
    return waiting


@pytest.mark.slow
def test_a_query_waits_for_approval_and_is_edited(page, violations):
    waiting = wait_for_approval(page, "How old is each singer?")
    assert waiting.inner_text() == AGES
    assert violations(page) == []
    waiting.press("Control+a")
    waiting.press_sequentially("SELECT name, age FROM singer WHERE age > 50")
    page.get_by_role("button", name="Run it").click()
    turn = page.locator(".turn").last
    turn.get_by_text("How it was answered").wait_for()
    assert cells(turn) == [["Joe Sharp", "52"]]


@pytest.mark.slow
def test_a_query_that_waits_is_found_in_the_history_and_its_steps_are_told(server, opened, violations):
    model = HeldWords()
    with opened(server(model=model)) as page:
        wait_for_approval(page, "Who was never asked?")
        wait_for_approval(page, "How many singers are there?")
        page.reload()
        page.get_by_role("button", name="waits for you").click()
        page.get_by_label("Query that waits").wait_for()
        page.get_by_text("nothing came of it").wait_for()
        assert violations(page) == []
        page.get_by_role("button", name="Run it", exact=True).click()
        page.locator(".steps li.running", has_text="Wording the answer").wait_for()
        assert page.get_by_role("button", name="Run it", exact=True).is_disabled()
        assert violations(page) == []
        model.let_go.set()
        turn = page.locator(".turn").last
        turn.get_by_text("How it was answered").wait_for()
        assert cells(turn) == [["4"]]
        page.get_by_role("button", name="waits for you").wait_for(state="detached")


@pytest.mark.slow
def test_a_question_is_stopped(server, opened):
    model = HeldModel()
    with opened(server(model=model)) as page:
        page.get_by_label("Question", exact=True).fill("How old is each singer?")
        page.keyboard.press("Enter")
        assert model.reached.acquire(timeout=60)
        page.locator(".steps li.running").first.wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped.").wait_for()
        assert model.stopped.acquire(timeout=60)


@pytest.mark.slow
def test_a_key_is_asked_for_and_kept_in_the_tab(server, opened, violations):
    keys = KeyRing(None, {hash_key("secret"): Caller("ann")})
    with opened(server(keys=keys), ignore=("401",)) as page:
        page.get_by_label("Key").fill("wrong")
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("The key is not known").wait_for()
        assert violations(page) == []
        page.get_by_label("Key").fill("secret")
        page.keyboard.press("Enter")
        page.get_by_label("Question", exact=True).wait_for()
        assert page.evaluate("[sessionStorage.length, localStorage.length]") == [1, 0]
        page.reload()
        page.get_by_label("Question", exact=True).wait_for()


@pytest.mark.slow
def test_hostile_names_and_values_are_text(tmp_path, server, opened, violations):
    model = ScriptedModel(lambda messages: "SELECT name, note, singer_id AS n FROM singer ORDER BY singer_id")
    agent = SQLAgent(hostile_database(tmp_path / "hostile.sqlite"), sql_model=model)
    with opened(server(agents={"hostile": agent})) as page:
        turn = ask(page, HTML["script"] + HTML["attribute"])
        turn.get_by_label("Rows per page").select_option("100 rows")
        shown = {row[0]: row[1] for row in cells(turn)}
        assert all(shown[name] == text for name, text in HTML.items() if "\n" not in text)
        assert not re.search(r"[\x1b\x07\x9b\u202e\u2066]", "".join(shown[name] for name in TERMINAL))
        page.locator(".tables details").first.wait_for()
        for summary in page.locator(".tables summary").all():
            summary.click()
        assert page.locator("img, iframe, object, [onerror], [onload], [onmouseover]").count() == 0
        assert page.locator("script:not([src])").count() == 0
        assert [one for one in violations(page) if "contrast" not in one] == []


@pytest.mark.slow
def test_a_phone_has_all_of_it_in_its_width(server, opened, violations):
    with opened(
        server(model=ScriptedModel(scripted)), viewport={"width": 360, "height": 740}, color_scheme="dark"
    ) as page:
        ask(page, "How old is each singer?")
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert violations(page) == []
        page.get_by_role("button", name="History and schema").click()
        page.get_by_text("3 tables", exact=True).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert violations(page) == []


@pytest.mark.slow
def test_the_keyboard_is_enough(page):
    page.get_by_label("Question", exact=True).wait_for()
    page.keyboard.type("How old is each singer?")  # the question has the focus
    page.keyboard.press("Enter")
    page.get_by_text("How it was answered").wait_for()
    page.evaluate("document.activeElement.blur(); document.querySelector('.turn').scrollIntoView()")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText.trim()"
            )
        )
    assert {
        "To the question",
        "New conversation",
        "Copy SQL",
        "name",
        "Table",
        "Chart",
        "Export",
        "Good answer",
    } <= reached
