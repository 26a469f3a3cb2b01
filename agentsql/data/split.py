"""Parts of a set of questions that share no database."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from agentsql.errors import UsageError


def read_shares(text: str) -> dict[str, float]:
    """Read `train=0.9,valid=0.1`; the shares need not add up to 1.

    Raises:
        UsageError: it is not written so.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = (one.strip() for one in part.partition("="))
        try:
            share = float(number)
        except ValueError:
            share = 0.0
        if not name.isidentifier() or name in shares or not 0 < share < float("inf"):
            raise UsageError(f"the split {text!r} cannot be read at {part!r}; write it as train=0.9,valid=0.1")
        shares[name] = share
    return shares


def split_databases(rows: Mapping[str, int], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Give the part of each database, so that each part has about its share of the rows.

    The databases are dealt in an order that the seed decides alone, each to the part that lacks most of its share.
    The same databases with the same rows are always dealt alike.

    Args:
        rows: how many rows each database has.
    """
    order = sorted(rows)
    random.Random(seed).shuffle(order)
    # Large ones first: dealt last, one of them could not be evened out any more. Sorting keeps the seed's order among
    # those of about one size.
    order.sort(key=lambda name: -rows[name].bit_length())
    total, weight = sum(rows.values()), sum(shares.values())
    lacking = {name: share / weight * total for name, share in shares.items()}
    parts: dict[str, str] = {}
    for name in order:
        part = _neediest(lacking, list(shares))
        parts[name] = part
        lacking[part] -= rows[name]
    return parts


def _neediest(lacking: Mapping[str, float], names: Sequence[str]) -> str:
    return max(names, key=lambda name: lacking[name])
