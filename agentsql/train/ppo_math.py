"""The formulas of proximal policy optimisation, over padded batches of replies.

Tensors are of shape (replies, tokens), float32; masks are true where a token is padding. A reply's tokens run to the
one that ends it; its value is also taken of the place behind, where the reward of the whole reply falls, if there is
room.

Source: huggingface/trl 1.12.0, trl/experimental/ppo/ppo_trainer.py (`PPOTrainer.train`), which it has no more since
1.13; after Schulman et al., arXiv 1707.06347, and Ziegler et al., arXiv 1909.08593.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NO_LOGPROB = 1.0
"""Stands for the log-probability of padding in old and new alike, so that its ratio is 1."""


@dataclass(frozen=True, slots=True)
class Masks:
    """What of a batch of replies is padding."""

    tokens: Any
    """Behind a reply's last token."""
    values: Any
    """Behind the place behind that."""
    reward_at: Any
    """Place of each reply's reward, int64 of shape (replies,)."""


def masks(last: Any, width: int) -> Masks:
    """Give the masks of replies.

    Args:
        last: place of each reply's last token, int64 of shape (replies,).
        width: tokens of the longest.
    """
    import torch

    places = torch.arange(width, device=last.device).unsqueeze(0)
    behind = last + 1
    return Masks(places > last.unsqueeze(1), places > behind.unsqueeze(1), torch.where(behind < width, behind, last))


def shaped_rewards(scores: Any, logprobs: Any, reference: Any, masks: Masks, *, kl: float) -> Any:
    """Give each token's reward: the reply's score at its end, less `kl` times the drift from the reference."""
    import torch

    drift = torch.where(masks.tokens, 0.0, logprobs - reference)
    rewards = -kl * drift
    rewards[torch.arange(len(scores), device=scores.device), masks.reward_at] += scores
    return rewards


def advantages_and_returns(rewards: Any, values: Any, masks: Masks, *, gamma: float, lam: float) -> tuple[Any, Any]:
    """Give whitened advantages, 0 where padding, and the returns that values are trained towards.

    Source: generalised advantage estimation, Schulman et al., arXiv 1506.02438, equation 16.
    """
    import torch

    values = torch.where(masks.values, 0.0, values)
    steps = []
    advantage = torch.zeros_like(rewards[:, 0])
    for place in reversed(range(rewards.shape[1])):
        following = values[:, place + 1] if place + 1 < rewards.shape[1] else 0.0
        surprise = rewards[:, place] + gamma * following - values[:, place]
        advantage = surprise + gamma * lam * advantage
        steps.append(advantage)
    raw = torch.stack(steps[::-1], dim=1)
    return torch.where(masks.tokens, 0.0, whitened(raw, ~masks.tokens)), raw + values


def whitened(values: Any, counted: Any) -> Any:
    """Give values with mean 0 and standard deviation 1 over those that count."""
    import torch

    mean = masked_mean(values, counted)
    variance = masked_mean((values - mean) ** 2, counted)
    many = counted.sum()
    variance = variance * many / (many - 1).clamp(min=1)  # one token alone has none
    return (values - mean) * torch.rsqrt(variance + 1e-8)


def masked_mean(values: Any, counted: Any) -> Any:
    """Give the mean of those that count."""
    return (values * counted).sum() / counted.sum()


def policy_loss(new: Any, old: Any, advantages: Any, padding: Any, *, clip: float) -> tuple[Any, Any]:
    """Give the clipped loss of the policy, and the share of tokens at which it is clipped."""
    import torch

    new, old = (torch.where(padding, _NO_LOGPROB, one) for one in (new, old))
    ratio = torch.exp(new - old)
    free = -advantages * ratio
    clipped = -advantages * ratio.clamp(1.0 - clip, 1.0 + clip)
    return masked_mean(torch.max(free, clipped), ~padding), masked_mean((clipped > free).float(), ~padding)


def value_loss(new: Any, old: Any, returns: Any, padding: Any, *, clip: float) -> Any:
    """Give the clipped loss of the values."""
    import torch

    new, old = (torch.where(padding, 0.0, one) for one in (new, old))
    free = (new - returns) ** 2
    clipped = (torch.clamp(new, old - clip, old + clip) - returns) ** 2
    return 0.5 * masked_mean(torch.max(free, clipped), ~padding)
