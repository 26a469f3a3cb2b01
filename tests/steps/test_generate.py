"""The step that lets the SQL model write queries."""

from __future__ import annotations

from agentsql.steps.generate import generate
from agentsql.testing import check_step
from agentsql.types import Candidate, Completion, Links, Turn


async def test_one_greedy_query_is_asked_for_and_taken_out_of_its_fence(run) -> None:
    done = await run(generate, replies=("```sql\nSELECT count(*) FROM singer;\n```",))
    assert done.updates == {"candidates": (Candidate("full-1", "SELECT count(*) FROM singer"),)}
    assert done.model.options[0]["temperature"] == 0.0


async def test_several_queries_come_from_one_request(run) -> None:
    done = await run(generate, replies=("SELECT 1", "SELECT 2"), options={"candidates": 2, "temperature": 0.5})
    assert [one.sql for one in done.updates["candidates"]] == ["SELECT 1", "SELECT 2"]
    assert len(done.model.asked) == 1


async def test_the_prompt_ends_with_evidence_and_question(run) -> None:
    done = await run(generate, replies=("SELECT 1",), evidence="old means over 40")
    assert done.prompt.endswith("Evidence: old means over 40\nQuestion: How many singers are there?")


async def test_values_are_hinted_where_they_stand_in_few_places(run) -> None:
    links = Links(values=(("singer", "country", "France"),))
    done = await run(generate, replies=("SELECT 1",), links=links)
    assert "Values: 'France' is a value of singer.country." in done.prompt
    silent = await run(generate, replies=("SELECT 1",), links=links, options={"hints": False})
    assert "Values" not in silent.prompt


async def test_a_follow_up_is_asked_after_the_turns_before_it(run) -> None:
    history = (Turn("How many singers are French?", "SELECT count(*) FROM singer WHERE country = 'France'"),)
    done = await run(generate, replies=("SELECT 1",), question="And Dutch?", history=history)
    (asked,) = done.model.asked
    assert [message.role for message in asked] == ["system", "user", "assistant", "user"]
    assert asked[2].content == "SELECT count(*) FROM singer WHERE country = 'France'"


async def test_only_the_pruned_tables_are_shown(run) -> None:
    done = await run(generate, replies=("SELECT 1",), tables=("concert",))
    (asked,) = done.model.asked
    assert "CREATE TABLE concert" in asked[0].content
    assert "CREATE TABLE singer " not in asked[0].content
    assert done.updates["candidates"][0].name == "pruned-1"


async def test_candidates_are_spread_over_the_views_in_one_request_each(run) -> None:
    links = Links(("singer",), (("singer", "age"),))
    done = await run(
        generate,
        replies=("SELECT 1",),
        tables=("singer",),
        links=links,
        options={"candidates": 5, "temperature": 0.2, "views": ["full", "pruned", "pruned-links", "full-links"]},
    )
    assert [one.name for one in done.updates["candidates"]] == [
        "full-1",
        "full-2",
        "pruned-1",
        "pruned-links-1",
        "full-links-1",
    ]
    assert [options["n"] for options in done.model.options] == [2, 1, 1, 1]
    assert ["Likely needed: singer (age)" in asked[-1].content for asked in done.model.asked] == [
        False,
        False,
        True,
        True,
    ]
    assert ["CREATE TABLE concert" in asked[0].content for asked in done.model.asked] == [True, False, False, True]


async def test_a_view_that_would_show_the_same_as_another_is_left_out(run) -> None:
    views = ["full", "pruned", "pruned-links", "full-links"]
    done = await run(generate, replies=("SELECT 1",), options={"candidates": 8, "views": views})
    assert [options["n"] for options in done.model.options] == [8]


async def test_later_candidates_do_not_take_the_names_of_earlier_ones(run) -> None:
    done = await run(generate, replies=("SELECT 2",), candidates=(Candidate("full-1", "SELECT 1"),))
    assert [one.name for one in done.updates["candidates"]] == ["full-2"]


async def test_solved_questions_stand_before_the_task(run) -> None:
    done = await run(generate, replies=("SELECT 1",), examples=(("How many dogs?", "SELECT count(*) FROM dog"),))
    assert done.prompt.startswith("Question: How many dogs?\nSELECT count(*) FROM dog\n")


async def test_with_a_grammar_the_server_is_told_which_queries_the_shown_tables_allow(run) -> None:
    done = await run(generate, replies=("SELECT 1",), tables=("concert",), options={"grammar": True})
    grammar = done.model.options[0]["grammar"]
    assert "[tT] [iI] [tT] [lL] [eE]" in grammar
    assert "[cC] [oO] [uU] [nN] [tT] [rR] [yY]" not in grammar  # a column of `singer`
    free = await run(generate, replies=("SELECT 1",))
    assert free.model.options[0]["grammar"] is None


class CutOff:
    """A model whose reply ends at the token limit, in the middle of a query, and that knows no grammars."""

    name = "cut off"

    async def complete(self, messages, **options):
        whole = Completion("SELECT name FROM singer WHERE age > 4", "length", degraded=("grammar",))
        return (whole,)

    async def close(self) -> None: ...


async def test_a_query_that_the_limit_cut_off_is_not_executed(tiny) -> None:
    done = await check_step(generate, database=tiny, model=CutOff(), grammar=True)
    (candidate,) = done["candidates"]
    assert candidate.failure is not None
    assert "cut off" in candidate.failure.message


async def test_without_a_grammar_it_is_prose_behind_the_query_that_is_cut_off(tiny) -> None:
    done = await check_step(generate, database=tiny, model=CutOff())
    assert done["candidates"][0].failure is None
