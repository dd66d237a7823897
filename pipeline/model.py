"""All data types of the pipeline: frozen, slotted, without behaviour.

Positions named ``start`` and ``end`` count Unicode code points of the source as decoded (end
exclusive, a BOM not counted) in every type that leaves the pipeline, and code points of a
normalized text in the types that say so. Types whose docstring opens with "Row of" are the
tables of ``output/``: their fields are the columns, in order, and the field documentation is
what ``output/README.md`` prints.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning", "info"]
Kind = Literal[
    "heading", "entry", "note", "lemma", "gloss", "statement", "verse", "prose", "markup", "noise",
    "unparsed",
]  # fmt: skip


def column(doc: str, unit: str = "", **kwargs: Any) -> Any:
    """A table column: what it means and, for numbers, the unit."""
    return field(metadata={"doc": doc, "unit": unit}, **kwargs)


# --- sources -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spec:
    """One ``[[witness]]`` block of witnesses.toml: which text, which format, what terms."""

    siglum: str
    work: str
    title: str
    edition: str
    path: Path
    name: str
    """Path as shown to people: relative to the manifest that names it, with forward slashes."""
    format: str
    grammar: str
    script: str
    licence: str
    origin: str
    juan: str = ""
    encoding: str = ""
    reason: str = ""
    """Why it is read by this layout, grammar and script, where no manifest says so."""
    parts: tuple[str, ...] = ()
    """Of a folder the files that are this source, where there are others."""
    author: str = ""
    year: int | None = None
    year_basis: str = ""
    profile: str = ""
    """The way of writing of a catalogue, where a manifest says it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of a place of a source: a row of ``decisions.tsv`` beside it."""

    witness: str
    anchor: str
    """The words in braces, with those around them: 神庭，在髮際直鼻，灸{三}壯."""
    field: str
    value: str
    reason: str
    by: str
    where: str
    """Table and line."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A source as received: its bytes decoded, nothing else done to it."""

    spec: Spec
    text: str
    encoding: str
    sha256: str
    files: tuple[tuple[str, int], ...] = ()
    """Of a witness of several files: their names and where each begins in the text."""
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something in a text that a scholar should look at. Positions are source positions."""

    code: str
    severity: Severity
    message: str
    witness: str
    start: int
    end: int
    section: int | None = None
    entry_id: str | None = None
    see: tuple[tuple[str, int, int], ...] = ()
    """Further places: (siglum, start, end)."""


# --- the normalized layer ------------------------------------------------------------------------


class Change(NamedTuple):
    """One logged rewrite: source span, what stood there, what it became, by which rule."""

    start: int
    end: int
    before: str
    after: str
    rule: str


@dataclass(frozen=True, slots=True)
class Fold:
    """A one-to-one rewrite of a whole text (script, variant glyphs), or of the few characters in it
    that were other forms (signs): two strings of one length.
    """

    rule: str
    before: str
    after: str
    starts: array[int]
    ends: array[int]


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A normalized text; ``chars[i]`` was read from ``source[starts[i]:ends[i]]``.

    ``source`` is the text of record; ``lost`` holds its positions where a glyph is missing
    (上 ，在第一空: after 上). Two texts are equal only if they are the same one.
    """

    source: str
    chars: str
    starts: array[int]
    ends: array[int]
    log: tuple[Change | Fold, ...] = ()
    lost: tuple[int, ...] = ()
    moved: bool = False
    """Whether pieces of the source stand in another order than in it."""
    columns: bool = False
    """Whether the notes of the source stand in two columns, with the signs of that layout."""


# --- segments ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteSegment:
    """A note in brackets. ``start``/``end``: its inside, in the normalized text with notes;
    ``anchor``: where it stood, in the text without notes; ``outer``: source span with brackets.
    """

    start: int
    end: int
    anchor: int
    outer: tuple[int, int]
    closed: bool


@dataclass(frozen=True, slots=True)
class EntrySegment:
    """An entry: positions in the text without notes. ``head`` is the name as it stands there."""

    entry_id: str
    section: int
    """Index into the sections of the same witness."""
    seq: int
    head: tuple[int, int]
    start: int
    end: int
    notes: tuple[int, ...] = ()
    """Indices of the notes that belong to the entry."""
    flags: tuple[str, ...] = ()
    body: tuple[int, int] | None = None
    """Its words, where they do not follow right behind its head (上星、通天二穴，主治) or stand
    before it (在巨骨之下陷中，雲門穴也).
    """


@dataclass(frozen=True, slots=True)
class SectionSegment:
    """A section of a book. ``start``/``end``: its body in the text without notes."""

    number: int | None
    title: str
    heading: tuple[int, int]
    """Where the title stands, in the text without notes."""
    juan: str
    start: int
    end: int
    source: tuple[int, int]
    declared: int | None
    duplicate_of: int | None = None
    notes: tuple[int, ...] = ()
    section_id: str = ""
    """As the tables have it: siglum/number, with a letter where a number stands repeatedly."""
    profile: str = ""
    """The way of writing that its entries were found by."""
    path: str = ""
    """The headings that it stands under, as far as the layout tells."""


@dataclass(frozen=True, slots=True)
class Segments:
    """What segmentation found: the text with its notes, in which these count, and without them,
    in which all else does; sections, entries, notes, coverage.
    """

    text: Text
    main: Text
    sections: tuple[SectionSegment, ...]
    entries: tuple[EntrySegment, ...]
    notes: tuple[NoteSegment, ...]
    blocks: tuple[tuple[int, int, Kind], ...]
    """Source spans and what they are, in painting order: later ones lie on top."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of an entry to a chapter of a work (與氣穴同法 → 素問 58): the columns it covers
    and the source span of its words.
    """

    witness: str
    entry_id: str
    code: str | None
    work: str
    chapter: int | None
    columns: tuple[str, ...]
    start: int
    end: int


# --- rows of the tables --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """Row of witnesses: one source text."""

    witness: str = column("siglum")
    work: str = column("work it is a witness of")
    title: str = column("title")
    script: str = column("hans (simplified) or hant (traditional)")
    format: str = column("layout of the file")
    path: str = column("file, relative to the manifest that names it")
    encoding: str = column("encoding it was decoded with")
    sha256: str = column("hash of the file as received")
    chars: int = column("length as decoded", "code points")
    licence: str = column("what is known of the terms of use")
    origin: str = column("where the transcription comes from")
    edition: str = column("printed or digital edition")
    files: tuple[str, ...] = column(
        "of a witness of several files, read as one text: name:start of each", default=()
    )
    author: str = column("who wrote the work, as far as it is known which work it is", default="")
    year: int | None = column("when it was written, by which witnesses are ordered", default=None)
    year_basis: str = column(
        "what happened in that year: completed, preface, presented, printed, died, about, before",
        default="",
    )


@dataclass(frozen=True, slots=True)
class CitationRow:
    """Row of citations: what one witness states on the authority of one work or person."""

    witness: str = column("siglum")
    work: str = column("the work, as the table of works calls it; a person as printed")
    cited_witness: str | None = column("siglum of the cited work, where it is in the corpus")
    year: int | None = column("when the cited work was written, where it is known")
    doses: int = column("doses on its authority")
    readings: int = column("readings on its authority")
    indications: int = column("indications on its authority")
    confirmed: int = column("of doses and readings, those that the cited work has")
    nearly: int = column("those that it has but for a word")
    contradicted: int = column("those that it has otherwise")
    not_found: int = column("those that it has not where they were looked for")


@dataclass(frozen=True, slots=True)
class PointRow:
    """Row of points: one of the 361 points of the fourteen channels."""

    code: str = column("code of the standard, without hyphen (GV24)")
    ord: int = column("order: by channels, then along each")
    name: str = column("standard name in traditional characters")
    simplified: str = column("standard name in simplified characters")
    pinyin: str = column("reading, with tones")
    english: str = column("customary English rendering of the name")
    laterality: str = column("midline or paired")
    channel: str = column("channel that it is counted to")
    region: tuple[str, ...] = column("parts of the body under which the 甲乙經 treats it")
    tara: str = column("identifier in the TARA Acupoints Ontology")


@dataclass(frozen=True, slots=True)
class SectionRow:
    """Row of sections: a numbered part of a witness that holds entries."""

    section_id: str = column("witness/number, with a letter where a number stands repeatedly")
    witness: str = column("siglum")
    juan: str = column("juan (book) of the work")
    number: int | None = column("the source's own number")
    title: str = column("title as printed, white space removed")
    start: int = column("first position, heading included", "code points")
    end: int = column("end position, exclusive", "code points")
    declared_points: int | None = column("the source's own count (凡七穴 → 7)", "points")
    counted_points: int | None = column(
        "what the entries add up to: a point on the midline 1, a paired point 2", "points"
    )
    entries: int = column("entries found")
    status: str = column("reconciled, differs, undeclared or duplicate")
    duplicate_of: str | None = column("section_id of the first occurrence", default=None)
    profile: str = column("way of writing that it was read by", default="")
    channel: str | None = column("channel that the group belongs to", default=None)
    region: str | None = column("region of the body that the group belongs to", default=None)
    declared_unit: str | None = column(
        "what the source counts: points (both sides) or entries (each name once)", default=None
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """Row of entries: one statement of a witness about one point."""

    entry_id: str = column("witness/SS/NNN: section number, order within it")
    witness: str = column("siglum")
    section: int | None = column("the source's own section number")
    seq: int = column("order within the section (within the note where notes are numbered)")
    note: int | None = column("number of the circled note that holds the entry")
    name_raw: str = column("head name as printed, white space removed; empty where lost")
    name: str | None = column("standard name in traditional characters")
    code: str | None = column("code of the standard, without hyphen (GV24)")
    name_basis: str = column("printed, variant, restored or unknown")
    aliases: tuple[str, ...] = column("names after 一名, 又名, as printed; □ where lost")
    count: int | None = column("number of points the entry itself states", "points")
    location: str = column("descriptive clauses, verbatim, joined with ，")
    channels: tuple[str, ...] = column("channel:relation, canonical traditional form")
    shu: str | None = column("井 滎 俞 原 經 合 募")
    phase: str | None = column("金 水 木 火 土")
    posture: tuple[str, ...] = column("clauses with 取之 or 得之, verbatim")
    depth_min_fen: float | None = column("needling depth, least", "分 (1 寸 = 10 分)")
    depth_max_fen: float | None = column("needling depth, most", "分 (1 寸 = 10 分)")
    needling_forbidden: bool = column("the entry forbids needling")
    retention_breaths: int | None = column("how long the needle stays", "呼 (breaths)")
    moxa_min: int | None = column("moxa cones, least", "壯 (cones)")
    moxa_max: int | None = column("moxa cones, most", "壯 (cones)")
    moxa_forbidden: bool = column("the entry forbids moxa")
    warnings: tuple[str, ...] = column("stated consequences and remarks on treatment, verbatim")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")
    line: int = column("line of the first position, from 1", "lines")
    text: str = column("the entry in its source")
    duplicate_of: str | None = column("entry_id of the first occurrence, where repeated")
    flags: tuple[str, ...] = column("what is damaged or doubtful")
    role: str | None = column("what the point is to an organ, outside the shu list (三焦下輔俞)")
    remarks: tuple[str, ...] = column("words after the doses that belong to no other column")
    candidates: tuple[str, ...] = column("codes a name could stand for where it stays unknown")
    page: str | None = column("page of the edition, juan-leaf and side (003-11a)", default=None)
    page_line: int | None = column("printed line on the page, from 1", "lines", default=None)
    kind: str = column(
        "entry, extra (a point outside the 361) or transport (the lists of 井滎俞經合)",
        default="entry",
    )
    needling_source: str = column("authority of the depth; empty: the book itself", default="")
    retention_source: str = column("authority of the retention", default="")
    moxa_source: str = column("authority of the cones", default="")
    state: str = column(
        "sound, damaged_near, restored, by_elimination (of a name that is lost) or scope_undecided",
        default="sound",
    )
    anchor: str = column(
        "title of the section / first words: tells it in another release", default=""
    )


@dataclass(frozen=True, slots=True)
class DoseRow:
    """Row of doses: one act that one authority states of a point."""

    dose_id: str = column("entry_id/dN")
    entry_id: str = column("the entry")
    witness: str = column("siglum")
    ord: int = column("order within the entry")
    act: str = column("needling (分), retention (呼), drain (吸) or moxa (壯)")
    source: str = column("authority as printed, without 《》 云 曰; empty: the book itself")
    work: str | None = column("what the table of works knows it as; of 又 亦 the one taken up")
    cited_witness: str | None = column("siglum of the cited work, where it is in the corpus")
    min: float | None = column("least, in the unit of the act")
    max: float | None = column("most, in the unit of the act")
    unit: str = column("分, 呼, 吸 or 壯")
    forbidden: bool = column("the act is forbidden")
    daily: bool = column("the number is for a day (日灸七壯)")
    expr: str = column("a quantity that is no number (隨年壯)")
    condition: str = column("for whom or when, verbatim (小兒, 若未曾產, 冬三月)")
    text: str = column("the words, verbatim")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")
    verdict: str = column("as in readings", default="not_checkable")
    cited_entry: str | None = column("entry that the dose was compared with", default=None)


@dataclass(frozen=True, slots=True)
class Indication:
    """Row of indications: one statement of illness × point."""

    indication_id: str = column("statement_id/pN")
    statement_id: str = column("witness/juan.section/NNN, or entry_id/iN")
    witness: str = column("siglum")
    juan: str = column("juan (book) of the work")
    section: int | None = column("the source's own section number")
    entry_id: str | None = column("entry of a catalogue that the words stand in")
    direction: str = column("illness_first (頭痛…神庭主之) or point_first (主頭痛)")
    stratum: str = column("mingtang, or neijing inside passages of theory")
    source: str = column("whose indication it is; empty: the book's own")
    syndrome: str = column("the words of the illness, verbatim, without notes")
    name_raw: str = column("point as printed; empty where understood from before")
    name: str | None = column("standard name in traditional characters")
    code: str | None = column("code of the standard, without hyphen (GV24)")
    name_basis: str = column("printed, variant, restored or unknown")
    candidates: tuple[str, ...] = column("codes a name could stand for where it stays unknown")
    target_kind: str = column("point, place or channel")
    act: str = column("the verb as printed (主之 刺 灸 取 補 瀉)")
    role: str = column("main, and, also, sequence or alternative")
    step: int | None = column("1, 2 … of 先取X後取Y")
    needle: str | None = column("allowed or forbidden, by the verb and the book's own rule")
    moxa: str | None = column("allowed or forbidden, by the verb and the book's own rule")
    side: str = column("side as printed (左取右)")
    modifiers: tuple[str, ...] = column("how, verbatim (出血立已, 留針)")
    patient: str = column("whose illness, as printed (小兒, 女子)")
    text: str = column("the statement, verbatim")
    start: int = column("first position of the statement", "code points")
    end: int = column("end position, exclusive", "code points")
    line: int = column("line of the first position, from 1", "lines")
    point_start: int | None = column("where the point stands", "code points")
    point_end: int | None = column("where it ends, exclusive", "code points")
    flags: tuple[str, ...] = column("what is damaged or doubtful")


@dataclass(frozen=True, slots=True)
class Symptom:
    """Row of symptoms: one clause of the words of an illness."""

    symptom_id: str = column("statement_id/sN")
    statement_id: str = column("the statement of indications")
    witness: str = column("siglum")
    ord: int = column("order within the statement")
    text: str = column("the clause, verbatim")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")
    key: str = column("the clause with script and variant glyphs folded")
    basis: str = column("punctuation, or parallel: cut as in another edition")


@dataclass(frozen=True, slots=True)
class Note:
    """Row of notes: an inserted editorial note."""

    note_id: str = column("witness/nNNNN, or entry_id/nN inside an entry")
    entry_id: str | None = column("entry it belongs to; empty in prose and on a whole section")
    witness: str = column("siglum")
    ord: int = column("order within the entry, or within the witness outside entries")
    text: str = column(
        "what stands inside the brackets, verbatim; a note in two columns in reading order, "
        "without the signs of the layout"
    )
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")


@dataclass(frozen=True, slots=True)
class Reading:
    """Row of readings: one statement a note makes about a field."""

    reading_id: str = column("note_id/rN, or entry_id/rN without a note")
    note_id: str | None = column("the note; none for words of an authority in running text")
    entry_id: str | None = column("the entry")
    source: str = column("the work or witness as the note names it; empty if none")
    cited_witness: str | None = column("siglum of the cited work, where it is in the corpus")
    field: str = column(
        "name aliases location channels posture depth retention moxa needling warnings "
        "indications syndrome point act text sound other"
    )
    value: str = column(
        "number (depth in 分, retention, moxa), forbidden, 、-joined channels, or words"
    )
    text: str = column("the words of the statement, verbatim")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")
    verdict: str = column("confirmed nearly contradicted not_found not_in_corpus not_checkable")
    cited_entry: str | None = column("entry that the statement was compared with", default=None)
    statement_id: str | None = column("statement of indications that it stands in", default=None)
    cited_text: str = column("the words there, as far as the verdict rests on them", default="")
    searched: tuple[str, ...] = column(
        "where what was not found was looked for: entries, chapters; the place that nobody holds; "
        "the entries through which a place was followed",
        default=(),
    )


@dataclass(frozen=True, slots=True)
class Claim:
    """Row of claims: where one value of an entry was read."""

    entry_id: str = column("the entry")
    field: str = column("column of entries")
    value: str = column("the value, or the part of it read here")
    basis: str = column("direct, cited, like, group, external or decided")
    ref: str | None = column("entry the value was taken from, or the work a reference leads to")
    text: str = column("the words, verbatim")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")
    source: str = column(
        "authority that a cited value is from, as printed; of a decided one who decided it",
        default="",
    )
    named: str = column(
        "place that the words name, where it has no such point and ref is of another chapter",
        default="",
    )


@dataclass(frozen=True, slots=True)
class Identification:
    """Row of identifications: what a statement of a commented text stands for, by its gloss."""

    witness: str = column("siglum")
    section: int = column("chapter")
    seq: int = column("order within the chapter")
    lemma: str = column("the statement commented on, verbatim")
    count: int | None = column("number of points it states", "points")
    kind: str = column("point, group or prose")
    gloss: str = column("the commentary, verbatim")
    points_raw: tuple[str, ...] = column("point names as printed")
    points: tuple[str, ...] = column("standard names")
    codes: tuple[str, ...] = column("codes of the standard")
    location: str = column("where the gloss places them, verbatim")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")


@dataclass(frozen=True, slots=True)
class Emendation:
    """Row of emendations: a reading that a damaged witness lacks and another has."""

    witness: str = column("siglum of the damaged witness")
    entry_id: str | None = column("the damaged entry; none where a statement of illness is damaged")
    field: str = column("column of entries that the gap is in; text for a missing passage")
    printed: str = column("what is printed in the gap: a blank, a mark, or nothing")
    proposed: str = column("what stands there in the other witness, in the normalized form")
    from_witness: str = column("siglum of the witness that has them")
    from_entry: str | None = column("its entry")
    evidence: str = column("the words around that agree, and why the gap is a loss")
    start: int = column("where the gap begins in the damaged witness", "code points")
    end: int = column("where it ends; never a sign is in it", "code points")
    value: str = column("value of the field as printed", default="")
    emended: str = column("the same with what is proposed; empty for text", default="")
    statement_id: str | None = column("statement of indications that is damaged", default=None)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Row of coverage: consecutive rows tile each file exactly."""

    witness: str = column("siglum")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")
    kind: str = column("heading entry note lemma gloss statement verse prose markup noise unparsed")


@dataclass(frozen=True, slots=True)
class Issue:
    """Row of issues: what a scholar should look at."""

    witness: str = column("siglum")
    section: int | None = column("section number")
    entry_id: str | None = column("entry")
    start: int = column("first position", "code points")
    end: int = column("end position, exclusive", "code points")
    line: int = column("line of the first position, from 1", "lines")
    severity: str = column("error, warning or info")
    rule: str = column("stable code of the diagnostic")
    message: str = column("what was seen")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Row of outcomes: what became of a file."""

    witness: str = column("siglum")
    path: str = column("file, relative to the folder or manifest that names it")
    sha256: str = column("hash of the file as received; empty where it was not read")
    chars: int = column("length as decoded", "code points")
    outcome: str = column("read, nothing_of_ours, skipped, failed, timed_out or too_large")
    layout: str = column("layout that it was read in")
    grammar: str = column("genre that it was read as")
    profile: str = column("ways of writing that its sections were read by, joined with 、")
    reason: str = column("why it was read so, or why it was skipped")
    entries: int = column("entries found; in a lemma-and-gloss commentary, identifications")
    indications: int = column("statements of illness × point")
    cues: int = column("words that treat a point or give it a channel (刺入三分, 脈氣所發)")
    cues_read: int = column("cues that became values")
    stage: str = column("where the reading failed: start, read, extract or write")
    message: str = column("why it failed")


@dataclass(frozen=True, slots=True)
class Layer:
    """The normalized text of a witness."""

    witness: str
    text: Text


@dataclass(frozen=True, slots=True)
class Result:
    """All that one run found, over all its witnesses."""

    witnesses: tuple[Witness, ...] = ()
    sections: tuple[SectionRow, ...] = ()
    entries: tuple[Entry, ...] = ()
    doses: tuple[DoseRow, ...] = ()
    indications: tuple[Indication, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    notes: tuple[Note, ...] = ()
    readings: tuple[Reading, ...] = ()
    claims: tuple[Claim, ...] = ()
    identifications: tuple[Identification, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    emendations: tuple[Emendation, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    references: tuple[Reference, ...] = ()
    """References that lead out of their witness."""
    layers: tuple[Layer, ...] = ()
    """The normalized text of each witness, for what is asked across witnesses."""


def join(results: Iterable[Result]) -> Result:
    """Several results as one."""
    found = list(results)
    return Result(
        **{f.name: tuple(row for r in found for row in getattr(r, f.name)) for f in fields(Result)}
    )
