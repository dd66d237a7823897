"""Chinese numerals as the texts write them, to exact integers."""

from __future__ import annotations

from pipeline.knowledge.tables import table


def _signs(*kinds: str) -> dict[str, int]:
    """The signs of some kinds, in the order of the table, with their values."""
    rows = table("authority/numerals.tsv")
    return {row["sign"]: int(row["value"]) for row in rows if row["kind"] in kinds}


DIGITS = _signs("digit", "both")
TENS = _signs("tens")
UNITS = _signs("unit")
MANY = _signs("many")
PLACES = sorted((UNITS | _signs("myriad")).items(), key=lambda one: -one[1])
WRITTEN = {value: sign for sign, value in reversed(_signs("digit").items())}
"""The signs that numbers are written with."""
NUMERAL = "".join([*DIGITS, *TENS, *UNITS])
"""All signs of numbers."""
COUNTS = "".join(sign for sign in NUMERAL if sign not in _signs("both"))
"""The same but for those that also say both (兩傍)."""
LOST = "□〓"
"""Where a glyph is lost, or not known."""


def integer(numeral: str) -> int | None:
    """The value of a numeral, or None where it is none.

    >>> [integer(n) for n in ("七", "三十五", "廿", "百二十", "六百五十四", "三百零八")]
    [7, 35, 20, 120, 654, 308]

    一百五 is 105, as the classical language has it; two digits side by side (八九) are a range,
    not a number, and units that do not descend (十百) are nothing.
    """
    total, pending, zero, least = 0, None, False, 10_000
    for char in numeral:
        if char in DIGITS:
            if pending is not None and not zero:
                return None
            pending, zero = DIGITS[char], DIGITS[char] == 0
        elif char in UNITS and UNITS[char] < least:
            least = UNITS[char]
            total += (1 if pending is None else pending) * least
            pending = None
        elif char in TENS and pending is None and least > 10:
            least = 10
            total += TENS[char]
        else:
            return None
    if not numeral:
        return None
    return total + (pending or 0)


def interval(numeral: str) -> tuple[int, int] | None:
    """A numeral or two adjoining digits as least and most value.

    >>> interval("八九"), interval("五"), interval("三五"), interval("二十五")
    ((8, 9), (5, 5), (3, 5), (25, 25))

    Sevens are counted, as in the calendar: 二七 is twice seven, while 六七 is six or seven.

    >>> interval("二七"), interval("六七")
    ((14, 14), (6, 7))

    Numbers that are listed are least and most, too; what holds a lost glyph is none.

    >>> interval("三、五"), interval("五、三"), interval("三□")
    ((3, 5), None, None)

    A unit after two digits is that of both; 千百 is a way of saying many.

    >>> interval("二三百"), interval("二、三百"), interval("千百")
    ((200, 300), (200, 300), None)
    """
    least, listed, most = numeral.partition("、")
    if least in DIGITS and most[:1] in DIGITS and most[1:] in UNITS:
        least += most[1:]
    if listed:
        first, last = interval(least), interval(most)
        return (first[0], last[1]) if first and last and 0 < first[0] < last[1] else None
    if len(numeral) == 3 and numeral[2] in UNITS and numeral[0] in DIGITS and numeral[1] in DIGITS:
        return interval(f"{numeral[0]}、{numeral[1:]}")
    value = integer(numeral) if numeral not in MANY else None
    if value is not None:
        return value, value
    if len(numeral) == 2 and all(char in DIGITS for char in numeral):
        low, high = DIGITS[numeral[0]], DIGITS[numeral[1]]
        if high == 7 and low not in (0, 6):
            return 7 * low, 7 * low
        return (low, high) if 0 < low < high else None
    return None


def multiplied(numeral: str) -> int | None:
    """The product of a multiplication that is spelled out, if it is right.

    >>> [multiplied(n) for n in ("五五二十五", "六六三十六", "五五二十六")]
    [25, 36, None]
    """
    one, other, product = integer(numeral[:1]), integer(numeral[1:2]), integer(numeral[2:])
    return product if one and other and one * other == product else None


def written(number: int) -> str:
    """A number from 1 on as the texts write it.

    >>> [written(n) for n in (7, 10, 39, 120, 12015)]
    ['七', '十', '三十九', '一百二十', '一萬二千一十五']
    """
    out = ""
    for sign, unit in PLACES:
        times, number = divmod(number, unit)
        if times:
            out += ("" if unit == 10 and times == 1 and not out else written(times)) + sign
    return out + (WRITTEN[number] if number else "")
