"""Tables ranked for a question without a model."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.db.table_scores import index_tables, table_description


def table(name: str, columns: str, *keys: ForeignKey, comment: str = "", comments: str = "") -> Table:
    return Table(
        name,
        tuple(Column(one, "TEXT", comment=comments) for one in columns.split()),
        foreign_keys=keys,
        comment=comment,
    )


SCHEMA = Schema(
    "sqlite",
    (
        table("Customers", "customer_id full_name"),
        table("Flight", "flight_no origin"),
        table("Has_Pet", "student_id pet_id", ForeignKey(("student_id",), "Student", ("id",)),
              ForeignKey(("pet_id",), "Pets", ("id",))),
        table("Pets", "id weight"),
        table("Student", "id surname"),
        table("employee", "salary", comment="people who work here"),
        table("ledger", "amount", comments="money spent"),
        table("trip", "subscription_type"),
    ),
)  # fmt: skip
INDEX = index_tables(SCHEMA)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        pytest.param("How many flights are there?", ("Flight",), id="a table's name, in the plural"),
        pytest.param("List every surname", ("Student",), id="a column's name"),
        pytest.param("Which people have the highest pay?", ("employee",), id="a table's comment"),
        pytest.param("What was the money spent on?", ("ledger",), id="a column's comment"),
        pytest.param("How many flihgts are there?", ("Flight",), id="a typing error"),
        pytest.param("Who is employed?", ("employee",), id="another form of the word"),
        pytest.param("What is the weight of each student's pet?", ("Has_Pet", "Pets", "Student"), id="joined tables"),
        pytest.param("Will it rain?", (), id="nothing"),
        pytest.param("", (), id="no words"),
    ],
)
def test_what_the_question_speaks_of_comes_first(question: str, first: tuple[str, ...]) -> None:
    assert tuple(sorted(INDEX.ranked(question)[: len(first) or 1])) == first


def test_tables_one_key_away_follow_and_others_are_left_out() -> None:
    assert INDEX.ranked("weight") == ("Pets", "Has_Pet", "Student")


def test_a_value_counts_for_the_tables_that_hold_it() -> None:
    assert INDEX.ranked("Who is Smith?", values=[("Student", "surname", "Smith")])[0] == "Student"


def test_a_value_that_is_the_name_of_tables_does_not_hide_them() -> None:
    assert INDEX.ranked("How many customers?", values=[("trip", "subscription_type", "Customer")])[0] == "Customers"


def test_the_rarer_word_decides() -> None:
    wide = Schema("sqlite", (*(table(f"t{number}", "name code") for number in range(9)), table("z", "name iban")))
    assert index_tables(wide).ranked("the code and the iban")[0] == "z"


def test_similar_meaning_finds_what_no_word_does() -> None:
    similarities = {"Customers": 0.1, "Flight": 0.6, "Has_Pet": 0.05, "Pets": 0.05}
    assert INDEX.ranked("air travel", similarities=similarities)[0] == "Flight"
    assert INDEX.ranked("air travel", similarities=dict.fromkeys(similarities, 0.2)) == ()


def test_equal_tables_are_in_the_order_of_their_names() -> None:
    twins = index_tables(Schema("sqlite", tuple(table(f"visit_{letter}", "id") for letter in "cab")))
    assert twins.ranked("visits") == ("visit_a", "visit_b", "visit_c")


def test_the_order_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from agentsql.db.schema import Column, Schema, Table\n"
        "from agentsql.db.table_scores import index_tables\n"
        "columns = lambda n: tuple(Column(f'{word}{n % 3}', '') for word in ('red', 'green', 'blue'))\n"
        "tables = [Table(f't{n}', columns(n)) for n in range(30)]\n"
        "print(index_tables(Schema('sqlite', tuple(tables))).ranked('red1 green2 blue0 red2 green1'))\n"
    )
    orders = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in "12"
    }
    assert len(orders) == 1


def test_a_description_is_in_words() -> None:
    described = table_description(table("Has_Pet", "StudentID pet_id", comment="who owns what"))
    assert described == "has pet (who owns what): student id, pet id"


def test_a_hub_of_a_thousand_tables_is_ranked_at_once() -> None:
    key = ForeignKey(("hub_id",), "hub", ("id",))
    schema = Schema("sqlite", (table("hub", "id"), *(table(f"part_{n}", f"hub_id size_{n}", key) for n in range(1000))))
    index = index_tables(schema)
    started = time.perf_counter()
    assert index.ranked("What is the size 17 of part 17 and its hub?")[:2] == ("part_17", "hub")
    assert time.perf_counter() - started < 0.5
