"""Training rows as the tokens that a model learns from, and what of them had to be left out."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from agentsql.data.rows import PreferenceRow, TrainingRow, read_preference_rows, read_training_rows
from agentsql.errors import TrainingDataError
from agentsql.train.config import Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_LETTERS_PER_TOKEN = 3.3
"""Of prompts with schemas and SQL, by Qwen's tokenizer on Spider; used where a tokenizer cannot be had."""


@dataclass(frozen=True, slots=True)
class Example:
    """One row with its tokens."""

    row: TrainingRow | PreferenceRow
    input_ids: tuple[int, ...]
    """Of prompt and reply (the chosen one); empty where they were only counted."""
    prompt_tokens: int
    tokens: int
    """Of prompt and the longest reply."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The rows of some files that are learned from, and how many are not."""

    rows: tuple[Example, ...]
    other_tasks: int = 0
    empty: int = 0
    """Rows without a reply, or of a preference without a difference."""
    too_long: int = 0
    hashes: tuple[tuple[str, str], ...] = ()
    """Name and SHA-256 of each file."""
    counted_exactly: bool = True
    """False where tokens are guessed from letters."""

    @property
    def tokens(self) -> int:
        """Tokens of all rows."""
        return sum(one.tokens for one in self.rows)

    def describe(self) -> str:
        """Give a line for a person."""
        lengths = sorted(one.tokens for one in self.rows) or [0]
        left = [f"{count} {why}" for count, why in self._left() if count]
        about = "" if self.counted_exactly else "about "
        return (
            f"{len(self.rows)} rows, {about}{self.tokens:,} tokens (mean {fmean(lengths):.0f}, "
            f"95 % under {lengths[int(0.95 * (len(lengths) - 1))]}, longest {lengths[-1]})"
            + (f"; left out: {', '.join(left)}" if left else "")
        )

    def _left(self) -> tuple[tuple[int, str], ...]:
        return ((self.too_long, "too long"), (self.empty, "empty"), (self.other_tasks, "of other tasks"))


def load_examples(
    recipe: Recipe, files: Sequence[str], tokenizer: PreTrainedTokenizerBase | None, *, most: int = 0
) -> Examples:
    """Give the rows of `files` that a recipe learns from.

    Args:
        tokenizer: None guesses the tokens from the letters.
        most: rows drawn at random, by the recipe's seed, in the order of the files; 0 is all.

    Raises:
        TrainingDataError: a file cannot be read, has no row of the recipe's tasks, or too many rows do not fit.
    """
    every = list(_read(recipe, files))
    wanted = [row for row in every if row.about.task in recipe.data.tasks]
    other_tasks = len(every) - len(wanted)
    if not every:
        raise TrainingDataError(
            f"{', '.join(files)}: there is no row; make them with `agentsql data`, or leave the file out of [data]"
        )
    if not wanted:
        raise TrainingDataError(
            f"{', '.join(files)}: no row of the tasks {', '.join(recipe.data.tasks)} among {len(every)}; "
            "see [data] tasks"
        )
    if most and len(wanted) > most:
        kept = sorted(random.Random(recipe.seed).sample(range(len(wanted)), most))
        wanted = [wanted[number] for number in kept]
    full = [row for row in wanted if _has_reply(row)]
    examples = [_example(row, tokenizer) for row in full]
    room = recipe.data.max_tokens
    fitting = tuple(one for one in examples if one.tokens <= room)
    found = Examples(
        fitting,
        other_tasks=other_tasks,
        empty=len(wanted) - len(full),
        too_long=len(full) - len(fitting),
        hashes=tuple((Path(path).name, file_hash(Path(path))) for path in files),
        counted_exactly=tokenizer is not None,
    )
    _check_share(found, recipe, files, longest=max((one.tokens for one in examples), default=0))
    return found


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encode(tokenizer: PreTrainedTokenizerBase, row: TrainingRow, reply: str) -> tuple[tuple[int, ...], int]:
    """Give the tokens of prompt and reply, and how many of them are the prompt's.

    They end with the token that ends a turn: what a template puts behind it is never generated. Where the prompt
    alone ends in other tokens than it does before a reply, the reply begins at the first that differs.
    """
    prompt = [asdict(message) for message in row.prompt]
    whole = [*prompt, {"role": "assistant", "content": reply}]
    before = list(tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=False))
    ids = list(tokenizer.apply_chat_template(whole, return_dict=False))
    start = next((at for at, (one, other) in enumerate(zip(before, ids, strict=False)) if one != other), len(before))
    ends = {tokenizer.eos_token_id}
    for at in range(len(ids) - 1, start, -1):
        if ids[at] in ends:
            return tuple(ids[: at + 1]), start
    return (*ids, tokenizer.eos_token_id), start


def _read(recipe: Recipe, files: Sequence[str]) -> Iterator[TrainingRow | PreferenceRow]:
    read = read_preference_rows if recipe.method == "dpo" else read_training_rows
    for path in files:
        yield from read(Path(path))


def _has_reply(row: TrainingRow | PreferenceRow) -> bool:
    if isinstance(row, TrainingRow):
        return bool(row.completion.strip())
    return bool(row.chosen.strip()) and bool(row.rejected.strip()) and row.chosen.strip() != row.rejected.strip()


def _example(row: TrainingRow | PreferenceRow, tokenizer: PreTrainedTokenizerBase | None) -> Example:
    replies = (row.completion,) if isinstance(row, TrainingRow) else (row.chosen, row.rejected)
    if tokenizer is None:
        prompt = int(sum(len(message.content) for message in row.prompt) / _LETTERS_PER_TOKEN) + 8 * len(row.prompt)
        return Example(row, (), prompt, prompt + int(max(map(len, replies)) / _LETTERS_PER_TOKEN) + 2)
    plain = TrainingRow(row.prompt, replies[0], row.about)
    encoded = [encode(tokenizer, plain, reply) for reply in replies]
    return Example(row, encoded[0][0], encoded[0][1], max(len(ids) for ids, _ in encoded))


def _check_share(found: Examples, recipe: Recipe, files: Sequence[str], *, longest: int) -> None:
    lost, of = found.too_long + found.empty, found.too_long + found.empty + len(found.rows)
    if lost / of > recipe.data.too_long_share or not found.rows:
        raise TrainingDataError(
            f"{', '.join(files)}: {lost} of {of} rows cannot be learned from ({found.too_long} longer than "
            f"{recipe.data.max_tokens} tokens, the longest {longest}; {found.empty} empty), more than the "
            f"{recipe.data.too_long_share:.0%} that [data] too_long_share allows; raise max_tokens, or "
            "prepare shorter prompts"
        )
