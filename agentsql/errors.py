"""Every error agentsql raises on purpose, as one tree.

    AgentSQLError                     exit code 1
    ├── UsageError                    2   a wrong option, setting or file of the caller's
    │   ├── SettingsError
    │   ├── PolicyError               a policy that is wrong, or does not fit its database or caller
    │   ├── GraphError
    │   ├── StepContractError
    │   ├── MissingExtraError         an optional package is not installed
    │   ├── ExampleStoreError         solved questions that cannot be read or are another model's
    │   ├── TrainingDataError         training data that cannot be read, or of no known layout
    │   └── RecipeError               a training or merge recipe that is wrong, or not that of the files it goes with
    ├── PluginError                   2   a plugin is missing, broken, or there twice
    ├── BelowTargetError              1   an accuracy below --fail-under
    ├── NotApprovedError              1   a person refused a query; the agent makes an Answer of it
    ├── DatabaseError                 3   no database there, or it cannot be opened or read
    ├── AuditError                    7   the audit log cannot be written, or is broken
    ├── BudgetSpentError              4   calls, tokens or seconds of one question
    │   └── BusyError                     its turn on the database did not come in time
    ├── ModelError                    5
    │   ├── ModelUnreachableError         nothing listens, or it stopped answering
    │   ├── ModelNotFoundError            the server has no model of that name
    │   ├── ModelKeyError                 the server refused the key
    │   ├── ModelDeadlineError            no answer in time
    │   ├── ContextTooLongError           the prompt does not fit
    │   └── ModelFileError                no file, a wrong checksum, or a download that failed
    └── TrainingError                 6   training, merging or exporting cannot go on: no room, or a program failed

SQL that is wrong, slow or refused is not an exception: it is a `QueryFailure` in the result.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import ClassVar


class AgentSQLError(Exception):
    """Base class; catch this to catch everything agentsql raises on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(AgentSQLError):
    """The caller asked for something that does not exist or does not fit."""

    exit_code: ClassVar[int] = 2


class SettingsError(UsageError):
    """A settings file, environment variable or flag is wrong."""


class PolicyError(UsageError):
    """A policy is wrong, does not fit its database, or needs more of the caller than it was told."""


class GraphError(UsageError):
    """A graph cannot run; `problems` lists every reason found."""

    def __init__(self, graph: str, problems: Sequence[str]) -> None:
        super().__init__(f"graph {graph!r} cannot run:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.graph = graph
        self.problems = tuple(problems)


class StepContractError(UsageError):
    """A step read or wrote a state key it did not declare."""

    def __init__(self, step: str, message: str) -> None:
        super().__init__(f"step {step!r} {message}")
        self.step = step


class MissingExtraError(UsageError):
    """Something was asked for that needs an optional package."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(f"{what} needs {package}; install it with `pip install 'agentsql-framework[{extra}]'`")
        self.extra = extra


class ExampleStoreError(UsageError):
    """A store of solved questions cannot be used as it is."""


class TrainingDataError(UsageError):
    """A file that training data is made of, or a file of training data, cannot be used as it is."""


class RecipeError(UsageError):
    """A recipe is wrong, or is not the one of the files it is used with."""


class PluginError(AgentSQLError):
    """A plugin is missing, broken, made for another PLUGIN_API, or its name is taken twice."""

    exit_code: ClassVar[int] = 2


class BelowTargetError(AgentSQLError):
    """An evaluation is worse than its caller allows."""


class NotApprovedError(AgentSQLError):
    """A person refused to have a query run, which ends the question."""

    def __init__(self, sql: str) -> None:
        super().__init__("the query was not approved, so nothing of it was run")
        self.sql = sql


class DatabaseError(AgentSQLError):
    """A database cannot be opened or read."""

    exit_code: ClassVar[int] = 3


class AuditError(AgentSQLError):
    """The audit log cannot be written, or somebody changed it; without it nothing is asked of a database."""

    exit_code: ClassVar[int] = 7


class BudgetSpentError(AgentSQLError):
    """A question used up its model calls, tokens or seconds."""

    exit_code: ClassVar[int] = 4

    def __init__(self, what: str, limit: float, setting: str) -> None:
        super().__init__(f"the question's budget of {limit:g} {what} is spent; raise [budget] {setting} to allow more")
        self.what = what
        self.limit = limit


class BusyError(BudgetSpentError):
    """A question, or a query of the caller's own, waited for its turn on the database until its time was over."""

    def __init__(self, waited_s: float, at_once: int) -> None:
        AgentSQLError.__init__(
            self,
            f"waited {waited_s:.3g} s for a turn on the database, which {at_once} may use at once; "
            "ask again later, or raise [database] concurrent",
        )
        self.what = "seconds"
        self.limit = waited_s


class ModelError(AgentSQLError):
    """A model could not be used."""

    exit_code: ClassVar[int] = 5


class ModelUnreachableError(ModelError):
    """Nothing answers at the endpoint."""


class ModelNotFoundError(ModelError):
    """The server, or the catalogue, has no model of that name."""


class ModelKeyError(ModelError):
    """The server refused the key."""


class ModelDeadlineError(ModelError):
    """The model did not finish in time."""


class ContextTooLongError(ModelError):
    """The prompt and the room for its answer do not fit the model's context."""

    def __init__(self, model: str, *, needed: int | None, limit: int | None, advice: str) -> None:
        sizes = f": more than its {limit} tokens" if limit else ""
        if needed and limit:
            sizes = f": {needed} tokens, {needed - limit} more than its {limit}"
        super().__init__(f"the prompt is too long for model {model!r}{sizes}; {advice}")
        self.needed = needed
        self.limit = limit


class ModelFileError(ModelError):
    """A model file is missing, broken, or cannot be downloaded."""


class TrainingError(AgentSQLError):
    """Training, merging or exporting cannot go on."""

    exit_code: ClassVar[int] = 6


class TrainingInterruptedError(TrainingError):
    """A person stopped it; what there was is saved."""

    exit_code: ClassVar[int] = 130


def nearest(name: str, known: Iterable[str]) -> str:
    """Give `; did you mean 'x'?` for the known name most like `name`, or an empty string."""
    by_fold = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return f"; did you mean {by_fold[close[0]]!r}?" if close else ""
