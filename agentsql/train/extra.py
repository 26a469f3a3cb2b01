"""Whether the packages that training needs are installed."""

from __future__ import annotations

from importlib.util import find_spec

from agentsql.errors import MissingExtraError

_PACKAGES = ("accelerate", "datasets", "gguf", "peft", "psutil", "safetensors", "torch", "transformers", "trl")


def check_installed(what: str) -> None:
    """See that everything of the extra `train` can be imported.

    Args:
        what: is to be done, for the message, such as `training`.

    Raises:
        MissingExtraError: names the first that is not there.
    """
    for package in _PACKAGES:
        if find_spec(package) is None:
            raise MissingExtraError(what, package, "train")
