"""Changes that must not change the verdict of lock one, and texts that must not upset it."""

from __future__ import annotations

import os
import time

import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from agentsql.db.guard import StatementRefused, read_only_query
from tests.db.adversarial.sheets import FAMILIES, read_sheet

QUICK = settings(
    max_examples=int(os.environ.get("AGENTSQL_EXAMPLES", "25")), deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck), database=None,
)  # fmt: skip
WRAPPED = ("SELECT * FROM ({}) AS wrapped", "WITH wrapped AS ({}) SELECT * FROM wrapped", "SELECT 1 WHERE EXISTS ({})")
HOSTILE_REASONS = ("functions", "waiting", "files", "the catalogue", "sequences", "session state")
QUERIES = {
    dialect: [
        one.sql
        for one in read_sheet("refused", dialect)
        if one.sql.startswith(("SELECT", "WITH")) and one.reason.startswith(HOSTILE_REASONS)
    ]
    for dialect in FAMILIES
}
HARMLESS = {dialect: [one.sql for one in read_sheet("harmless", dialect)] for dialect in FAMILIES}


def passes(sql: str, dialect: str) -> bool:
    """Ask lock one; anything but a refusal that it raises fails the test."""
    try:
        read_only_query(sql, dialect)
    except StatementRefused as refused:
        assert refused.failure.kind in ("syntax", "refused", "other")
        return False
    return True


def respaced(sql: str, dialect: str, gaps: list[str], upper: bool) -> str:
    """Write the same tokens with other blanks, comments and letter case between and in them."""
    written = []
    end = -1
    for number, token in enumerate(Dialect.get_or_raise(dialect).tokenize(sql)):
        text = sql[token.start : token.end + 1]
        between = sql[end + 1 : token.start]
        if token.token_type == TokenType.VAR and text.isascii() and upper:
            text = text.upper() if text.islower() else text
        written += [gaps[number % len(gaps)] if between.isspace() else between, text]
        end = token.end
    return "".join(written)


BLANKS = [" ", "\t", "\n", "\r\n", " /* a */ ", " /* ; ' */ ", " -- b\n", "  "]
gap = st.lists(st.sampled_from(BLANKS), min_size=1, max_size=9)


@pytest.mark.parametrize("dialect", FAMILIES)
@QUICK
@given(drawn=st.data(), gaps=gap, upper=st.booleans())
def test_blanks_comments_and_letter_case_change_no_verdict(dialect: str, drawn, gaps: list[str], upper: bool) -> None:
    harmless = drawn.draw(st.sampled_from(HARMLESS[dialect]))
    if "#" not in harmless and "--" not in harmless:
        assert passes(respaced(harmless, dialect, gaps, False), dialect)
    hostile = drawn.draw(st.sampled_from(QUERIES[dialect]))
    try:
        mutated = respaced(hostile, dialect, gaps, upper)
    except SqlglotError:
        return
    assert not passes(mutated, dialect)


@pytest.mark.parametrize("dialect", FAMILIES)
@QUICK
@given(drawn=st.data(), frame=st.sampled_from(WRAPPED), depth=st.integers(1, 3))
def test_what_is_hostile_stays_so_however_deep_it_lies(dialect: str, drawn, frame: str, depth: int) -> None:
    sql = drawn.draw(st.sampled_from(QUERIES[dialect]))
    for _ in range(depth):
        sql = frame.format(sql.rstrip("; "))
    assert not passes(sql, dialect)
    assert not passes(f"SELECT 1 UNION ALL {sql}", dialect)


@pytest.mark.parametrize("dialect", FAMILIES)
@QUICK
@given(drawn=st.data(), frame=st.sampled_from(WRAPPED))
def test_what_is_harmless_stays_so_within_another_query(dialect: str, drawn, frame: str) -> None:
    plain = [sql for sql in HARMLESS[dialect] if sql.startswith("SELECT") and not sql.rstrip().endswith(";")]
    sql = drawn.draw(st.sampled_from([one for one in plain if "--" not in one and "#" not in one and "//" not in one]))
    assert passes(frame.format(sql), dialect)


@pytest.mark.parametrize("dialect", FAMILIES)
@QUICK
@given(drawn=st.data())
def test_what_sqlglot_writes_of_a_harmless_statement_passes_again(dialect: str, drawn) -> None:
    sql = drawn.draw(st.sampled_from([one for one in HARMLESS[dialect] if one.startswith("SELECT name")]))
    assert passes(sqlglot.parse_one(sql, read=dialect).sql(dialect), dialect)


words = st.sampled_from(
    "SELECT FROM WHERE WITH AS UNION ALL ( ) [ ] { } , ; . * :: := -> ->> @ @@ $ $$ # -- /* */ /*! ' '' \" ` \\ E' "
    "U& N' x' customer name pg_sleep sleep read_csv INTO OUTFILE LATERAL VALUES CASE WHEN END IN NOT NULL 1 1.5 0x1 "
    "FOR UPDATE TABLE PIVOT UNPIVOT ON USING OVER FILTER INTERVAL CAST DELETE INSERT SHOW SET \u200b "
    "\ufeff \u017f \uff1d \r \n".split(" ")
)


@pytest.mark.parametrize("dialect", (*FAMILIES, "snowflake", "bigquery", "tsql", "oracle", "clickhouse", "redshift"))
@QUICK
@given(text=st.one_of(st.text(max_size=300), *(st.lists(words, max_size=60).map(glue.join) for glue in ("", " "))))
def test_no_text_raises_anything_but_a_refusal_or_takes_long(dialect: str, text: str) -> None:
    started = time.process_time()
    passes(text, dialect)
    passes(f"SELECT {text}", dialect)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("dialect", FAMILIES)
@QUICK
@given(drawn=st.data(), unit=st.sampled_from("( [ { CASE~ NOT~ -~ a. x-> ' \" $a /* f( a, ::int".split()))
def test_repeating_a_piece_takes_no_more_than_its_length(dialect: str, drawn, unit: str) -> None:
    times = drawn.draw(st.integers(1, 3000))
    started = time.process_time()
    passes("SELECT " + unit.replace("~", " ") * times + "1", dialect)
    assert time.process_time() - started < 20
