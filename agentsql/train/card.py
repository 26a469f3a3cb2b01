"""The model card of a training's result, and its upload to the hub."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from agentsql.errors import TrainingError
from agentsql.train.config import Recipe
from agentsql.train.recipe import to_toml

logger = logging.getLogger(__name__)


def write_card(recipe: Recipe, folder: Path, record: dict[str, Any], metrics: dict[str, float]) -> Path:
    """Write `README.md` into a result: recipe, hashes of the data, metrics, versions.

    Args:
        record: what `training.json` says.
    """
    base = recipe.model.base
    front = [
        "---",
        "library_name: peft" if recipe.model.tune != "full" else "library_name: transformers",
        *([f"base_model: {base}"] if "/" in base and ":" not in base else []),
        "tags: [text-to-sql, agentsql]",
        "---",
    ]
    rows = [f"| {name} | {value:.4g} |" for name, value in metrics.items()]
    hashes = [f"| {name} | `{digest}` |" for name, digest in {**record["data"], **record["validation"]}.items()]
    trained = f"{record['trained']:,} of {record['parameters']:,}"
    text = [
        *front,
        f"# {recipe.name}",
        "",
        f"`{base}` tuned for text-to-SQL by {recipe.method} ({recipe.model.tune}, {trained} parameters trained) with",
        "`agentsql train`.",
        "",
        *(["## Metrics", "", "| metric | value |", "| --- | --- |", *rows, ""] if rows else []),
        "## Data",
        "",
        "| file | SHA-256 |",
        "| --- | --- |",
        *hashes,
        "",
        "The licence of the result follows that of the base and of the data.",
        "",
        "## Recipe",
        "",
        "```toml",
        to_toml(recipe).strip(),
        "```",
        "",
        "## Versions",
        "",
        ", ".join(f"{name} {number}" for name, number in record["packages"].items()),
    ]
    path = folder / "README.md"
    path.write_text("\n".join(text) + "\n", "utf-8")
    return path


def upload(recipe: Recipe, folder: Path) -> str:
    """Upload a result to the hub and give its address.

    Raises:
        TrainingError: there is no network, no token, or no right to write there; the result stays where it is.
    """
    from httpx2 import HTTPError  # what the hub's client raises without a network
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    api = HfApi()
    name = recipe.hub.repository
    try:
        api.create_repo(name, private=recipe.hub.private, exist_ok=True)
        api.upload_folder(repo_id=name, folder_path=folder, commit_message=f"Upload {recipe.name}")
    except (HTTPError, HfHubHTTPError, OSError, ValueError) as exc:
        reason = str(exc).strip().split("\n", maxsplit=1)[0]
        raise TrainingError(
            f"{folder} is whole, but could not be uploaded to {name}: {reason}; log in with `hf auth login`, then "
            f"`hf upload {name} {folder}`"
        ) from exc
    return f"https://huggingface.co/{name}"


def planned_upload(recipe: Recipe) -> str:
    """Say what would be uploaded, without a network."""
    secrecy = "private" if recipe.hub.private else "public"
    return f"{recipe.output}/result with its model card, to {recipe.hub.repository} ({secrecy})"
