"""Parts that share no database."""

from __future__ import annotations

import pytest

from agentsql.data.split import read_shares, split_databases
from agentsql.errors import UsageError

ROWS = {f"db{number}": 10 + 7 * number % 60 for number in range(100)}


def test_each_part_has_about_its_share_of_the_rows():
    parts = split_databases(ROWS, {"train": 0.8, "valid": 0.2}, seed=1)

    valid = sum(ROWS[name] for name, part in parts.items() if part == "valid")
    assert valid / sum(ROWS.values()) == pytest.approx(0.2, abs=0.01)
    assert parts.keys() == ROWS.keys()


def test_the_seed_alone_decides():
    shares = {"train": 3, "valid": 1}

    first = split_databases(ROWS, shares, seed=1)

    assert split_databases(dict(reversed(ROWS.items())), shares, seed=1) == first
    assert split_databases(ROWS, shares, seed=2) != first


def test_one_database_is_in_the_first_part():
    assert split_databases({"one": 5}, {"train": 0.9, "valid": 0.1}, seed=0) == {"one": "train"}


@pytest.mark.parametrize("text", ["train", "train=0", "train=x", "train=1,train=1", "a/b=1", "train=inf"])
def test_shares_that_say_nothing_are_refused(text):
    with pytest.raises(UsageError, match="cannot be read at"):
        read_shares(text)


def test_shares_are_read():
    assert read_shares("train=0.9, valid=.1") == {"train": 0.9, "valid": 0.1}
