"""Greedy answers of the model in training to its validation rows, and how many are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from agentsql.train.examples import Example
from agentsql.train.judging import Judge

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_BATCH = 8


def share_right(
    model: Any, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], judge: Judge, *, new_tokens: int
) -> tuple[float, int]:
    """Give the sum of how right the answers are, and how many of them anybody can judge."""
    replies = greedy_replies(model, tokenizer, [prompt_ids(one) for one in examples], new_tokens=new_tokens)
    found = judge.right([one.row.about for one in examples], replies)
    known = [value for value in found if value is not None]
    return sum(known), len(known)


def prompt_ids(example: Example) -> tuple[int, ...]:
    """Give the tokens of an example's prompt."""
    return example.input_ids[: example.prompt_tokens]


def greedy_replies(
    model: Any, tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Sequence[int]], *, new_tokens: int
) -> list[str]:
    """Give the reply that the model finds likeliest, token by token, to each prompt, in their order."""
    import torch

    order = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    replies = [""] * len(prompts)
    with _for_answering(model), torch.no_grad():
        for at in range(0, len(order), _BATCH):
            chosen = order[at : at + _BATCH]
            ids, mask = left_padded([prompts[number] for number in chosen], tokenizer.pad_token_id)
            made = model.generate(
                input_ids=ids.to(model.device),
                attention_mask=mask.to(model.device),
                max_new_tokens=new_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                repetition_penalty=1.0,
                use_cache=True,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
            texts = tokenizer.batch_decode(made[:, ids.shape[1] :], skip_special_tokens=True)
            for number, text in zip(chosen, texts, strict=True):
                replies[number] = text
    return replies


def left_padded(prompts: Sequence[Sequence[int]], pad: int) -> tuple[Any, Any]:
    """Give token ids and attention mask, each of shape (prompts, longest), int64, with the padding on the left."""
    import torch

    longest = max(map(len, prompts))
    ids = torch.tensor([[pad] * (longest - len(one)) + list(one) for one in prompts])
    mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in prompts])
    return ids, mask


@contextmanager
def _for_answering(model: Any) -> Iterator[None]:
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
