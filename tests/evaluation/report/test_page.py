"""The report as a page: all of the questions in it, nothing of them acted on, and nothing asked of a network."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agentsql.evaluation.report import write_report
from agentsql.evaluation.report.changes import comparison
from agentsql.evaluation.report.page import as_html

from .runs import BASE, HOSTILE, OTHER, PREDICTIONS

pytest.importorskip("vl_convert", reason="needs the extra [report]")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page(HTMLParser):
    """Elements of a page with their attributes, and the text of its scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, dict[str, str | None], str]] = []
        self._raw: tuple[str, dict[str, str | None]] | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._raw = (tag, dict(attrs)) if tag in ("script", "style") else None

    def handle_data(self, data):
        if self._raw:
            self.inside.append((*self._raw, data))

    def handle_endtag(self, tag):
        self._raw = None

    def data(self):
        return json.loads(next(text for _, attributes, text in self.inside if attributes.get("id") == "data"))

    def details(self):
        parts = [text for _, attributes, text in self.inside if attributes.get("class") == "part"]
        return [one for part in parts for one in json.loads(gzip.decompress(base64.b64decode(part)))]


@pytest.fixture(scope="module")
def html() -> str:
    return as_html([BASE, OTHER])


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def test_every_question_is_in_it_with_both_answers(page):
    found = page.data()["questions"]
    assert [one["id"] for one in found] == ["q1", "q2", "q3", "q4"]
    assert [[run and run["sql"] for run in one["runs"]] for one in found] == [
        ["SELECT count(*) FROM customer", "SELECT 7"],
        [f"SELECT '{HOSTILE}'", "SELECT 'x'"],
        ["SELECT 2", 'SELECT "a|b" FROM t'],
        ["", None],
    ]
    assert found[0]["golds"] == ["SELECT count(*) FROM customer"]


def test_the_details_hold_results_trace_and_candidates(page):
    second = page.details()[1]
    assert second["result"]["rows"] == [[HOSTILE], [None], ["x'00ff'"]]
    assert (second["result"]["total"], second["result"]["more"]) == (99, True)
    run = second["runs"][0]
    assert run["steps"][0] == ["generate", 2.0, 1, 300, 20, [HOSTILE], ["customer"], ["customer.id"]]
    assert [one[0] for one in run["candidates"]] == ["full-1", "full-2", "full-3"]


def test_the_colours_of_a_query_cover_it_to_the_last_character(page):
    for question, details in zip(page.data()["questions"], page.details(), strict=True):
        for sql, marks in zip(question["golds"], details["marks"], strict=True):
            assert sum(int(one[1:]) for one in marks.split()) == len(sql)
    assert page.details()[0]["marks"] == ["k6 -1 k5 -4 k4 -9"]


def test_text_of_data_opens_no_element(page, html):
    assert [tag for tag, _ in page.elements].count("img") == 0
    kinds = [attributes.get("type") for tag, attributes in page.elements if tag == "script"]
    assert kinds == ["application/json", "text/plain", None]
    assert "document.title='owned'</script>" not in html


def test_nothing_in_it_names_another_place(page, html):
    pointing = {name for _, attributes in page.elements for name in attributes} & {"src", "srcset", "data", "action"}
    assert pointing == set()
    links = [attributes["href"] or "" for _, attributes in page.elements if "href" in attributes]
    assert links and all(link.startswith("#") for link in links)
    style = next(text for tag, _, text in page.inside if tag == "style")
    assert not re.search(r"@import|url\(", style)
    assert not re.search(r"https?://", html)


def test_its_policy_lets_only_its_own_script_and_style_in(page):
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and a.get("http-equiv"))
    own = {
        tag: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for tag, attributes, text in page.inside
        if "type" not in attributes
    }
    assert policy == (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {own['style']}; script-src {own['script']}"
    )


def test_the_charts_have_names_and_marks_that_say_what_they_are(page, html):
    names = [a["aria-label"] for tag, a in page.elements if tag == "svg"]
    assert names[:3] == ["Chart: Accuracy by hardness", "Chart: Accuracy by SQL feature", "Chart: Accuracy by database"]
    identities = [a["id"] for _, a in page.elements if "id" in a]
    assert len(identities) == len(set(identities))
    assert "<title>base, easy: 100.0% (21% to 100%), 1 of 1</title>" in html


def test_runs_of_one_name_are_told_apart(tmp_path):
    _, written = write_report([PREDICTIONS, PREDICTIONS], tmp_path / "new" / "folder")
    assert Page(written.read_text(encoding="utf-8")).data()["runs"] == ["file", "file (2)"]


def test_runs_that_cannot_be_compared_say_so_in_place_of_numbers():
    other = replace(OTHER, scored=tuple(replace(one, question=replace(one.question, id="x")) for one in OTHER.scored))
    section = comparison(BASE, other)
    assert section.about.startswith("Not compared: 'base' and 'other' have no question in common")
    assert section.rows == ()


def test_a_lone_surrogate_of_a_model_does_not_stop_the_writing(tmp_path):
    wrong = PREDICTIONS.scored[1]
    scored = replace(wrong, record=replace(wrong.record, sql="SELECT '\ud800'"))
    for path in write_report([replace(PREDICTIONS, scored=(scored,))], tmp_path):
        assert "SELECT" in path.read_text(encoding="utf-8")


def test_a_run_without_questions_has_a_report(tmp_path):
    assert [path.name for path in write_report([replace(BASE, scored=())], tmp_path)] == ["report.md", "report.html"]


def test_the_same_runs_give_the_same_page():
    assert as_html([PREDICTIONS]) == as_html([PREDICTIONS])


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
class TestInABrowser:
    def dom(self, html: str, tmp_path: Path, query: str) -> str:
        (tmp_path / "report.html").write_text(html, encoding="utf-8")
        address = f"{(tmp_path / 'report.html').as_uri()}#questions?{query}"
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
        done = subprocess.run(
            [*command, "--virtual-time-budget=5000", "--dump-dom", address],
            capture_output=True, text=True, timeout=120, check=True, env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
        return done.stdout

    def test_a_view_is_chosen_by_its_address(self, html, tmp_path):
        found = self.dom(html, tmp_path, "result=gained&sort=seconds+down")
        assert re.findall(r'<span class="id">(\w+)</span>', found) == ["q3", "q2"]
        assert "2 of 4 questions; other has 2 right (100.0%)" in found

    def test_a_question_is_opened_and_its_text_does_nothing(self, html, tmp_path):
        found = self.dom(html, tmp_path, "q=who&open=q2")
        assert "more than 99 rows, the first 3 shown" in found
        assert "<span class=\"s\">'🦒'</span>" in found
        assert "<title>agentsql evaluation: base and other</title>" in found
        assert "<img" not in found
