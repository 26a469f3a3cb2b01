"""The reasons for which an answer can be wrong."""

from __future__ import annotations

from typing import Literal, get_args

Category = Literal[
    "gold broken",
    "not asked",
    "refused",
    "no SQL",
    "timeout",
    "syntax",
    "dialect",
    "wrong table",
    "missing join",
    "extra join",
    "join condition",
    "set operation",
    "nesting",
    "wrong aggregate",
    "grouping",
    "wrong column",
    "projection",
    "condition",
    "wrong value",
    "order or limit",
    "distinct",
    "empty",
    "other",
]

CATEGORIES: tuple[Category, ...] = get_args(Category)
"""In the order of weight: where several hold of a query, the first is why it failed."""

MEANING: dict[Category, str] = {
    "gold broken": "the gold SQL itself fails, so that no answer can be right",
    "not asked": "the run could not ask the question: an endpoint or database was gone",
    "refused": "the question or the query was refused",
    "no SQL": "there is no SQL: a reply, a question back, or nothing",
    "timeout": "the query did not end in time",
    "syntax": "no database takes the SQL",
    "dialect": "another database might take the SQL, this one does not",
    "wrong table": "it reads a table in place of the one that is needed",
    "missing join": "a table that is needed is not read",
    "extra join": "a table is read that is not needed and changes the rows",
    "join condition": "the right tables are joined in a wrong way",
    "set operation": "UNION, INTERSECT or EXCEPT is missing, needless or another one",
    "nesting": "a subquery is missing, needless or wrong",
    "wrong aggregate": "an aggregate function is missing, needless or another one",
    "grouping": "GROUP BY or HAVING is missing, needless or wrong",
    "wrong column": "another column is used than the one that is needed",
    "projection": "columns too many, too few, or in another order",
    "condition": "a condition is missing, needless or compares in another way",
    "wrong value": "a condition compares the right column with a wrong value",
    "order or limit": "ORDER BY or LIMIT is missing, needless or wrong",
    "distinct": "DISTINCT is missing or needless",
    "empty": "it gives no rows where there should be some, and nothing else is known",
    "other": "none of these, or the SQL cannot be taken apart",
}
