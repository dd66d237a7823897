"""The tables as a schema: columns with types, keys, links between tables, Chinese titles.

The columns are the fields of the row classes of ``pipeline.model``; nothing is named twice. What
writes tables down (files, packages, databases) takes names, types and meaning from here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

from pipeline.model import (
    CitationRow,
    Claim,
    Coverage,
    DoseRow,
    Emendation,
    Entry,
    Identification,
    Indication,
    Issue,
    Note,
    Outcome,
    PointRow,
    Reading,
    SectionRow,
    Symptom,
    WitnessRow,
)

VERSION = 2
"""Version of the schema; it goes up when a table, column, key or link changes."""

TABLES: dict[str, type[Any]] = {
    "witnesses": WitnessRow,
    "points": PointRow,
    "sections": SectionRow,
    "entries": Entry,
    "doses": DoseRow,
    "indications": Indication,
    "symptoms": Symptom,
    "notes": Note,
    "readings": Reading,
    "claims": Claim,
    "identifications": Identification,
    "emendations": Emendation,
    "citations": CitationRow,
    "coverage": Coverage,
    "issues": Issue,
    "outcomes": Outcome,
}

ABOUT = {
    "witnesses": "One source text.",
    "points": "One of the 361 points of the fourteen channels, with its names and identifiers.",
    "sections": "A numbered part of a witness that holds entries.",
    "entries": "One statement of a witness about one point.",
    "doses": "One act that one authority states of a point.",
    "indications": "One statement of illness and one point that it names.",
    "symptoms": "One clause of the words of an illness.",
    "notes": "An inserted editorial note.",
    "readings": "One statement that a note or an authority makes about a field.",
    "claims": "Where one value of an entry was read.",
    "identifications": "What a statement of a commented text stands for, by its gloss.",
    "emendations": "A reading that a damaged witness lacks and another has.",
    "citations": "What a witness states on the authority of a work: who cites whom.",
    "coverage": "Consecutive rows tile each file exactly.",
    "issues": "What a scholar should look at.",
    "outcomes": "What became of a file: as what it was read, or why it was not.",
}
"""What a table holds, in a sentence (docstrings are not there under ``python -OO``)."""

SHEETS = {
    "witnesses": "文本",
    "points": "腧穴",
    "sections": "篇",
    "entries": "條目",
    "doses": "刺灸",
    "indications": "主治",
    "symptoms": "病候",
    "notes": "注",
    "readings": "異文",
    "claims": "出處",
    "identifications": "指認",
    "emendations": "擬補",
    "citations": "徵引",
    "coverage": "覆蓋",
    "issues": "問題",
    "outcomes": "結果",
}
"""Chinese titles of the tables."""

# A table comes after those it links to. Its key names a row; in a table of NUMBERED several rows
# may share one (two remarks on one span), and a database numbers them.
KEYS: dict[str, tuple[str, ...]] = {
    "witnesses": ("witness",),
    "points": ("code",),
    "sections": ("section_id",),
    "entries": ("entry_id",),
    "doses": ("dose_id",),
    "indications": ("indication_id",),
    "symptoms": ("symptom_id",),
    "notes": ("note_id",),
    "readings": ("reading_id",),
    "claims": ("entry_id", "field", "start", "end"),
    "identifications": ("witness", "section", "seq"),
    "emendations": ("witness", "entry_id", "field", "start", "end"),
    "citations": ("witness", "work"),
    "coverage": ("witness", "start"),
    "issues": ("witness", "start", "end", "rule"),
    "outcomes": ("witness",),
}
NUMBERED = frozenset({"claims", "emendations", "issues"})

LINKS: dict[str, dict[str, str]] = {
    "witnesses": {},
    "points": {},
    "sections": {"witness": "witnesses", "duplicate_of": "sections"},
    "entries": {"witness": "witnesses", "duplicate_of": "entries"},
    "doses": {"witness": "witnesses", "entry_id": "entries"},
    "indications": {"witness": "witnesses", "entry_id": "entries"},
    "symptoms": {"witness": "witnesses"},
    "notes": {"witness": "witnesses", "entry_id": "entries"},
    "readings": {"note_id": "notes", "entry_id": "entries"},
    "claims": {"entry_id": "entries"},
    "identifications": {"witness": "witnesses"},
    "emendations": {
        "witness": "witnesses",
        "entry_id": "entries",
        "from_witness": "witnesses",
        "from_entry": "entries",
    },
    "citations": {"witness": "witnesses"},
    "coverage": {"witness": "witnesses"},
    "issues": {"witness": "witnesses", "entry_id": "entries"},
    "outcomes": {},
}
"""Columns that name a row of a table by its (single) key."""

INDEXES: dict[str, tuple[str, ...]] = {
    "points": ("name",),
    "sections": ("number",),
    "entries": ("code", "name"),
    "doses": ("act", "source"),
    "indications": ("code", "statement_id"),
    "symptoms": ("key", "statement_id"),
    "readings": ("verdict",),
    "claims": ("field",),
    "citations": ("work",),
    "issues": ("rule",),
    "outcomes": ("outcome",),
}
"""Columns people look rows up by, beside keys and links."""

TITLES = {
    "act": "治法",
    "aliases": "別名",
    "anchor": "錨",
    "author": "作者",
    "basis": "依據",
    "candidates": "候選代碼",
    "channel": "經脈",
    "channels": "經脈",
    "chars": "字數",
    "cited_entry": "所引條目",
    "cited_text": "所引原文",
    "cited_witness": "所引文本",
    "code": "代碼",
    "codes": "代碼",
    "condition": "條件",
    "confirmed": "相合",
    "contradicted": "相違",
    "count": "穴數",
    "counted_points": "實計穴數",
    "cues": "線索數",
    "cues_read": "已讀線索數",
    "daily": "每日",
    "declared_points": "自述穴數",
    "declared_unit": "計數單位",
    "depth_max_fen": "刺深上限（分）",
    "depth_min_fen": "刺深下限（分）",
    "direction": "方向",
    "dose_id": "刺灸編號",
    "doses": "刺灸條數",
    "duplicate_of": "重出自",
    "edition": "版本",
    "emended": "補後之文",
    "encoding": "編碼",
    "end": "止",
    "english": "英譯",
    "entries": "條目數",
    "entry_id": "條目編號",
    "evidence": "證據",
    "expr": "不定之數",
    "field": "欄位",
    "files": "文件",
    "flags": "標記",
    "forbidden": "禁",
    "format": "格式",
    "from_entry": "據條目",
    "from_witness": "據文本",
    "gloss": "注文",
    "grammar": "文類",
    "indication_id": "主治編號",
    "indications": "主治數",
    "juan": "卷",
    "key": "檢索形",
    "kind": "類別",
    "laterality": "單雙",
    "layout": "版式",
    "lemma": "經文",
    "licence": "授權",
    "line": "行",
    "location": "部位",
    "max": "上限",
    "message": "說明",
    "min": "下限",
    "modifiers": "附加法",
    "moxa": "灸",
    "moxa_forbidden": "禁灸",
    "moxa_max": "灸壯上限",
    "moxa_min": "灸壯下限",
    "moxa_source": "灸法所據",
    "name": "標準穴名",
    "name_basis": "穴名依據",
    "name_raw": "原文穴名",
    "named": "文中所指",
    "nearly": "近合",
    "needle": "刺",
    "needling_forbidden": "禁刺",
    "needling_source": "刺法所據",
    "not_found": "未見",
    "note": "注號",
    "note_id": "注編號",
    "number": "篇次",
    "ord": "次序",
    "origin": "來源",
    "outcome": "結果",
    "page": "葉",
    "page_line": "葉內行",
    "path": "路徑",
    "patient": "病者",
    "phase": "五行",
    "pinyin": "拼音",
    "point_end": "穴止",
    "point_start": "穴起",
    "points": "標準穴名",
    "points_raw": "原文穴名",
    "posture": "取法",
    "printed": "原文",
    "profile": "體例",
    "proposed": "擬補",
    "reading_id": "異文編號",
    "readings": "異文條數",
    "reason": "理由",
    "ref": "參見",
    "region": "部區",
    "remarks": "附記",
    "retention_breaths": "留呼",
    "retention_source": "留呼所據",
    "role": "臟腑關係",
    "rule": "規則",
    "script": "字體",
    "searched": "已檢之處",
    "section": "篇",
    "section_id": "篇編號",
    "seq": "序號",
    "severity": "程度",
    "sha256": "SHA-256",
    "shu": "腧穴類別",
    "side": "左右",
    "simplified": "簡體穴名",
    "source": "所引書",
    "stage": "階段",
    "start": "起",
    "state": "可信狀態",
    "statement_id": "主治條編號",
    "status": "狀態",
    "step": "先後",
    "stratum": "層次",
    "symptom_id": "病候編號",
    "syndrome": "病候",
    "tara": "TARA 編號",
    "target_kind": "所指",
    "text": "原文",
    "title": "題名",
    "unit": "單位",
    "value": "值",
    "verdict": "判定",
    "warnings": "警語",
    "witness": "文本",
    "work": "著作",
    "year": "年代",
    "year_basis": "年代依據",
}
"""Chinese titles of the columns, for people who open the tables in a spreadsheet."""

TYPES: dict[Any, str] = {
    str: "string",
    int: "int",
    float: "number",
    bool: "bool",
    tuple[str, ...]: "list",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its name, type (string, int, number, bool, list), unit and meaning."""

    name: str
    type: str
    nullable: bool
    unit: str
    doc: str


def columns(row: type[Any]) -> tuple[Column, ...]:
    """The columns of a row class, in order.

    >>> [(c.name, c.type, c.nullable) for c in columns(Coverage)][:2]
    [('witness', 'string', False), ('start', 'int', False)]
    """
    hints = get_type_hints(row)

    def column(name: str, unit: str, doc: str) -> Column:
        hint = hints[name]
        nullable = type(None) in get_args(hint)
        plain = get_args(hint)[0] if nullable else hint
        return Column(name, TYPES[plain], nullable, unit, doc)

    return tuple(column(f.name, f.metadata["unit"], f.metadata["doc"]) for f in fields(row))


def about(table: str) -> str:
    """What a table holds, in a sentence.

    >>> about("notes")
    'An inserted editorial note.'
    """
    return ABOUT[table]
