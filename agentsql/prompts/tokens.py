"""Special tokens of chat templates in data, shown to a model so that no tokenizer takes them for its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPECIAL = re.compile(
    r"""
      <\|[^<>|\s]{1,60}\|>                                   # ChatML, Llama 3, Phi, GPT: <|im_start|>, <|endoftext|>
    | <｜[^<>｜]{1,60}｜>                                       # DeepSeek
    | </?s> | <(?:bos|eos|pad|unk|mask|sep|cls)>             # SentencePiece models
    | </?(?:start|end)_of_(?:turn|image)>                     # Gemma
    | \[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID|THINK)\]   # Mistral
    | <</?SYS>>                                               # Llama 2
    | </?(?:think|tool_call|tool_response|tools|function_call)>   # Qwen, Hermes
    | <(?:fim_\w{1,20}|file_sep|repo_name|jupyter_\w{1,20}|unused\d{1,4}|extra_id_\d{1,4}|EOT|EOD)>
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHOWN = str.maketrans({"<": "‹", ">": "›", "[": "⁅", "]": "⁆"})


def shown_token(token: str) -> str:
    """Give a special token as a model is shown it.

    >>> shown_token("<|im_start|>")
    '‹|im_start|›'
    """
    return token.translate(_SHOWN)


def special_tokens(texts: Iterable[str]) -> dict[str, str]:
    """Give what stands for each special token in the texts: as it is shown, and as it is in the data."""
    found = {token for text in texts if "<" in text or "[" in text for token in _SPECIAL.findall(text)}
    return {shown_token(token): token for token in sorted(found)}


def without_special_tokens(text: str) -> str:
    """Give the text with its special tokens as they are shown.

    Each takes as many characters as before, so nothing can be made to close up to a token once one is taken out.
    """
    if "<" not in text and "[" not in text:
        return text
    return _SPECIAL.sub(lambda found: shown_token(found.group()), text)
