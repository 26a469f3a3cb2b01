"""How many tokens rows take."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from agentsql.db.render import CHARACTERS_A_TOKEN, estimated_tokens
from agentsql.errors import MissingExtraError, TrainingDataError
from agentsql.models.hub import cached_file, hub_in_reach
from agentsql.types import Message

TOKENS_A_MESSAGE = 5
"""What a chat template adds to a message: begin, role, line break, end, line break (ChatML, which Qwen has)."""
_BINS = 12
_BAR = 40
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")

Counter = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """Counts tokens, and says by what."""

    method: str
    count: Counter

    def of_row(self, prompt: Sequence[Message], reply: str) -> tuple[int, int]:
        """Give the tokens of prompt and reply, with what a chat template adds."""
        texts = sum(self.count(message.content) for message in prompt)
        return texts + TOKENS_A_MESSAGE * len(prompt), self.count(reply) + TOKENS_A_MESSAGE


@dataclass(frozen=True, slots=True)
class Lengths:
    """Statistics of token counts."""

    rows: int
    mean: float
    p50: int
    p95: int
    p99: int
    most: int
    bins: tuple[tuple[int, int, int], ...]
    """(from, below, rows), all of one width but the last, which holds every longer one."""


def open_counter(tokenizer: str = "") -> TokenCounter:
    """Give a counter.

    Args:
        tokenizer: a `tokenizer.json`, a model's folder that has one, or a model's name on the hub; empty estimates.

    Raises:
        TrainingDataError: there is no such tokenizer.
        MissingExtraError: the package `tokenizers` is not installed.
    """
    if not tokenizer:
        method = f"estimated at {CHARACTERS_A_TOKEN:g} UTF-8 bytes a token, which errs on the high side"
        return TokenCounter(method, estimated_tokens)
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError as exc:
        raise MissingExtraError("counting tokens by a tokenizer", "tokenizers", "train") from exc
    path = Path(tokenizer).expanduser()
    file: Path | None = path / "tokenizer.json" if path.is_dir() else path
    try:
        if file and not file.exists():
            file = _on_hub(tokenizer, path)
        loaded = Tokenizer.from_file(str(file)) if file else Tokenizer.from_pretrained(tokenizer)
    except TrainingDataError:
        raise
    except Exception as exc:  # the library is foreign code, and raises plain Exception for whatever goes wrong
        raise TrainingDataError(
            f"the tokenizer {tokenizer!r} cannot be loaded ({str(exc).splitlines()[0] if str(exc) else exc!r}); "
            "give a tokenizer.json, a model's folder that has one, or a model's name on the hub"
        ) from exc
    return TokenCounter(
        f"by the tokenizer {tokenizer}", lambda text: len(loaded.encode(text, add_special_tokens=False))
    )


def _on_hub(tokenizer: str, path: Path) -> Path | None:
    """Give the copy in the hub's cache where the hub is not in reach, whose own client would try for a minute."""
    if path.is_dir() or not _HUB_NAME.fullmatch(tokenizer):
        reason = f"{path} has no tokenizer.json" if path.is_dir() else "there is no such file"
    elif hub_in_reach():
        return None
    elif cached := cached_file(tokenizer, "tokenizer.json"):
        return cached
    else:
        reason = "the hub is not in reach, and it was not fetched before"
    raise TrainingDataError(
        f"the tokenizer {tokenizer!r} cannot be loaded: {reason}; "
        "give a tokenizer.json, a model's folder that has one, or a model's name on the hub"
    )


def lengths_of(counts: Sequence[int]) -> Lengths | None:
    """Give the statistics; None of nothing."""
    if not counts:
        return None
    ordered = sorted(counts)
    low, high = ordered[0], _percentile(ordered, 0.99)
    width = _nice((high - low) / _BINS or 1)
    start = low // width * width
    edges = [start + width * number for number in range(max(1, math.ceil((high + 1 - start) / width)) + 1)]
    bins = [[below, above, sum(below <= one < above for one in ordered)] for below, above in pairwise(edges)]
    beyond = sum(one >= edges[-1] for one in ordered)
    if beyond:
        bins.append([edges[-1], ordered[-1] + 1, beyond])
    return Lengths(
        rows=len(ordered),
        mean=round(sum(ordered) / len(ordered), 1),
        p50=_percentile(ordered, 0.5),
        p95=_percentile(ordered, 0.95),
        p99=high,
        most=ordered[-1],
        bins=tuple((below, above, count) for below, above, count in bins),
    )


def lengths_from(found: Mapping[str, Any]) -> Lengths:
    """Give what a report has, as it was."""
    return Lengths(**{**found, "bins": tuple(map(tuple, found["bins"]))})


def histogram(lengths: Lengths) -> str:
    """Draw the bins as lines of text.

    >>> print(histogram(Lengths(3, 5.0, 5, 9, 9, 9, ((0, 5, 1), (5, 10, 2)))))
         0 -    4      1 ####################
         5 -    9      2 ########################################
    """
    tallest = max(count for _, _, count in lengths.bins)
    return "\n".join(
        f"{below:6,} - {above - 1:4,} {count:6,} {'#' * math.ceil(_BAR * count / tallest)}"
        for below, above, count in lengths.bins
    )


def _percentile(ordered: Sequence[int], share: float) -> int:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _nice(width: float) -> int:
    """Give the next of 1, 2, 5, 10, 20, 50, …"""
    size = 10 ** max(0, math.floor(math.log10(width)))
    return next(int(size * one) for one in (1, 2, 5, 10) if size * one >= width)
