import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.questions import Question
from agentsql.runs.shard import Shard, groups, part_of, read_shard

QUESTIONS = [Question(f"q{number}", f"d{number % 3}", "?", f"/d{number % 3}.sqlite") for number in range(20)]


@pytest.mark.parametrize("of", [1, 2, 3, 7, 20, 25])
def test_shards_are_a_partition_into_equal_parts_in_the_order_of_the_file(of):
    parts = [part_of(QUESTIONS, Shard(number, of)) for number in range(1, of + 1)]
    assert sorted(one.id for part in parts for one in part) == sorted(one.id for one in QUESTIONS)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    for part in parts:
        assert list(part) == [one for one in QUESTIONS if one in part]


def test_a_shard_has_few_databases():
    assert [len({one.db_id for one in part_of(QUESTIONS, Shard(number, 3))}) for number in (1, 2, 3)] == [1, 2, 2]


def test_groups_are_the_databases_in_order_of_their_first_question():
    assert [[one.id for one in group][:2] for group in groups(QUESTIONS)] == [["q0", "q3"], ["q1", "q4"], ["q2", "q5"]]


def test_questions_without_a_database_are_grouped_by_their_schema():
    same, other = "CREATE TABLE a (b INT)", "CREATE TABLE c (d INT)"
    found = groups([Question(str(place), "", "?", schema_sql=sql) for place, sql in enumerate((same, other, same))])
    assert [[one.id for one in group] for group in found] == [["0", "2"], ["1"]]


def test_a_shard_is_read():
    assert read_shard(" 2/8") == Shard(2, 8)


@pytest.mark.parametrize("text", ["", "2", "0/8", "9/8", "-1/8", "1/0", "a/b", "1/2/3"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(UsageError, match="2/8"):
        read_shard(text)
