"""The folders of the user's that agentsql writes into and reads its settings from."""

from __future__ import annotations

from pathlib import Path

import platformdirs

_NAME = "agentsql"


def cache_folder() -> Path:
    """Give the folder of what can be had again: model files, servers' state, schemas."""
    return platformdirs.user_cache_path(_NAME, appauthor=False)


def data_folder() -> Path:
    """Give the folder of what cannot: conversations, solved questions and the history of `agentsql chat`."""
    return platformdirs.user_data_path(_NAME, appauthor=False)


def settings_folder() -> Path:
    """Give the folder of the user's config.toml."""
    return platformdirs.user_config_path(_NAME, appauthor=False)
