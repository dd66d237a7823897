"""What describes the tables to other programs: a Data Package, and claims as Web Annotations.

The Data Package (version 2 of the standard) gives every table its schema, keys and links. The
annotations follow the Web Annotation Data Model: each claim points at the characters it was read
from, by position and by quotation.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pipeline.model import Claim, Result, Witness
from pipeline.publish.schema import KEYS, LINKS, NUMBERED, TABLES, TITLES, Column, about, columns

TYPES = {
    "string": "string",
    "int": "integer",
    "number": "number",
    "bool": "boolean",
    "list": "list",
}
MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
PROFILES = "https://datapackage.org/profiles/2.0"


def package(
    witnesses: Sequence[Witness],
    written: Mapping[str, Mapping[str, Any]],
    versions: Mapping[str, str],
) -> str:
    """``datapackage.json`` for the files of an extract (name: rows, SHA-256 and bytes of each).

    A table is described once, by its CSV or Parquet where there is any: a file for spreadsheets
    is a file and no table, since its cells and titles are not the data.

    >>> file = {"sha256": "00", "bytes": 30, "rows": 0}
    >>> described = json.loads(package((), {"notes.csv": file}, {"mingtang": "1.0"}))
    >>> [resource["path"] for resource in described["resources"]]
    ['notes.csv']
    """
    resources = []
    for table in TABLES:
        files = [name for name in written if name.split(".")[0] == table]
        files.sort(key=lambda name: name.count("."))  # the plain ones first, as they were given
        if files:
            resources.append(_resource(table, files[0], written[files[0]]))
    described = {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": "mingtang",
        "title": "Acupuncture points in the Chinese classics",
        "description": "Entries on acupuncture points extracted from classical Chinese texts. "
        "Positions (start, end) count Unicode code points of the source as decoded, from 0, "
        "end exclusive.",
        "version": versions["mingtang"],
        "keywords": ["acupuncture", "classical Chinese", "text extraction"],
        "licenses": _licences(witnesses),
        "sources": [
            {
                "title": f"{w.spec.title or w.spec.name} ({w.spec.siglum})",
                "version": w.spec.edition,
                "siglum": w.spec.siglum,
                "sha256": w.sha256,
                "licence": w.spec.licence,
                "origin": w.spec.origin,
            }
            for w in witnesses
        ],
        "resources": resources,
    }
    # The standard knows no empty list of licences or sources.
    described = {key: value for key, value in described.items() if value != []}
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _resource(table: str, path: str, file: Mapping[str, Any]) -> dict[str, Any]:
    form = path.rsplit(".", 1)[1]
    resource: dict[str, Any] = {
        "$schema": f"{PROFILES}/dataresource.json",
        "name": table,
        "path": path,
        "description": about(table),
        "format": form,
        "mediatype": MEDIA[form],
        "bytes": file["bytes"],
        "hash": f"sha256:{file['sha256']}",
    }
    if path.count(".") > 1:
        return resource | {"encoding": "utf-8"}
    if form == "csv":
        resource |= {"encoding": "utf-8", "dialect": {"lineTerminator": "\r\n"}}
    return resource | {"type": "table", "schema": _schema(table)}


def _schema(table: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": [_field(column) for column in columns(TABLES[table])],
        "missingValues": [""],
    }
    if table not in NUMBERED:
        schema["primaryKey"] = list(KEYS[table])
    if links := LINKS[table]:
        schema["foreignKeys"] = [
            {
                "fields": [column],
                # A table names itself with an empty string.
                "reference": {"resource": "" if to == table else to, "fields": [*KEYS[to]]},
            }
            for column, to in links.items()
        ]
    return schema


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": TYPES[column.type],
        "title": TITLES[column.name],
        "description": column.doc,
    }
    if column.unit:
        field["unit"] = column.unit
    if column.type == "list":
        field |= {"delimiter": "|", "itemType": "string"}
    elif column.type == "bool":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if not column.nullable and column.type != "list":
        field["constraints"] = {"required": True}
        if column.type == "string":
            field["missingValues"] = []  # an empty text is a value here
    return field


LICENCE = re.compile(r"CC[ -](BY(?:-[A-Z]+)*|0)[ -](\d\.\d)")


def _licences(witnesses: Sequence[Witness]) -> list[dict[str, str]]:
    """What the sources say of their terms, each wording once, with the usual name if it has one."""
    found: dict[str, dict[str, str]] = {}
    for words in filter(None, (w.spec.licence for w in witnesses)):
        named = LICENCE.search(words)
        name = f"CC-{named[1]}-{named[2]}" if named else "notspecified"
        found.setdefault(words, {"name": name, "title": words})
    return list(found.values())


# --- annotations ---------------------------------------------------------------------------------

AROUND = 12
"""Characters before and after a quotation that tell it from its like."""

CONTEXT = {
    "mt": "urn:mingtang:",
    "entry": "mt:entry",
    "field": "mt:field",
    "basis": "mt:basis",
    "ref": "mt:ref",
    "unit": "mt:unit",
    "siglum": "mt:siglum",
    "path": "mt:path",
    "encoding": "mt:encoding",
    "witnesses": {"@id": "mt:witness", "@container": "@list"},
}


def annotation_page(result: Result) -> str:
    """``claims.jsonld``: the claims as a page of Web Annotations, one to a line.

    The source of a target is the file itself, named by its hash (RFC 6920); positions count
    code points of the file as decoded, a byte order mark not counted.
    """
    page = {
        "@context": ["http://www.w3.org/ns/anno.jsonld", CONTEXT],
        "id": "urn:mingtang:claims",
        "type": "AnnotationPage",
        "unit": "Unicode code points of the decoded source, from 0, end exclusive, "
        "a byte order mark not counted",
        "witnesses": [
            {
                "id": _source(w),
                "type": "Text",
                "format": "text/plain",
                "siglum": w.spec.siglum,
                "path": w.spec.name,
                "encoding": w.encoding,
            }
            for w in result.witnesses
        ],
    }
    head = json.dumps(page, ensure_ascii=False, indent=1).removesuffix("\n}")
    encode = json.JSONEncoder(ensure_ascii=False).encode
    items = ",\n".join(map(encode, _annotations(result)))
    return f'{head},\n "items": [\n{items}\n ]\n}}\n'


def _annotations(result: Result) -> Iterator[dict[str, Any]]:
    witnesses = {w.spec.siglum: w for w in result.witnesses}
    home = {entry.entry_id: witnesses[entry.witness] for entry in result.entries}
    numbers: Counter[str] = Counter()
    for claim in result.claims:
        numbers[claim.entry_id] += 1
        name = f"urn:mingtang:claim:{quote(claim.entry_id)}:{numbers[claim.entry_id]}"
        yield _annotation(claim, name, home[claim.entry_id])


def _annotation(claim: Claim, name: str, witness: Witness) -> dict[str, Any]:
    text, start, end = witness.text, claim.start, claim.end
    return {
        "id": name,
        "type": "Annotation",
        "motivation": "describing",
        "entry": claim.entry_id,
        "field": claim.field,
        "basis": claim.basis,
        **({"ref": claim.ref} if claim.ref is not None else {}),
        "body": {"type": "TextualBody", "value": claim.value, "format": "text/plain"},
        "target": {
            "source": _source(witness),
            "selector": [
                {"type": "TextPositionSelector", "start": start, "end": end},
                {
                    "type": "TextQuoteSelector",
                    "exact": text[start:end],
                    "prefix": text[max(0, start - AROUND) : start],
                    "suffix": text[end : end + AROUND],
                },
            ],
        },
    }


def _source(witness: Witness) -> str:
    digest = base64.urlsafe_b64encode(bytes.fromhex(witness.sha256)).decode("ascii")
    return f"ni:///sha-256;{digest.rstrip('=')}"
