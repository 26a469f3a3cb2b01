"""What a step and a router are, and the decorators that make them from functions."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from agentsql.errors import BusyError
from agentsql.loop import TurnMissedError, in_turn

if TYPE_CHECKING:
    from agentsql.resources import Resources

_LEAST_WAIT_S = 1.0
"""A question whose time is over still waits this long for a thread, so that what it has found is not lost."""
StepFunction = Callable[..., Mapping[str, Any] | Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Option:
    """One keyword-only parameter of a step, which a graph may set."""

    name: str
    default: Any
    """`inspect.Parameter.empty` if the graph has to set it."""
    choices: tuple[str, ...] = ()
    """The only values it takes, or its items; empty if its type alone decides."""

    @property
    def is_required(self) -> bool:
        return self.default is inspect.Parameter.empty

    def problem(self, value: object) -> str:
        """Give why `value` does not fit, or an empty string; the type of the default decides."""
        if isinstance(self.default, tuple):
            return self._list_problem(value)
        if self.choices and value not in self.choices:
            return f"option {self.name!r} is one of {', '.join(self.choices)}, got {value!r}"
        if self.is_required or self.default is None:
            return ""
        wanted = type(self.default)
        if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
            return ""
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            return ""
        return f"option {self.name!r} takes {wanted.__name__}, got {value!r}"

    def _list_problem(self, value: object) -> str:
        """A tuple in Python is a list in TOML; its items are the choices, or of the type of the default's items."""
        if not isinstance(value, tuple | list) or not value:
            return f"option {self.name!r} takes a list of at least one, got {value!r}"
        for item in value:
            if self.choices and item not in self.choices:
                return f"option {self.name!r} is a list of {', '.join(self.choices)}; got {item!r}"
        return ""


@dataclass(frozen=True, slots=True)
class Step:
    """A function over the state, with the keys it may touch.

    Called with a mapping that holds its `reads` and those of its `optional` keys that are set, and with
    the question's `Resources`; gives a dict with keys from `writes` only. A step keeps nothing between calls.
    """

    name: str
    function: StepFunction
    reads: frozenset[str]
    optional: frozenset[str]
    writes: frozenset[str]
    options: tuple[Option, ...]

    async def __call__(self, state: Mapping[str, Any], resources: Resources, **options: Any) -> dict[str, Any]:
        """Run the function; a sync one runs in a thread, so it may block.

        Raises:
            BusyError: all threads were taken until the question's time was over.
        """
        if inspect.iscoroutinefunction(self.function):
            return dict(await self.function(state, resources, **options))
        run = cast("Callable[..., Mapping[str, Any]]", self.function)
        wait_s = max(_LEAST_WAIT_S, resources.meter.seconds_left())
        try:
            return dict(await in_turn(lambda: run(state, resources, **options), wait_s=wait_s))
        except TurnMissedError:
            raise BusyError(wait_s, resources.settings.database.concurrent) from None


@dataclass(frozen=True, slots=True)
class Router:
    """A function that looks at the state and names one of its `outcomes`."""

    name: str
    function: Callable[[Mapping[str, Any], Resources], str]
    reads: frozenset[str]
    outcomes: tuple[str, ...]


def step(
    *,
    reads: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    choices: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[StepFunction], Step]:
    """Make a `Step` of a function `(state, resources, *, option=default, …)`.

    Args:
        reads: keys that have to be written before the step runs.
        optional: keys it uses where they are there.
        writes: keys it may give back.
        choices: option → the only values it takes, so that a graph with another is refused before it runs.
    """
    allowed = choices or {}

    def decorate(function: StepFunction) -> Step:
        options = tuple(
            Option(parameter.name, parameter.default, allowed.get(parameter.name, ()))
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        )
        name = getattr(function, "__name__", "step")
        return Step(name, function, frozenset(reads), frozenset(optional), frozenset(writes), options)

    return decorate


def router(
    *, reads: tuple[str, ...], outcomes: tuple[str, ...]
) -> Callable[[Callable[[Mapping[str, Any], Resources], str]], Router]:
    """Make a `Router` of a function `(state, resources)` that gives one of `outcomes`."""

    def decorate(function: Callable[[Mapping[str, Any], Resources], str]) -> Router:
        return Router(function.__name__, function, frozenset(reads), outcomes)

    return decorate
