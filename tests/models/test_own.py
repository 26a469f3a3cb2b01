"""Models of the user's own: names for files, and for models with adapters."""

from __future__ import annotations

import pytest

from agentsql.errors import ModelFileError, UsageError
from agentsql.folders import data_folder
from agentsql.models.own import add_model, expanded, own_models, remove_model
from agentsql.models.spec import open_endpoint


def test_a_name_stands_for_what_was_added_until_it_is_removed():
    add_model("mine", "qwen2.5-coder-0.5b+/some where/a.gguf")
    assert own_models() == {"mine": "qwen2.5-coder-0.5b+/some where/a.gguf"}
    assert (expanded("mine"), expanded("other")) == ("qwen2.5-coder-0.5b+/some where/a.gguf", "other")
    assert remove_model("mine")
    assert not remove_model("mine")
    assert own_models() == {}


@pytest.mark.parametrize("name", ["qwen2.5-coder-0.5b", "taken"])
def test_a_name_that_is_taken_is_refused(name):
    add_model("taken", "a.gguf")
    with pytest.raises(UsageError, match="already; choose another --name"):
        add_model(name, "b.gguf")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a+b", "a@b", "x.gguf"])
def test_a_name_that_a_spec_cannot_hold_is_refused(name):
    with pytest.raises(UsageError, match="cannot be a model's name"):
        add_model(name, "a.gguf")


def test_a_broken_list_is_named():
    add_model("mine", "a.gguf")
    (data_folder() / "models.toml").write_text("models = ")
    with pytest.raises(ModelFileError, match=r"models\.toml.*correct or remove it"):
        own_models()


def test_a_spec_opens_what_stands_behind_its_name(tmp_path):
    add_model("mine", f"qwen2.5-coder-0.5b+{tmp_path}/missing.gguf")
    with pytest.raises(ModelFileError, match=r"missing\.gguf"):
        open_endpoint("local:mine")
    (tmp_path / "missing.gguf").touch()
    assert open_endpoint("local:mine").name == "local:mine"
