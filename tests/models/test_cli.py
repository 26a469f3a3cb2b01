"""`agentsql models`, on a catalogue of one tiny model."""

import json

import pytest

from agentsql.cli.main import main
from agentsql.models import catalogue as catalogue_module

from .conftest import Index


@pytest.fixture
def index(make_index, monkeypatch, tmp_path) -> Index:
    """A catalogue of one tiny model, and folders of the test's own."""
    made = make_index()
    monkeypatch.setattr(catalogue_module, "catalogue", lambda: {"tiny": made.model})
    monkeypatch.setenv("AGENTSQL_MODELS_DIRECTORY", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


def test_a_model_is_listed_pulled_found_and_removed(index, capsys, tmp_path):
    path = tmp_path / "models" / "tiny.gguf"
    assert main(["models", "list", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["name"], entry["bytes"], entry["installed"]) == ("tiny", index.model.bytes, False)
    assert main(["models", "path", "tiny"]) == 1
    assert "run `agentsql models pull tiny`" in capsys.readouterr().err
    assert main(["models", "pull", "tiny"]) == 0
    said = capsys.readouterr()
    assert said.out == f"{path}\n"
    assert "downloading tiny: 0 of 0 MB" in said.err
    assert main(["models", "list"]) == 0
    assert "yes" in capsys.readouterr().out
    assert main(["models", "rm", "tiny"]) == 0
    assert not path.exists()


@pytest.mark.usefixtures("index")
def test_ps_and_stop_without_a_server(capsys):
    assert main(["models", "ps", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["models", "stop"]) == 0
    assert capsys.readouterr().err == "no server was running\n"


@pytest.mark.usefixtures("index")
def test_a_name_that_is_not_in_the_catalogue_is_a_model_error(capsys):
    assert main(["models", "pull", "tinyy"]) == 5
    assert "did you mean 'tiny'?" in capsys.readouterr().err
