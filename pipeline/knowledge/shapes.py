"""What the tables decided by people must be: their columns, what a row is known by, their values.

Whoever edits a table and slips learns the line and the reason; nothing is read from a table that
is not of its shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WORD = r"\S.*"
SOME = r".*"
NUMBER = r"[1-9][0-9]*"
CODE = r"(?:LU|LI|ST|SP|HT|SI|BL|KI|PC|TE|GB|LR|GV|CV)[1-9][0-9]?"
DOSE = "depth_min_fen|depth_max_fen|retention_breaths|moxa_min|moxa_max"
FORM = r"(?:[^\s(]|\(\?:)*N(?:[^\s(]|\(\?:)*"
"""A regular expression in which N is a number, the only groups it finds."""
POINT = r"U\+[0-9A-F]{4,6}"
REGION = "head|back|face|ear|neck|shoulder|chest|axilla|abdomen|hand|foot"


def some_of(*words: str) -> str:
    """One or more of some words, with | between."""
    return rf"(?:{'|'.join(words)})(?:\|(?:{'|'.join(words)}))*"


@dataclass(frozen=True, slots=True)
class Shape:
    """Each column with what its cells must match; the columns that no two rows have alike."""

    cells: dict[str, str]
    key: tuple[str, ...]
    within: dict[str, str] = field(default_factory=dict)
    """Columns whose cells stand in a column of the same name of another table."""
    rising: tuple[str, ...] = ()
    """Two columns of numbers, the second never less than the first."""
    expressions: tuple[str, ...] = ()
    """Columns of regular expressions."""


DECISIONS = Shape(
    {
        "witness": r"[^/\s]+",
        "anchor": r"[^{}]*(?:\{[^{}]*\}[^{}]*)?",
        "field": "[a-z_]+",
        "value": SOME,
        "reason": WORD,
        "by": WORD,
    },
    ("witness", "anchor", "field"),
)
"""The shape of ``decisions.tsv``, which stands beside a source and not in the corpus."""
SHAPES = {
    "authority/arrangement.tsv": Shape(
        {"place": NUMBER, "section": NUMBER, "name": WORD, "code": CODE},
        ("place",),
        {"code": "authority/points.tsv"},
    ),
    "authority/books.tsv": Shape(
        {
            "siglum": r"[a-z]*(?:-[a-z]+)*",
            "work": r"[a-z]+(?:-[a-z]+)*",
            "title": WORD,
            "author": SOME,
            "year": NUMBER,
            "basis": "completed|preface|presented|printed|died|about|before",
            "named": WORD,
            "reason": WORD,
        },
        ("title",),
        expressions=("named",),
    ),
    "authority/channels.tsv": Shape(
        {
            "name": WORD,
            "canonical": WORD,
            "kind": "regular|extraordinary|collective|bare|misprint",
            "simplified": WORD,
            "note": SOME,
        },
        ("name",),
    ),
    "authority/cited.tsv": Shape(
        {
            "work": WORD,
            "part": "(?:commentary)?",
            "year": NUMBER,
            "basis": "completed|preface|presented|printed|died|about|before",
            "reason": WORD,
        },
        ("work", "part"),
    ),
    "authority/counts.tsv": Shape(
        {"kind": "book|channel|chapter|group|rest", "form": FORM, "sides": "[12]", "reason": WORD},
        ("kind", "form"),
        expressions=("form",),
    ),
    "authority/cues.tsv": Shape(
        {"kind": "act|ban|dose|relation", "cue": WORD, "reason": WORD},
        ("kind", "cue"),
        expressions=("cue",),
    ),
    "authority/genres.tsv": Shape(
        {"grammar": WORD, "cue": WORD, "reason": WORD},
        ("grammar", "cue"),
        expressions=("cue",),
    ),
    "authority/heads.tsv": Shape(
        {
            "sign": "alias|colon|count|end|entry|extra|group|lead|named|never|not|place|tail|"
            "transport|treats",
            "words": WORD,
            "reason": WORD,
        },
        ("sign", "words"),
        expressions=("words",),
    ),
    "authority/names.tsv": Shape(
        {
            "name": WORD,
            "code": CODE,
            "kind": "standard_homonym|alias|variant|part|misprint",
            "context": r"(?:(?:region|channel|collective)=[^;=]*(?:;|$))*",
            "reason": WORD,
        },
        ("name", "code", "context"),
        {"code": "authority/points.tsv"},
    ),
    "authority/numerals.tsv": Shape(
        {
            "sign": r"\S+",
            "kind": "digit|both|tens|unit|myriad|many",
            "value": r"[0-9]+",
            "reason": WORD,
        },
        ("sign",),
    ),
    "authority/places.tsv": Shape(
        {"code": CODE, "words": WORD, "reason": WORD},
        ("code",),
        {"code": "authority/points.tsv"},
    ),
    "authority/points.tsv": Shape(
        {
            "code": CODE,
            "traditional": WORD,
            "simplified": WORD,
            "pinyin": WORD,
            "english": WORD,
            "laterality": "midline|paired",
            "channel": WORD,
            "region": rf"(?:{REGION})(?:\|(?:{REGION}))*",
        },
        ("code",),
    ),
    "authority/tara.tsv": Shape(
        {"code": CODE, "tara": r"TARA:\d{7}"},
        ("code",),
        {"code": "authority/points.tsv"},
    ),
    "authority/ranges.tsv": Shape(
        {
            "field": DOSE,
            "least": NUMBER,
            "most": NUMBER,
            "tradition": "mingtang|catalogue",
            "reason": WORD,
        },
        ("field", "tradition"),
        rising=("least", "most"),
    ),
    "authority/regions.tsv": Shape({"word": WORD, "region": REGION}, ("word",)),
    "authority/symptoms.tsv": Shape(
        {"head": WORD, "form": WORD, "reason": WORD}, ("head", "form"), expressions=("form",)
    ),
    "authority/transport.tsv": Shape(
        {"office": WORD, "relation": WORD, "yin": "[木火土金水]?", "yang": "[木火土金水]?"},
        ("office",),
    ),
    "authority/works.tsv": Shape(
        {
            "cited": WORD,
            "work": SOME,
            "chapter": rf"(?:{NUMBER}(?:\|{NUMBER})*)?",
            "part": "text|commentary|editors|catalogue|siglum|surname|unnamed",
            "witness_work": r"\S*",
            "note": SOME,
        },
        ("cited",),
    ),
    "authority/halves.tsv": Shape(
        {"cited": WORD, "chapter": NUMBER, "begins": WORD},
        ("cited",),
    ),
    "authority/treatments.tsv": Shape(
        {
            "kind": "again|argued|aside|behind|bodily|channel|closed|cue|ending|formula|further|"
            "halt|ill|list|manner|meant|midst|misprint|name|order|theory|topic|unmeant|verb|where",
            "form": WORD,
            "value": SOME,
            "reason": WORD,
        },
        ("kind", "form"),
        expressions=("form",),
    ),
    "normalization/codepoints.tsv": Shape(
        {
            "first": POINT,
            "last": POINT,
            "kind": "invisible|selector|decomposed",
            "reason": WORD,
        },
        ("first",),
    ),
    "normalization/compositions.tsv": Shape(
        {"composition": r"[⿰-⿿㇯]\S+", "character": r"\S", "reason": WORD}, ("composition",)
    ),
    "normalization/entities.tsv": Shape(
        {
            "entity": r"&[A-Za-z0-9]+;",
            "character": r"\S?",
            "certainty": "certain|probable|unknown",
            "reason": WORD,
        },
        ("entity",),
    ),
    "normalization/lost.tsv": Shape(
        {
            "sign": rf"{POINT}(?:–{POINT})?|(?!U\+)\S+",
            "where": "anywhere|inside|unasked|dose|passage|name",
            "reason": WORD,
        },
        ("sign",),
    ),
    "normalization/marks.tsv": Shape(
        {"mark": r"\S+", "kind": "lost|size|noise", "reason": WORD}, ("mark",)
    ),
    "normalization/modern.tsv": Shape(
        {"word": r"\S{2,}", "meant": r"\S+", "reason": WORD}, ("word",)
    ),
    "normalization/numerals.tsv": Shape(
        {"sign": r"\S", "numeral": "[一二三四五六七八九十廿卅百]", "reason": WORD}, ("sign",)
    ),
    "normalization/punctuation.tsv": Shape(
        {"sign": r"\S", "standard": r"\S", "after": "(?:Han)?", "reason": WORD}, ("sign",)
    ),
    "normalization/quoted.tsv": Shape(
        {"written": r"\S{1,2}", "standard": r"\S{1,2}", "reason": WORD}, ("written",)
    ),
    "normalization/radicals.tsv": Shape(
        {"sign": r"\S", "standard": r"\S", "name": "CJK (?:RADICAL|STROKE) .+"}, ("sign",)
    ),
    "normalization/tags.tsv": Shape(
        {
            "tag": r"\S+",
            "kind": "block|heading|break|note|noise|mark|pre",
            "reason": WORD,
        },
        ("tag",),
    ),
    "normalization/templates.tsv": Shape(
        {"template": r"\S+", "kind": "note|noise", "reason": WORD}, ("template",)
    ),
    "normalization/words.tsv": Shape(
        {"word": r"\S{2,}", "standard": r"\S{2,}", "reason": WORD}, ("word",)
    ),
    "normalization/variants.tsv": Shape(
        {"variant": r"\S", "standard": r"\S", "class": WORD, "source": WORD, "reason": WORD},
        ("variant",),
    ),
    "patterns.tsv": Shape(
        {
            "room": "piece|knowledge|sources|reading|judging|genres|publish|compare|site|commands",
            "name": "[A-Z]+(?:_[A-Z]+)*|[a-z]+(?:-[a-z]+)*",
            "pattern": WORD,
            "reason": WORD,
        },
        ("name",),
    ),
    "words.tsv": Shape(
        {
            "kind": "[a-z]+(?:-[a-z]+)*",
            "word": WORD,
            "value": SOME,
            "reason": WORD,
        },
        ("kind", "word"),
    ),
    "profiles.tsv": Shape(
        {
            "profile": "[a-z]+",
            "opens": some_of("line", "mark", "stop", "ring", "remark", "heading", "clause"),
            "head": some_of(
                "count",
                "colon",
                "place",
                "alias",
                "treats",
                "note",
                "gap",
                "body",
                "tail",
                "order",
                "named",
            ),
            "ends": "head|paragraph|sentence",
            "brackets": "notes|body",
            "reason": WORD,
        },
        ("profile",),
    ),
}
"""Shapes by the path of a table in ``corpus/``, or by its name in ``grammars/``."""
