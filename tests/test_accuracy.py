"""The tables against what readers saw: what the page of the documents says is what is measured."""

import pytest

from tests.accuracy import PAGE, cell, columns, measure, page
from tests.corpus import EDITIONS, with_editions


def test_the_page_says_what_is_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(columns())


@pytest.mark.skipif(not EDITIONS, reason="needs the editions")
def test_the_edition_in_columns_is_read_as_readers_did() -> None:
    measured = measure("jiayi-wyg", with_editions())
    scores = {name: cell(score) for name, score in measured.fields.items()}
    # In two notes the first sample has the holes of the second column as they are printed.
    assert (scores.pop("notes"), scores.pop("readings")) == ("31/33 +2", "37/39 +2")
    assert all(score.isdecimal() for score in scores.values())
