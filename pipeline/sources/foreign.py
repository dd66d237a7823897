"""Files that are no texts, told by their first bytes; what to do with them, said for people."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

SAVE = "open it and save it as plain text (UTF-8)"
PICTURE = "its text must be typed, or read by a program for that (OCR), first"
UNPACK = "unpack it first"
BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF", "save its text first (in a reader: save as text; or pdftotext FILE)"),
    (b"{\\rtf", "a document in RTF", SAVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word or Excel document", SAVE),
    (b"\x89PNG\r\n", "a picture (PNG)", PICTURE),
    (b"\xff\xd8\xff", "a picture (JPEG)", PICTURE),
    (b"GIF87a", "a picture (GIF)", PICTURE),
    (b"GIF89a", "a picture (GIF)", PICTURE),
    (b"II*\x00", "a picture (TIFF)", PICTURE),
    (b"MM\x00*", "a picture (TIFF)", PICTURE),
    (b"\x00\x00\x00\x0cjP  ", "a picture (JPEG 2000)", PICTURE),
    (b"AT&TFORM", "pictures of pages (DjVu)", "save its text first (djvutxt FILE)"),
    (b"\x1f\x8b", "a compressed file (gzip)", UNPACK),
    (b"BZh", "a compressed file (bzip2)", UNPACK),
    (b"\xfd7zXZ\x00", "a compressed file (xz)", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd)", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)", UNPACK),
    (b"Rar!\x1a\x07", "an archive (RAR)", UNPACK),
    (b"SQLite format 3\x00", "a database (SQLite)", "export its text first"),
    (b"PAR1", "a table (Parquet)", "name the folder of the tables, or export its text first"),
)
ARCHIVED = (
    ("word/", "a Word document", SAVE),
    ("xl/", "an Excel table", "open it and save its text as plain text (UTF-8)"),
    ("ppt/", "a PowerPoint document", SAVE),
    ("META-INF/container.xml", "an electronic book (EPUB)", "save its text first"),
    ("content.xml", "an OpenDocument file", SAVE),
    ("Index/", "a document of Pages or Numbers", SAVE),
)
"""What a zip file is, by the names in it."""
HEAD = 1024
"""Bytes in which a PDF may begin, behind what a mail program or a server put before it."""


def foreign(data: bytes) -> str:
    """What a file is that is no text, with advice; empty for what may be one.

    >>> foreign(b"%PDF-1.7 ...")
    'this is a PDF, no text: save its text first (in a reader: save as text; or pdftotext FILE)'
    """
    for mark, kind, advice in BEGINNINGS:
        if data.startswith(mark):
            return f"this is {kind}, no text: {advice}"
    if b"%PDF-1." in data[:HEAD] and not data.isascii():
        return f"this is {BEGINNINGS[0][1]}, no text: {BEGINNINGS[0][2]}"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return f"this is a picture (WebP), no text: {PICTURE}"
    if data[4:12] in (b"ftypheic", b"ftypavif", b"ftypmif1"):
        return f"this is a picture (HEIF), no text: {PICTURE}"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(data)
    return ""


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        names = []
    for inside, kind, advice in ARCHIVED:
        if any(name.startswith(inside) for name in names):
            return f"this is {kind}, no text: {advice}"
    return f"this is an archive (zip), no text: {UNPACK}"


def foreign_file(path: Path) -> str:
    """The same of a file; empty where it cannot be read, which is said elsewhere."""
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        return foreign(path.read_bytes() if head.startswith(b"PK") else head)
    except OSError:
        return ""
