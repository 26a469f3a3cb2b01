"""Settings from every source, and what is said of wrong ones."""

from pathlib import Path

import pytest

from agentsql.errors import SettingsError
from agentsql.settings import LoadedSettings, Settings, load_settings


@pytest.fixture
def load(tmp_path):
    """Gives a loader that sees only what it is passed."""

    def _load(*, user="", project="", environ=None, flags=None) -> LoadedSettings:
        user_file = tmp_path / "user.toml"
        for path, text in ((user_file, user), (tmp_path / "agentsql.toml", project)):
            if text:
                path.write_text(text, encoding="utf-8")
        return load_settings(flags=flags, environ=environ or {}, cwd=tmp_path, user_file=user_file)

    return _load


def test_without_any_source_the_defaults_hold(load):
    loaded = load()
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_each_source_wins_over_the_one_before(load, tmp_path):
    loaded = load(
        user="[budget]\ncalls = 2\ntokens = 2\nseconds = 2\ncorrections = 2",
        project="[budget]\ntokens = 3\nseconds = 3\ncorrections = 3",
        environ={"AGENTSQL_BUDGET_SECONDS": "4", "AGENTSQL_BUDGET_CORRECTIONS": "4", "HOME": "/"},
        flags={"budget.corrections": 5, "budget.calls": None},
    )
    budget = loaded.settings.budget
    assert (budget.calls, budget.tokens, budget.seconds, budget.corrections) == (2, 3, 4.0, 5)
    assert {key: origin for key, origin in loaded.origins.items() if key.startswith("budget.")} == {
        "budget.calls": str(tmp_path / "user.toml"),
        "budget.tokens": str(tmp_path / "agentsql.toml"),
        "budget.seconds": "$AGENTSQL_BUDGET_SECONDS",
        "budget.corrections": "flag",
    }


@pytest.mark.parametrize(
    ("project", "message"),
    [
        pytest.param(
            "[databse]\nmax_rows = 1",
            r"agentsql.toml: unknown section \[databse\]; did you mean 'database'",
            id="section",
        ),
        pytest.param("[zzz]\n", r"unknown section \[zzz\]; known: agent, budget", id="section like no other"),
        pytest.param("[database]\ntimout_s = 1", r"'timout_s' in \[database\]; did you mean 'timeout_s'", id="key"),
        pytest.param(
            "[database]\nzzz = 1", r"'zzz' in \[database\]; known: timeout_s, max_rows", id="key like no other"
        ),
        pytest.param("database = 3", r"'database' must be a section, written \[database\]", id="no section"),
        pytest.param(
            '[database]\nmax_rows = "many"', "max_rows must be a whole number, not 'many'", id="text for number"
        ),
        pytest.param("[database]\nmax_rows = 1.5", "max_rows must be a whole number, not 1.5", id="fraction"),
        pytest.param("[database]\nmax_rows = true", "max_rows must be a whole number, not True", id="boolean"),
        pytest.param("[database]\nmax_rows = 0", "max_rows must be at least 1, not 0", id="zero"),
        pytest.param("[budget]\ncorrections = -1", "corrections must be at least 0, not -1", id="below zero"),
        pytest.param("[database]\ntimeout_s = 0", "timeout_s must be a number above 0, not 0", id="no time"),
        pytest.param("[database]\ntimeout_s = inf", "timeout_s must be a number above 0, not inf", id="no end"),
        pytest.param("[agent]\ngraph = 3", "graph must be a text, not 3", id="number for text"),
        pytest.param("[agent\n", r"agentsql.toml is not valid TOML: .*line 1", id="syntax"),
    ],
)
def test_a_wrong_file_is_refused_with_what_was_expected(load, project, message):
    with pytest.raises(SettingsError, match=message):
        load(project=project)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        pytest.param({"AGENTSQL_DATABASE_TIMEOUT": "1"}, "did you mean 'AGENTSQL_DATABASE_TIMEOUT_S'", id="name"),
        pytest.param({"AGENTSQL_DATABASE_MAX_ROWS": "x"}, "variable AGENTSQL_DATABASE_MAX_ROWS: .* not 'x'", id="type"),
        pytest.param({"AGENTSQL_DATABASE_TIMEOUT_S": "nan"}, "must be a number above 0, not nan", id="range"),
    ],
)
def test_a_wrong_variable_is_refused_by_name(load, environ, message):
    with pytest.raises(SettingsError, match=message):
        load(environ=environ)


def test_a_wrong_flag_is_refused(load):
    with pytest.raises(SettingsError, match=r"command line: \[database\] max_rows must be at least 1, not -4"):
        load(flags={"database.max_rows": -4})


@pytest.mark.parametrize("variable", ["AGENTSQL_DEBUG", "AGENTSQL_PLUGIN_PRICES"])
def test_the_debug_switch_and_the_variables_of_plugins_are_no_settings(load, variable):
    assert load(environ={variable: "1"}).settings == Settings()


def test_a_relative_path_in_a_file_is_relative_to_that_file(load, tmp_path):
    loaded = load(project='[schema]\nnotes = "notes.toml"')
    assert Path(loaded.settings.schema.notes) == tmp_path / "notes.toml"


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    (tmp_path / "agentsql.toml").mkdir()
    with pytest.raises(SettingsError, match=r"cannot read the settings file .*agentsql.toml: Is a directory"):
        load_settings(environ={}, cwd=tmp_path, user_file=tmp_path / "none.toml")


def test_a_value_is_found_by_its_dotted_key(load):
    assert load().value("database.max_rows") == 1000
