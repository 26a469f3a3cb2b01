"""Key files: written, read, followed, and refused with what is wrong."""

from __future__ import annotations

import re
import stat

import pytest

from agentsql.errors import UsageError
from agentsql.serving.keys import Caller, KeyRing, add_key, hash_key, keys_of_variable, read_keys
from agentsql.types import Principal

HASH = hash_key("secret")


def test_a_key_is_found_by_itself_and_kept_as_its_hash(tmp_path):
    file = tmp_path / "keys.toml"
    key = add_key(file, "ann", databases=("sales",), per_minute=30)
    add_key(file, "bob")
    ring = KeyRing(file, {})
    assert ring.find(key) == Caller("ann", ("sales",), 30, "ann")
    assert ring.find(key + "x") is None
    assert key not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_withdrawn_key_opens_nothing_a_second_later(tmp_path):
    file, now = tmp_path / "keys.toml", [0.0]
    key = add_key(file, "ann")
    ring = KeyRing(file, {}, clock=lambda: now[0])
    file.write_text("")
    now[0] = 2.0
    assert ring.find(key) is None


def test_a_file_broken_while_serving_leaves_the_keys_as_they_were(tmp_path):
    file, now = tmp_path / "keys.toml", [0.0]
    key = add_key(file, "ann")
    ring = KeyRing(file, {}, clock=lambda: now[0])
    file.write_text("[ann")
    now[0] = 2.0
    assert ring.find(key) is not None


def test_the_principal_of_a_key_is_its_name_unless_the_file_says_more(tmp_path):
    file = tmp_path / "keys.toml"
    who = '{ name = "Ann", roles = ["analyst"], attributes = { region = ["EU", "US"] } }'
    file.write_text(f'[ann]\nhash = "{HASH}"\nprincipal = {who}\n[bob]\nhash = "{hash_key("b")}"\n')
    callers = read_keys(file)
    assert callers[HASH].principal == Principal("Ann", {"region": ("EU", "US")}, ("analyst",))
    assert callers[hash_key("b")].principal == "bob"


def test_keys_come_from_the_environment_too():
    assert keys_of_variable(f"ann={HASH}, bob={hash_key('b')},").keys() == {HASH, hash_key("b")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ann", "not valid TOML"),
        ('ann = "x"', "must be a section"),
        ("[ann]", "needs hash"),
        ('[ann]\nhash = "plain"', "needs hash"),
        (f'["a/b"]\nhash = "{HASH}"', "a name has 1 to 64"),
        (f'[ann]\nhash = "{HASH}"\ndatabase = ["x"]', "did you mean 'databases'"),
        (f'[ann]\nhash = "{HASH}"\nper_minute = -1', "per_minute must be"),
        (f'[ann]\nhash = "{HASH}"\nprincipal = 7', "principal must be"),
        (f'[ann]\nhash = "{HASH}"\n[bob]\nhash = "{HASH}"', "same hash"),
    ],
)
def test_a_wrong_key_file_is_refused_with_what_is_wrong(tmp_path, text, said):
    file = tmp_path / "keys.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=re.escape(said)):
        read_keys(file)


def test_a_name_is_given_once(tmp_path):
    add_key(tmp_path / "keys.toml", "ann")
    with pytest.raises(UsageError, match="already"):
        add_key(tmp_path / "keys.toml", "ann")
