"""Cuts SQL into the words that Spider's scripts see.

Source: taoyds/test-suite-sql-eval, process_sql.py, `tokenize`, and the `NLTKWordTokenizer` of nltk 3 that it calls.
"""

from __future__ import annotations

import re

from agentsql.evaluation.spider_query import OutsideGrammarError

_TOKEN = re.compile(
    r"""`+ | \.{2,} | --            # runs that stand alone
    | [][(){}<>;@\#$%&?!*]          # characters that do
    | [,:](?!\d)                    # a comma, but not that of 1,000
    | \.(?=[])}>"\s]*\Z)            # the full stop of the text
    | (?:"[^"]*" | (?!--|\.{2,}) (?:[^][(){}<>;@\#$%&?!*`\s",:.] | [,:](?=\d) | \.(?![])}>"\s]*\Z)))+""",
    re.VERBOSE,
)


def spider_tokens(sql: str) -> list[str]:
    """Give the text's words in lower case, with strings as they are, in double quotes.

    An operator is a word where spaces stand around it; `a=1` is one word, which is no name of anything.

    Raises:
        OutsideGrammarError: a quote is not closed.
    """
    text = sql.replace("'", '"')
    if text.count('"') % 2:
        raise OutsideGrammarError("a quote is not closed")
    found: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if '"' not in token:
            token = token.lower()
        elif token.count('"') > 2 or token[0] != '"' or token[-1] != '"':
            token = token.replace('"', "\0")  # a string with a word stuck to it is neither
        if token == "=" and found and found[-1] in ("!", ">", "<"):
            found[-1] += "="
        else:
            found.append(token)
    return found
