"""A sheet of values to be read: drawn by chance, each with its words."""

import re

import pytest
from typer.testing import CliRunner

from pipeline.commands.cli import app
from pipeline.commands.sample import TABLES, drawn, of_claims
from tests.corpus import whole


def sheet(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["sample", "corpus", "-w", "jiayi-j3", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_same_seed_draws_the_same_and_another_others() -> None:
    values = list(of_claims(whole()))
    one = drawn(values, 60, 1)
    assert one == drawn(values[::-1], 60, 1)
    assert one != drawn(values, 60, 2)
    assert len(set(one)) == 60
    assert len(drawn(values[:5], 60, 1)) == 5


def test_each_value_stands_with_its_words_and_is_counted() -> None:
    shown = sheet("-n", "7", "--field", "moxa_min")
    assert len(re.findall(r"^\d\. \[ \] right  \[ \] wrong .* moxa_min = \d+$", shown, re.M)) == 7
    assert len(re.findall(r"【\w*灸\w*壮】", shown)) == 7
    assert "| moxa_min | 7 | | |\n| all | 7 | | |" in shown


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_sheet(table: str) -> None:
    assert "| all | " in sheet("-n", "3", "--table", table)


def test_a_table_that_cannot_be_drawn_from_is_misuse() -> None:
    assert CliRunner().invoke(app, ["sample", "corpus", "--table", "sections"]).exit_code == 2
