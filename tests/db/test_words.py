"""Schema words found in a question, without a model."""

from __future__ import annotations

import time

import pytest

from agentsql.db.schema import Column, Schema, Table
from agentsql.db.words import index_words, words_of
from agentsql.types import Links


def column(name: str, *values: str) -> Column:
    return Column(name, "TEXT", values=values)


SCHEMA = Schema(
    "sqlite",
    (
        Table("Album", (column("AlbumId"), column("Title", "Big Ones"))),
        Table("InvoiceLine", (column("Unit Price"), column("state", "CA", "New York"))),
        Table("größe", (column("höhe", "Köln"),)),
    ),
)


@pytest.mark.parametrize(
    ("question", "links"),
    [
        pytest.param("How many albums?", Links(tables=("Album",)), id="plural"),
        pytest.param("unit prices", Links(columns=(("InvoiceLine", "Unit Price"),)), id="column of two words"),
        pytest.param("invoice lines", Links(tables=("InvoiceLine",)), id="camel case"),
        pytest.param("In new york?", Links(values=(("InvoiceLine", "state", "New York"),)), id="value of two words"),
        pytest.param("KOLN", Links(values=(("größe", "höhe", "Köln"),)), id="accents folded"),
        pytest.param("Was ist die Höhe?", Links(columns=(("größe", "höhe"),)), id="unicode"),
        pytest.param("What is the weather?", Links(), id="nothing"),
        pytest.param("", Links(), id="empty"),
    ],
)
def test_the_words_of_a_question_find_what_they_name(question: str, links: Links) -> None:
    assert index_words(SCHEMA).find(question) == links


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("countries", ("country",)),
        ("addresses", ("address",)),
        ("status", ("status",)),
        ("boxes", ("box",)),
        ("singer_in_concert", ("singer", "in", "concert")),
        ("HTTPServer2", ("httpserver2",)),
    ],
)
def test_words_are_folded_to_one_form(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


def test_500_tables_are_indexed_and_searched_in_a_blink() -> None:
    tables = tuple(
        Table(f"table_{number}", tuple(column(f"column_{place}", "red", "green") for place in range(20)))
        for number in range(500)
    )
    started = time.perf_counter()
    found = index_words(Schema("sqlite", tables)).find("Which rows of table 17 are red?")
    assert time.perf_counter() - started < 1.0
    assert found.tables == ("table_17",)
