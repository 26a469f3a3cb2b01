"""Rows as a dataset on the hub, with their report as its card."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsql.data.hub import OWNER_AND_NAME, as_datasets, quietly
from agentsql.data.report import NO_ROWS, REPORT, REPORT_TEXT
from agentsql.errors import TrainingDataError, UsageError
from agentsql.models.hub import hub_in_reach

if TYPE_CHECKING:
    from datasets import DatasetDict


def parts_of(folder: Path) -> dict[str, int]:
    """Give the files of rows in a finished folder, by their names without `.jsonl`, with how many rows each has.

    Raises:
        UsageError: it is not finished, or has none.
    """
    if not (folder / REPORT).is_file():
        raise UsageError(f"{folder} holds no finished data; give a folder that `agentsql data` made")
    found = {}
    for path in sorted(folder.glob("*.jsonl")):
        if path.name not in NO_ROWS or path.name == "triplets.jsonl":
            with path.open("rb") as lines:
                found[path.stem] = sum(1 for _ in lines)
    if not any(found.values()):
        raise UsageError(f"{folder} holds no row; there is nothing to upload")
    return {name: rows for name, rows in found.items() if rows}


def planned_upload(folder: Path, name: str, *, private: bool) -> str:
    """Say what would be uploaded, without a network.

    Raises:
        UsageError: `folder` has no finished data, or `name` is not OWNER/NAME.
    """
    rows = ", ".join(f"{part} with {count:,} rows" for part, count in parts_of(folder).items())
    secrecy = "private" if private else "public"
    return f"{_checked(name)} ({secrecy}) from {folder}: {rows}; {REPORT_TEXT} as its card"


def upload(folder: Path, name: str, *, private: bool) -> str:
    """Upload a finished folder and give its address; files of different rows are different configurations.

    Where databases lie on this machine, and how they are reached, stays here.

    Raises:
        UsageError: of `planned_upload`.
        TrainingDataError: there is no network, no token, or no right to write there.
        MissingExtraError: `datasets` is not installed.
    """
    parts = list(parts_of(folder))
    owner_and_name = _checked(name)
    with as_datasets(folder, parts) as made:
        from datasets.exceptions import DatasetsError
        from httpx2 import HTTPError  # what the hub's client raises without a network
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError

        if not hub_in_reach():
            raise _failed(folder, name, "the hub is not in reach")
        try:
            api = HfApi()
            api.create_repo(owner_and_name, repo_type="dataset", private=private, exist_ok=True)
            card = _card(folder).encode("utf-8", "replace")
            api.upload_file(path_or_fileobj=card, path_in_repo="README.md", repo_id=name, repo_type="dataset")
            for config, splits in _configurations(made).items():
                with quietly():
                    splits.push_to_hub(name, config, private=private)
        except (HTTPError, HfHubHTTPError, DatasetsError, OSError, ValueError, RuntimeError) as exc:
            raise _failed(folder, name, str(exc).strip().split("\n", maxsplit=1)[0]) from exc
    return f"https://huggingface.co/datasets/{name}"


def _checked(name: str) -> str:
    if not re.fullmatch(OWNER_AND_NAME, name):
        raise UsageError(f"{name!r} is no name of a dataset on the hub; write OWNER/NAME")
    return name


def _failed(folder: Path, name: str, reason: str) -> TrainingDataError:
    return TrainingDataError(
        f"{folder} is whole, but could not be uploaded to {name}: {reason}; log in with `hf auth login`, then give the "
        "same command again"
    )


def _configurations(made: DatasetDict) -> dict[str, DatasetDict]:
    """Give splits of equal columns together, as those of a configuration must have; the places of databases cut."""
    from datasets import DatasetDict

    found: dict[str, Any] = {}
    kinds: dict[tuple[str, ...], str] = {}
    for name, rows in made.items():
        shared = rows.map(_without_place) if "database" in rows.column_names else rows
        config = kinds.setdefault(tuple(sorted(rows.column_names)), "default" if not kinds else name)
        found.setdefault(config, DatasetDict())[name] = shared
    return found


def _without_place(row: dict[str, Any]) -> dict[str, Any]:
    """Give the row with its database's file name for the path; a URL, which may hold a password, goes."""
    place = row["database"]
    return {"database": "" if "://" in place else Path(place).name}


def _card(folder: Path) -> str:
    made_of = json.loads((folder / REPORT).read_text(encoding="utf-8")).get("made_of", {})
    inputs = [f"- `{Path(one['path']).name}` {one['sha256'][:16]}".rstrip() for one in made_of.get("inputs", ())]
    front = ["---", "task_categories: [text-generation]", "tags: [text-to-sql, agentsql]", "---", ""]
    made = [*(["Made by `agentsql data` of:", "", *inputs, ""] if inputs else []), _LICENCE, ""]
    return "\n".join([*front, (folder / REPORT_TEXT).read_text(encoding="utf-8"), *made])


_LICENCE = "The licence of the rows follows that of what they were made of."
