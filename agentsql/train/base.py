"""The model that is tuned: where its files are, its tokenizer and configuration, and its weights."""

from __future__ import annotations

import hashlib
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from agentsql.errors import RecipeError, nearest
from agentsql.folders import cache_folder
from agentsql.models.catalogue import catalogue
from agentsql.models.files import model_folder
from agentsql.models.hub import hub_in_reach
from agentsql.models.pull import pull

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_SAME_MATRIX = 0.98
"""Least cosine of embedding and output, both out of a quantised file, that are one matrix in truth."""
_COMPARED_ROWS = 512


def base_folder(base: str, *, models_directory: str = "") -> str:
    """Give the folder of a base model, or its name on the hub as it is.

    `local:NAME` and `local:PATH.gguf` are turned into a folder in the user's cache, once: a minute and 1 GB for 0.5B.

    Raises:
        RecipeError: there is no such folder or file.
        ModelError: a catalogue model cannot be had.
    """
    scheme, _, name = base.partition(":")
    if scheme != "local":
        folder = Path(base).expanduser()
        if folder.is_dir():
            return str(folder)
        if base.count("/") != 1 or base.startswith((".", "/", "~")):
            raise RecipeError(
                f"[model] base: there is no folder {base!r}, and it is no name on the hub (OWNER/NAME) nor local:NAME"
            )
        return base
    gguf = gguf_file(name, models_directory=models_directory)
    folder = _made_of(gguf)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock")):
            if not folder.is_dir():
                gguf_to_folder(gguf, folder)
    return str(folder)


def must_be_made(base: str, *, models_directory: str = "") -> bool:
    """Tell whether `base_folder` would fetch or turn a model first, which takes minutes.

    Raises:
        RecipeError: there is no such file or catalogue model.
    """
    scheme, _, name = base.partition(":")
    if scheme != "local":
        return False
    gguf = _known_gguf(name, models_directory)
    return not (gguf.is_file() and _made_of(gguf).is_dir())


def _made_of(gguf: Path) -> Path:
    """Give the folder in the user's cache that a GGUF file is turned into."""
    made = gguf.stat()
    key = hashlib.sha256(f"{gguf.resolve()} {made.st_size} {made.st_mtime_ns}".encode()).hexdigest()[:12]
    return cache_folder() / "bases" / f"{gguf.stem}-{key}"


def gguf_file(name: str, *, models_directory: str = "") -> Path:
    """Give the GGUF file of `NAME` in the catalogue, pulled if need be, or of `PATH.gguf`."""
    known = _known_gguf(name, models_directory)
    return known if name.endswith(".gguf") else pull(name, directory=models_directory)


def _known_gguf(name: str, models_directory: str) -> Path:
    """Give where the file of `NAME` is or will be, or that of `PATH.gguf`, which is there."""
    if name.endswith(".gguf"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise RecipeError(f"there is no model file {name!r}; correct the path behind local:")
        return path
    model = catalogue().get(name)
    if model is None:
        raise RecipeError(
            f"the catalogue has no model {name!r} (see `agentsql models list`){nearest(name, catalogue())}"
        )
    return model_folder(models_directory) / model.file


def gguf_to_folder(gguf: Path, folder: Path) -> None:
    """Write a GGUF file's model as a folder in Hugging Face's layout, in bfloat16, whole or not at all.

    Quantised weights keep the values that they stand for. A small Qwen2.5 has one matrix for embedding and output,
    which its files hold twice, the output in more bits, and which are loaded as two: they become one again.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    logger.info("turning %s into %s", gguf.name, folder)
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(unfinished)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
    )
    embedding, output = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    if embedding is not output and _are_one(embedding, output):
        embedding.data.copy_(output.data)
        model.config.tie_word_embeddings = True
        model.tie_weights()
    model.save_pretrained(unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def known_tokenizer(
    base: str, chat_template: str = "", *, models_directory: str = ""
) -> tuple[str | None, PreTrainedTokenizerBase | None]:
    """Give folder and tokenizer of a base as far as they can be had without its weights; None for each that cannot."""
    scheme, _, name = base.partition(":")
    if scheme == "local":
        gguf = _known_gguf(name, models_directory)
        if not gguf.is_file():
            return None, None
        from transformers import AutoTokenizer

        return None, AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    folder = base_folder(base)
    if Path(folder).is_dir():
        return folder, load_tokenizer(folder, chat_template)
    try:
        return None, load_tokenizer(folder, chat_template, cached=not hub_in_reach())
    except RecipeError:
        return None, None


def load_tokenizer(folder: str, chat_template: str = "", *, cached: bool = False) -> PreTrainedTokenizerBase:
    """Give the tokenizer of a base, with a pad token and a chat template.

    Args:
        cached: look for one on the hub only among those that were fetched before.

    Raises:
        RecipeError: it cannot be had, or has no chat template and none was given.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(folder, local_files_only=cached)
    except (OSError, ValueError) as exc:
        raise _not_there(folder, "tokenizer", exc) from exc
    if chat_template:
        tokenizer.chat_template = Path(chat_template).read_text("utf-8")
    if not tokenizer.chat_template:
        raise RecipeError(
            f"the tokenizer of {folder} has no chat template, so nobody knows how it marks who speaks; give the file "
            "of one in [model] chat_template, or take an instruct model as the base"
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_config(folder: str) -> Any:
    """Give the model's configuration, without its weights.

    Raises:
        RecipeError: it cannot be had.
    """
    from transformers import AutoConfig

    try:
        # The hub's own client would try for a minute.
        cached = not Path(folder).is_dir() and not hub_in_reach()
        return AutoConfig.from_pretrained(folder, local_files_only=cached)
    except (OSError, ValueError) as exc:
        raise _not_there(folder, "configuration", exc) from exc


def base_config(base: str, *, models_directory: str = "") -> Any:
    """Give the configuration of a base model; of a GGUF file without turning it into a folder.

    Raises:
        RecipeError: it cannot be had.
        ModelError: a catalogue model cannot be had.
    """
    if not base.startswith("local:"):
        return load_config(base_folder(base))
    from transformers import AutoConfig

    gguf = gguf_file(base.removeprefix("local:"), models_directory=models_directory)
    return AutoConfig.from_pretrained(gguf.parent, gguf_file=gguf.name)


def load_weights(folder: str, *, dtype: str, attention: str = "auto", nf4: bool = False) -> PreTrainedModel:
    """Give the model with its weights, on the GPU if there is one.

    Args:
        dtype: torch's name of the weights' type.
        nf4: hold the layers in NF4 with double quantisation.

    Raises:
        RecipeError: the weights cannot be had.
    """
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    kind = getattr(torch, dtype)
    options: dict[str, Any] = {"dtype": kind}
    if attention != "auto":
        options["attn_implementation"] = attention
    if nf4:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=kind,
        )
    try:
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(folder, **options)
    except (OSError, ValueError, ImportError) as exc:
        raise _not_there(folder, "model", exc) from exc
    model.config.use_cache = False
    return model


def _not_there(folder: str, what: str, exc: Exception) -> RecipeError:
    reason = str(exc).strip().split("\n", maxsplit=1)[0]
    return RecipeError(
        f"the {what} of {folder!r} cannot be loaded: {reason}; without a network give a folder, or local:NAME for a "
        "model of `agentsql models list`"
    )


def _are_one(embedding: Any, output: Any) -> bool:
    from torch.nn.functional import cosine_similarity

    if embedding.shape != output.shape:
        return False
    rows = slice(0, _COMPARED_ROWS)
    alike = cosine_similarity(embedding[rows].detach().float(), output[rows].detach().float())
    return float(alike.mean()) > _SAME_MATRIX
