"""Genres as data: the named stages that a witness passes through, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from inspect import signature
from typing import Any

from pipeline.model import Layer, Result, Witness


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on the way to a result. Its function asks, by the names of its parameters, for the
    ``witness`` and for what the stages before it found.
    """

    name: str
    function: Callable[..., Any]


Genre = Sequence[Stage]
Step = Callable[[Stage, Mapping[str, Any]], Any]
FIRST, LAST = "layer", "result"
"""A genre begins with the normalized layer; it ends with the first result that a stage of this name
gives.
"""


@cache
def asks(function: Callable[..., Any]) -> tuple[str, ...]:
    """What the function of a stage asks for.

    >>> from pipeline.sources.normalize import layer_of
    >>> asks(layer_of)
    ('witness',)
    """
    return tuple(signature(function).parameters)


def take(stage: Stage, given: Mapping[str, Any]) -> Any:
    """A stage as a run takes it."""
    return stage.function(**given)


def walk(genre: Genre, witness: Witness, step: Step = take) -> Result:
    """What a witness gives by the stages of its genre; ``step`` takes each of them."""
    known: dict[str, Any] = {"witness": witness}
    for stage in genre:
        found = step(stage, {name: known[name] for name in asks(stage.function)})
        if stage.name == LAST and isinstance(found, Result):
            return replace(found, layers=(Layer(witness.spec.siglum, known[FIRST]),))
        known[stage.name] = found
    raise ValueError(f"no stage gives a {LAST}")
