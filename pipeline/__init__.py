"""mingtang: classical texts on the acupuncture points, from raw text to tables."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.api import extract, to_pandas
    from pipeline.model import Result, Spec, Witness

__all__ = ["Result", "Spec", "Witness", "extract", "to_pandas"]


def __getattr__(name: str) -> Any:
    """The library, loaded when it is first asked for: the command has a version without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("pipeline.api"), name)
