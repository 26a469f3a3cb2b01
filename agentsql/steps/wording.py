"""What a model may say to a person in the system's name."""

from __future__ import annotations

import re
from collections.abc import Collection

from agentsql.db.quote import on_one_line

LONGEST_SENTENCE = 600
"""Characters; what is longer is no short answer."""
_FOREIGN = re.compile(
    r"""
      \b[a-z][a-z0-9+.-]{1,15}://\S+                  # an address
    | \b(?:javascript|data|vbscript|mailto|tel|file):\S+
    | \bwww\.\S+
    | [\w.+-]+@[\w-]+\.[\w.-]+                        # of a person
    | !?\[[^\]]*\]\([^)]*\)                           # a Markdown link
    | </?[a-z!][^>]*>?                                # markup
    | ```
    """,
    re.VERBOSE | re.IGNORECASE,
)


def foreign_matter(text: str, known: Collection[str] = ()) -> str:
    """Give the first thing in a model's sentence that no answer of ours would hold; empty if there is none.

    A model reads names, comments and cells, whoever wrote them, and may do as they say. What it then says is taken
    for ours, so it may lead nowhere: no links, no addresses, no markup, nothing long.

    Args:
        known: cells of the answer; one that is a link or an address as a whole is what was asked for.
    """
    if len(text) > LONGEST_SENTENCE:
        return f"{len(text):,} characters"
    for found in _FOREIGN.finditer(text):
        said = found.group()
        if said.rstrip(".,;:!?)'\"") not in known and said not in known:
            return on_one_line(said)[:60]
    return ""
