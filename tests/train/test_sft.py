"""What supervised fine-tuning adds to trl's trainer."""

from __future__ import annotations

import pytest


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_logits_are_of_the_replies_alone_and_the_loss_is_the_same(tiny_model, monkeypatch):
    import torch
    from transformers import AutoModelForCausalLM
    from trl.kernels import chunked_logprob
    from trl.trainer import utils as trl_utils

    from agentsql.train.sft import _score_replies_only

    monkeypatch.setattr(trl_utils, "_use_triton", chunked_logprob._use_triton)  # as if nothing had been trained yet
    scored = []
    kernel = trl_utils._ChunkedLogProbFunction.apply

    def counting(hidden, *rest):
        scored.append(len(hidden))
        return kernel(hidden, *rest)

    monkeypatch.setattr(trl_utils._ChunkedLogProbFunction, "apply", counting)
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    trl_utils.add_fused_lm_head(model)
    ids = torch.tensor([[3, 4, 5, 6, 7, 8, 9, 10]])
    labels = torch.where(torch.arange(8) < 6, -100, ids)
    plain = model(input_ids=ids, labels=labels).loss
    everywhere = model(input_ids=ids, labels=labels, fused_lm_head=True).loss
    _score_replies_only()
    replies = model(input_ids=ids, labels=labels, fused_lm_head=True).loss
    assert scored == [7, 2]
    torch.testing.assert_close(replies, plain)
    torch.testing.assert_close(replies, everywhere)
