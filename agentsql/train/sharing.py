"""Rows whose prompts begin alike, in one sequence: the beginning is read once, and each sees it and itself alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from agentsql.train.examples import Example

NO_LOSS = -100
"""Label of a token that is not learned."""
_PADDING = -1
_LEAST_SHARED = 0.5
"""Share of a prompt that has to be in common for its row to join a sequence."""
_OPEN_GROUPS = 8
"""Sequences of one database that wait for a row that fits."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share their first tokens."""

    prefix: int
    """How many; 0 for a row alone."""
    rows: tuple[Example, ...]

    @property
    def tokens(self) -> int:
        """Tokens of the sequence."""
        return self.prefix + sum(len(one.input_ids) - self.prefix for one in self.rows)

    def columns(self) -> dict[str, list[int]]:
        """Give the sequence token by token: ids, labels, positions, and the number of the row, 0 for what is shared."""
        first = self.rows[0].input_ids[: self.prefix]
        ids, labels, positions = list(first), [NO_LOSS] * self.prefix, list(range(self.prefix))
        segments = [0] * self.prefix
        for number, row in enumerate(self.rows, start=1):
            tail = row.input_ids[self.prefix :]
            unlearned = row.prompt_tokens - self.prefix
            ids += tail
            labels += [NO_LOSS] * unlearned + list(tail[unlearned:])
            positions += range(self.prefix, len(row.input_ids))
            segments += [number] * len(tail)
        return {"input_ids": ids, "labels": labels, "position_ids": positions, "segments": segments}


def share_prefixes(examples: Sequence[Example], *, most_tokens: int, seed: int) -> list[Group]:
    """Give the examples in groups of one database and at most `most_tokens`, each example in one.

    Prompts that are made for prefix caching have the schema first and the question last, so a sequence of 1,024 tokens
    holds some ten questions of a database in place of two.
    """
    shuffled = list(examples)
    random.Random(seed).shuffle(shuffled)
    groups: list[list[Example]] = []
    prefixes: list[int] = []
    sizes: list[int] = []
    waiting: dict[str, list[int]] = {}
    for one in shuffled:
        open_groups = waiting.setdefault(one.row.about.db_id, [])
        for number in open_groups:
            prefix = min(prefixes[number], _common(groups[number][0].input_ids, one))
            size = sizes[number] + len(groups[number]) * (prefixes[number] - prefix) - (prefixes[number] - prefix)
            size += len(one.input_ids) - prefix
            if prefix >= _LEAST_SHARED * one.prompt_tokens and size <= most_tokens:
                groups[number].append(one)
                prefixes[number], sizes[number] = prefix, size
                break
        else:
            open_groups.append(len(groups))
            del open_groups[:-_OPEN_GROUPS]
            groups.append([one])
            prefixes.append(one.prompt_tokens - 1)
            sizes.append(len(one.input_ids))
    return [Group(prefix if len(rows) > 1 else 0, tuple(rows)) for prefix, rows in zip(prefixes, groups, strict=True)]


def collate(sequences: Sequence[dict[str, list[int]]], *, pad: int) -> dict[str, Any]:
    """Give the batch of some `Group.columns`; its mask, (batch, 1, tokens, tokens), is true where a token sees another.

    A token sees what stands before it in its own row and in what is shared.
    """
    import torch

    longest = max(len(one["input_ids"]) for one in sequences)

    def stacked(name: str, filler: int) -> Any:
        return torch.tensor([one[name] + [filler] * (longest - len(one[name])) for one in sequences])

    segments = stacked("segments", _PADDING)
    own = segments[:, :, None] == segments[:, None, :]
    shared = (segments[:, None, :] == 0) & (segments[:, :, None] != _PADDING)
    before = torch.ones(longest, longest, dtype=torch.bool).tril()
    return {
        "input_ids": stacked("input_ids", pad),
        "labels": stacked("labels", NO_LOSS),
        "position_ids": stacked("position_ids", 0),
        "attention_mask": ((own | shared) & before)[:, None],
    }


def _common(ids: Sequence[int], example: Example) -> int:
    """Give how many tokens both begin with, leaving a row at least one of its prompt: the one its reply follows."""
    pairs = zip(ids, example.input_ids[: example.prompt_tokens - 1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
