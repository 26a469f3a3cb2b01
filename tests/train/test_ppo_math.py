"""PPO's formulas give the numbers that trl 1.12 gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra [train]")

from agentsql.train import ppo_math  # noqa: E402

RECORDED = json.loads((Path(__file__).parent / "ppo_trl_1_12.json").read_text())
SETTINGS = RECORDED["settings"]


@pytest.fixture
def given():
    return {name: torch.tensor(values) for name, values in RECORDED["inputs"].items()}


@pytest.fixture
def masks(given):
    return ppo_math.masks(given["last"], given["logprobs"].shape[1])


def rewards_of(given, masks):
    return ppo_math.shaped_rewards(given["scores"], given["logprobs"], given["reference"], masks, kl=SETTINGS["kl"])


def learned_from(given, masks):
    rewards = rewards_of(given, masks)
    options = {name: SETTINGS[name] for name in ("gamma", "lam")}
    return ppo_math.advantages_and_returns(rewards, given["values"], masks, **options)


def close(found, name):
    torch.testing.assert_close(found, torch.tensor(RECORDED["outputs"][name]), rtol=1e-5, atol=1e-6)


def test_rewards(given, masks):
    close(rewards_of(given, masks), "rewards")


def test_advantages_and_returns(given, masks):
    advantages, returns = learned_from(given, masks)
    close(advantages, "advantages")
    close(returns, "returns")


def test_losses(given, masks):
    advantages, returns = learned_from(given, masks)
    loss, clipped = ppo_math.policy_loss(
        given["new_logprobs"], given["logprobs"], advantages, masks.tokens, clip=SETTINGS["clip"]
    )
    value = ppo_math.value_loss(
        given["new_values"], given["values"], returns, masks.values, clip=SETTINGS["value_clip"]
    )
    close(loss, "policy_loss")
    close(clipped, "clipped")
    close(value, "value_loss")


def test_a_batch_of_one_token_has_no_spread_and_no_nan():
    assert ppo_math.whitened(torch.tensor([[3.0]]), torch.tensor([[True]])).tolist() == [[0.0]]
