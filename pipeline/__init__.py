"""mingtang: classical texts on the acupuncture points, from raw text to tables."""

from __future__ import annotations

from pipeline.api import extract, to_pandas
from pipeline.model import Result, Spec, Witness

__all__ = ["Result", "Spec", "Witness", "extract", "to_pandas"]
