"""Special tokens of chat templates in data, shown to a model so that no tokenizer takes them for its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPECIAL = re.compile(
    r"""
      <\|[^<>|\s]{1,60}\|>                                   # ChatML, Llama 3, Phi, GPT: <|im_start|>, <|endoftext|>
    | <\uff5c[^<>\uff5c]{1,60}\uff5c>                           # DeepSeek, whose bars are full-width
    | </?s> | <(?:bos|eos|pad|unk|mask|sep|cls)>             # SentencePiece models
    | </?(?:start|end)_of_(?:turn|image)>                     # Gemma
    | \[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID|THINK)\]   # Mistral
    | <</?SYS>>                                               # Llama 2
    | </?(?:think|tool_call|tool_response|tools|function_call)>   # Qwen, Hermes
    | <(?:fim_\w{1,20}|file_sep|repo_name|jupyter_\w{1,20}|unused\d{1,4}|extra_id_\d{1,4}|EOT|EOD)>
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHOWN = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "\u2045", "]": "\u2046"})


def shown_token(token: str) -> str:
    """Give a special token as a model is shown it: with single guillemets, and with quills for square brackets.

    >>> ascii(shown_token("<|im_start|>"))
    "'\\\\u2039|im_start|\\\\u203a'"
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
