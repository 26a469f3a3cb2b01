"""Token counts."""

from __future__ import annotations

import pytest

from agentsql.data.lengths import histogram, lengths_of, open_counter
from agentsql.errors import TrainingDataError
from agentsql.types import Message


def test_every_row_is_in_one_bin():
    counts = [*range(100, 400), 5000]

    found = lengths_of(counts)

    assert (found.rows, found.p50, found.p99, found.most) == (301, 250, 397, 5000)
    assert sum(count for _, _, count in found.bins) == 301
    assert found.bins[-1] == (400, 5001, 1)
    assert len(histogram(found).splitlines()) == len(found.bins)


@pytest.mark.parametrize("counts", [[7], [7, 7, 7], [0, 1]])
def test_few_lengths_have_a_histogram_too(counts):
    assert sum(count for _, _, count in lengths_of(counts).bins) == len(counts)


def test_nothing_has_no_lengths():
    assert lengths_of([]) is None


def test_the_estimate_says_that_it_is_one():
    counter = open_counter()

    assert counter.method.startswith("estimated")
    assert counter.of_row([Message("user", "x" * 300)], "y" * 30) == (105, 15)


def test_a_tokenizer_counts_exactly(tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.save(str(tmp_path / "tokenizer.json"))

    for place in (tmp_path, tmp_path / "tokenizer.json"):
        assert open_counter(str(place)).count("a b c a") == 4


def test_a_tokenizer_that_is_none_is_named(tmp_path):
    pytest.importorskip("tokenizers")
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(TrainingDataError, match=r"the tokenizer .* cannot be loaded"):
        open_counter(str(tmp_path))
