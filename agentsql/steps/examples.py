"""Makes of a question, its SQL and a database's words what the store of solved questions compares and keeps."""

from __future__ import annotations

from datetime import UTC, datetime

from agentsql.db.database import Database
from agentsql.db.words import COMMON, meaning_words, words_of
from agentsql.errors import UsageError
from agentsql.retrieval.example import Example
from agentsql.retrieval.mask import mask_question, names_of_sql
from agentsql.types import Links


def masked_by_links(question: str, links: Links) -> str:
    """Give the question with what it names of the schema masked."""
    names = (*links.tables, *(column for _, column in links.columns))
    return mask_question(question, names, (text for _, _, text in links.values), words_of)


def masked_by_sql(question: str, sql: str, dialect: str) -> str:
    """Give a solved question masked by what its own SQL names, each word of a name too; needs no schema."""
    names, values = names_of_sql(sql, dialect)
    words = {word for name in names for word in meaning_words(name)}
    whole = [name for name in names if not COMMON.issuperset(words_of(name))]
    return mask_question(question, (*whole, *words), values, words_of)


def confirmed_example(database: Database, question: str, sql: str, *, source: str) -> Example:
    """Run the SQL through both locks and give the example it makes with its question.

    Raises:
        UsageError: the question is empty, or the SQL does not run.
    """
    question, sql = question.strip(), sql.strip().rstrip(";").rstrip()
    if not question:
        raise UsageError("an example needs its question; give it in full, as it would be asked")
    failure = database.run(sql, max_rows=1).error
    if failure is not None:
        raise UsageError(
            f"the SQL does not run on {database.name!r} ({failure.message}) and is not kept; correct it and try again"
        )
    return Example(
        question,
        sql,
        database.name,
        masked_by_sql(question, sql, database.dialect),
        database.dialect,
        datetime.now(UTC).isoformat(timespec="seconds"),
        source,
    )
