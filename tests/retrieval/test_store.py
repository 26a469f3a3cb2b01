"""The store of solved questions on disk: what survives, what is found, what is refused."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agentsql.errors import ExampleStoreError, MissingExtraError
from agentsql.retrieval import store as store_module
from agentsql.retrieval import writer
from agentsql.retrieval.embed import load_embedder
from agentsql.retrieval.example import Example
from agentsql.retrieval.manifest import Files, read_manifest
from agentsql.retrieval.store import ExampleStore, open_examples
from agentsql.settings import ExamplesSettings

from .conftest import HashEmbedder

SINGERS = Example("How many singers are there?", "SELECT count(*) FROM singer", "concert")
CITIES = Example(
    "List the cities of France.", "SELECT name FROM city WHERE country = 'France'", "world", dialect="sqlite"
)


def _log(store: ExampleStore) -> Path:
    manifest = read_manifest(store.folder)
    assert manifest
    return Files(store.folder, manifest.generation).log


def _questions(store: ExampleStore) -> list[str]:
    return [example.question for example in store]


def test_a_folder_that_is_not_there_is_an_empty_store_and_stays_not_there(tmp_path):
    store = ExampleStore(tmp_path / "none", lambda: pytest.fail("no model is needed"))
    assert (len(store), list(store), store.search("x", 3), store.delete(["0" * 16])) == (0, [], (), 0)
    store.warm()
    assert not store.folder.exists()


def test_what_was_added_is_there_for_the_next_process(store, hashes):
    assert store.add([SINGERS, CITIES]) == 2
    again = ExampleStore(store.folder, lambda: hashes)
    assert len(again) == 2
    assert list(again) == [SINGERS, CITIES]
    (found,) = again.search(CITIES.question, 1)
    assert found.example == CITIES
    assert found.similarity == pytest.approx(1, abs=1e-5)


def test_the_real_model_finds_a_paraphrase(tmp_path, embedder):
    store = open_examples(ExamplesSettings(folder=str(tmp_path / "examples")))
    store.add([SINGERS, CITIES])
    (first, second) = store.search("What is the number of singers?", 5)
    assert first.example == SINGERS
    assert first.similarity > 0.8 > second.similarity


def test_adding_again_adds_and_embeds_nothing(store, hashes, make_examples):
    store.add(make_examples(30))
    encoded = hashes.encoded
    same = [Example(one.question.upper() + "?", f"  {one.sql}\n", one.db) for one in make_examples(30)]
    assert store.add([*same, *same]) == 0
    assert (len(store), hashes.encoded) == (30, encoded)


def test_a_deleted_example_is_neither_found_nor_listed_and_can_come_back(store, make_examples):
    first, second, *_ = examples = make_examples(10)
    store.add(examples)
    assert store.delete([first.id, first.id, "ffffffffffffffff", "no id"]) == 1
    assert len(store) == 9
    assert first not in list(store)
    assert first not in [found.example for found in store.search(first.question, 10)]
    assert store.add([first, second]) == 1
    assert store.search(first.question, 1)[0].example == first


def test_one_process_sees_what_another_adds(store, hashes, make_examples):
    store.add(make_examples(5))
    assert len(store.search("topic1", 50)) == 5
    ExampleStore(store.folder, lambda: hashes).add(make_examples(5, start=5))
    assert len(store.search("topic1", 50)) == 10


def test_search_keeps_to_one_database_or_leaves_some_out(store, make_examples):
    for number, db in enumerate(("shop", "Zoo", "bank")):
        store.add(make_examples(20, db=db, start=100 * number))

    def databases(**wanted):
        return {found.example.db for found in store.search("topic3", 60, **wanted)}

    assert databases() == {"shop", "Zoo", "bank"}
    assert databases(only="zoo") == {"Zoo"}
    assert databases(exclude=frozenset({"ZOO", "shop"})) == {"bank"}
    assert databases(only="none") == set()


def test_a_store_of_another_model_is_refused_until_it_is_rebuilt(store, make_examples):
    store.add(make_examples(5))
    other = ExampleStore(store.folder, lambda: HashEmbedder("other"))
    for act in (lambda: other.search("topic1", 1), lambda: other.add([SINGERS])):
        with pytest.raises(ExampleStoreError, match="embedded by hash, not by other; run `agentsql examples rebuild`"):
            act()
    assert other.rebuild() == 5
    assert len(other.search("topic1", 9)) == 5
    with pytest.raises(ExampleStoreError, match="embedded by other, not by hash"):
        store.search("topic1", 1)


def test_a_store_of_another_version_of_the_model_or_another_format_is_refused(store, make_examples):
    store.add(make_examples(2))
    later = ExampleStore(store.folder, lambda: HashEmbedder("hash", 64))
    with pytest.raises(ExampleStoreError, match="by another version of hash; run `agentsql examples rebuild`"):
        later.search("topic1", 1)
    manifest = store.folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 99}))
    with pytest.raises(ExampleStoreError, match=r"have format 99, .* run `agentsql examples rebuild`"):
        len(store)
    assert store.rebuild() == 2


@pytest.mark.parametrize("where", ["_write_at", "write_manifest"])
@pytest.mark.parametrize("calls", range(6))
def test_a_crash_at_any_write_loses_no_example_that_was_confirmed(
    store, hashes, make_examples, monkeypatch, where, calls
):
    store.add(make_examples(3))
    real, left = getattr(writer, where), [calls]

    def crash(*arguments):
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(writer, where, crash)
        try:
            store.add(make_examples(2, start=10))
            store.delete([make_examples(1)[0].id])
        except KeyboardInterrupt:
            pass
    again = ExampleStore(store.folder, lambda: hashes)
    assert len(again) == len(list(again)) >= 2
    again.add(make_examples(2, start=10))
    again.delete([make_examples(1)[0].id])
    assert _questions(again) == [one.question for one in [*make_examples(3)[1:], *make_examples(2, start=10)]]
    assert {found.example.question for found in again.search("topic1", 9)} == set(_questions(again))


def test_a_process_killed_while_it_adds_leaves_every_finished_batch(tmp_path):
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from agentsql.retrieval import writer\nfrom agentsql.retrieval.example import Example\n"
        "from agentsql.retrieval.store import ExampleStore\nfrom tests.retrieval.conftest import HashEmbedder\n"
        "writer.BATCH = 4\n"
        "def endless():\n    number = 0\n    while True:\n        yield Example(f't{number}', 'SELECT 1', 'd')\n"
        "        number += 1\n        number == 42 and os._exit(9)\n"
        "model = HashEmbedder()\nExampleStore(Path(sys.argv[1]), lambda: model).add(endless())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "killed")], cwd=Path(__file__).parents[2], check=False
    )
    assert done.returncode == 9
    store = ExampleStore(tmp_path / "killed", HashEmbedder)
    assert len(store) == 40
    assert store.add([SINGERS]) == 1


def test_lines_written_by_hand_are_taken_in_with_the_next_change(store):
    store.add([SINGERS])
    with _log(store).open("ab") as file:
        file.write(json.dumps({"question": CITIES.question, "sql": CITIES.sql, "db": "world"}).encode())
    assert len(store) == 1
    assert store.delete(["0" * 16]) == 0
    assert store.add([SINGERS]) == 0
    assert _questions(store) == [SINGERS.question, CITIES.question]


def test_half_a_line_is_cut_off_and_a_line_that_is_no_example_is_named(store, make_examples):
    store.add([SINGERS])
    whole = _log(store).read_bytes()
    _log(store).write_bytes(whole + b'{"question": "How ma')
    store.add([CITIES])
    assert _questions(store) == [SINGERS.question, CITIES.question]
    _log(store).write_bytes(_log(store).read_bytes() + b"nonsense\n")
    with pytest.raises(ExampleStoreError, match=r"line at byte \d+ of .* is no example"):
        store.add(make_examples(1))


def test_a_log_that_was_edited_is_noticed_and_rebuilt(store, make_examples):
    store.add(make_examples(3))
    log = _log(store)
    log.write_bytes(log.read_bytes().replace(b"question 1", b"question 1 or so"))
    with pytest.raises(ExampleStoreError, match=r"has changed since it was indexed; run `agentsql examples rebuild`"):
        list(store)
    assert store.rebuild() == 3
    assert "topic1 question 1 or so" in _questions(store)


def test_a_lost_manifest_or_vector_file_is_made_again_from_the_log(store, make_examples):
    store.add(make_examples(4))
    (store.folder / "manifest.json").unlink()
    with pytest.raises(ExampleStoreError, match=r"have lost their manifest.json; run `agentsql examples rebuild`"):
        len(store)
    assert store.rebuild() == 4
    Files(store.folder, 2).vectors.write_bytes(b"")
    with pytest.raises(ExampleStoreError, match=r"is shorter than it was; run `agentsql examples rebuild`"):
        store.search("topic1", 1)
    assert store.rebuild() == 4
    assert len(store.search("topic1", 9)) == 4


def test_rebuilding_drops_the_text_of_what_was_deleted_and_the_files_of_before(store, make_examples):
    first, *others = make_examples(4)
    store.add([first, *others])
    store.delete([first.id])
    assert first.question.encode() in _log(store).read_bytes()
    assert store.rebuild() == 3
    assert first.question.encode() not in _log(store).read_bytes()
    assert _questions(store) == [one.question for one in others]
    assert sorted(path.name for path in store.folder.iterdir() if path.name != ".lock") == [
        "examples-2.jsonl", "manifest.json", "rows-2.bin", "vectors-2.bin",
    ]  # fmt: skip


def test_an_interrupted_rebuild_leaves_the_old_store_in_use(store, hashes, make_examples, monkeypatch):
    store.add(make_examples(4))
    with monkeypatch.context() as patch:
        patch.setattr(hashes, "encode", lambda texts: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.rebuild()
    assert len(store.search("topic1", 9)) == 4
    assert store.rebuild() == 4


def test_there_is_nothing_to_rebuild_in_an_empty_folder(store):
    with pytest.raises(ExampleStoreError, match="there are no examples in"):
        store.rebuild()


def test_writers_take_turns_and_one_that_waits_too_long_says_so(store, make_examples, monkeypatch):
    def add(start):
        ExampleStore(store.folder, HashEmbedder).add(make_examples(5, start=start))

    threads = [threading.Thread(target=add, args=(10 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(store)) == 20
    monkeypatch.setattr(store_module, "_LOCK_S", 0.05)
    with store._locked(), pytest.raises(ExampleStoreError, match="another process is changing the examples"):
        ExampleStore(store.folder, HashEmbedder).add([SINGERS])


def test_only_the_owner_may_read_the_files(store):
    store.add([SINGERS])
    modes = {stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir() if path.name != ".lock"}
    assert (modes, stat.S_IMODE(store.folder.stat().st_mode)) == ({0o600}, 0o700)


def test_a_missing_extra_is_named_only_once_there_is_something_to_search(store, monkeypatch):
    store.add([SINGERS])
    load_embedder()  # loaded already: a later one of another name has to import it again
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    other = open_examples(ExamplesSettings(str(store.folder), "another"))
    with pytest.raises(MissingExtraError, match=r"pip install 'agentsql-framework\[retrieval\]'"):
        other.search("x", 1)
    assert open_examples(ExamplesSettings(str(store.folder / "empty"), "another")).search("x", 1) == ()
