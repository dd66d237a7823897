"""What people have that is no UTF-8, or no text: read right or refused, and never in silence."""

from __future__ import annotations

import gzip
import io
import logging
import re
import zipfile
from pathlib import Path

import opencc
import pytest

from pipeline.sources.foreign import foreign
from pipeline.sources.read import ReadError, decode, read
from pipeline.sources.recognise import SourceError, sources
from tests.corpus import SPECS, extract, witness

HANT = (
    "## 頭凡三穴第一\n\n神庭，在髮際直鼻，督脈、足太陽之會，禁不可刺，灸三壯。\n\n"
    "曲差，一名鼻衝，在髮際，足太陽脈氣所發，正頭取之，刺入三分，灸五壯。\n"
)
JAPANESE = opencc.OpenCC("t2jp").convert(HANT).translate(str.maketrans("、，", "・、"))
HANS = opencc.OpenCC("t2s").convert(HANT)


@pytest.mark.parametrize("text", [JAPANESE, JAPANESE[:30], JAPANESE[18:40]])
@pytest.mark.parametrize(
    "encoding",
    ["euc_jp", "euc_jis_2004", "cp932", "shift_jis", "iso2022_jp", "iso2022_jp_2", "utf-7"],
)
def test_japanese_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("encoding", ["euc_kr", "cp949", "iso2022_kr"])
def test_korean_encodings(encoding: str) -> None:
    data = HANT.encode(encoding, "ignore")
    assert decode(data)[0] == data.decode(encoding)


@pytest.mark.parametrize("encoding", ["hz", "utf-7", "gb2312", "gbk", "gb18030"])
def test_chinese_encodings(encoding: str) -> None:
    assert decode(HANS.encode(encoding))[0] == HANS


@pytest.mark.parametrize("encoding", ["euc_jp", "cp932", "iso2022_jp"])
def test_a_japanese_file_gives_its_values(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(JAPANESE.encode(encoding))
    (spec,) = sources([path])
    entries = extract(read(spec)).entries
    assert [(e.code, e.depth_min_fen, e.moxa_min) for e in entries] == [
        ("GV24", None, 3),
        ("BL4", 3, 5),
    ]
    assert entries[0].channels == ("督脈:會", "足太陽:會")
    assert entries[0].needling_forbidden


@pytest.mark.parametrize(
    "words", ["a+b = c+d", "~{ is no switch ~}", "1+1+2", "a~{bc", "C++ and +abc-"]
)
def test_signs_of_switching_in_plain_text_are_words(words: str) -> None:
    assert decode(words.encode()) == (words, "utf-8")


@pytest.mark.parametrize("words", ["臌", "噎膈", "溪 and 俞", "蛾燕句鲜党乡刚懊沥", "~谁恍\n~舆欢"])
def test_rare_glyphs_are_read_where_hz_switches_back(words: str) -> None:
    data = words.encode("hz", "ignore")
    assert decode(data) == (data.decode("hz"), "hz")


def test_an_unknown_switch_is_refused() -> None:
    with pytest.raises(ReadError, match="escape sequences"):
        decode(b"\x1b$)A\x0e4LM%\x0f")


@pytest.mark.parametrize("text", [HANT, HANS, JAPANESE])
@pytest.mark.parametrize("wrong", ["latin-1", "mac_roman"])
def test_utf8_that_was_read_otherwise_and_saved_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ReadError, match="saved wrongly before: UTF-8 was read as"):
        decode(text.encode().decode(wrong).encode())


@pytest.mark.parametrize(
    ("right", "wrong", "text"),
    [
        ("utf-8", "cp1252", HANT),
        ("utf-8", "gb18030", HANT),
        ("utf-8", "big5hkscs", HANT),
        ("gb18030", "latin-1", HANS),
        ("gb18030", "cp1252", HANS),
        ("big5", "latin-1", HANT),
        ("big5", "gb18030", HANT),
        ("euc_jp", "latin-1", JAPANESE),
        # In these some characters are lost, too.
        ("utf-8", "cp1252", HANS),
        ("utf-8", "cp437", HANT),
        ("utf-8", "cp850", HANS),
        ("utf-8", "cp1251", HANT),
        ("utf-8", "koi8-r", HANS),
        ("gb18030", "cp437", HANS),
        ("big5", "cp1251", HANT),
        ("cp932", "cp850", JAPANESE),
        ("gb18030", "utf-8", HANS),
        ("big5", "ascii", HANT),
    ],
)
def test_a_text_that_was_saved_wrongly_is_refused(right: str, wrong: str, text: str) -> None:
    spoilt = text.encode(right, "ignore").decode(wrong, "replace")
    with pytest.raises(ReadError, match="saved wrongly before"):
        decode(spoilt.encode())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "koi8-r"])
def test_a_text_of_question_marks_is_refused(encoding: str) -> None:
    with pytest.raises(ReadError, match=r"characters are lost \(\?\)"):
        decode((HANT * 2).encode(encoding, "replace"))


LONG = witness("jiayi-j3").text[:4000]


@pytest.mark.parametrize("errors", ["ignore", "replace"])
@pytest.mark.parametrize(("script", "encoding"), [("s2t", "gb2312"), ("t2s", "euc_kr")])
def test_a_text_without_its_commonest_glyphs_is_refused(
    script: str, encoding: str, errors: str
) -> None:
    """A program that saved it left out what the encoding does not have: 會, 脈, 壯."""
    text = opencc.OpenCC(script).convert(LONG)
    with pytest.raises(ReadError, match="the others were left out"):
        decode(text.encode(encoding, errors))


def test_glyphs_that_are_written_out_are_not_left_out() -> None:
    text = opencc.OpenCC("s2t").convert(LONG)
    for errors in ("xmlcharrefreplace", "backslashreplace"):
        assert decode(text.encode("gb2312", errors))[1] == "gb18030"
    assert decode(text.encode())[0] == text


def test_sisters_are_not_told_apart_by_one_rare_glyph() -> None:
    with pytest.raises(ReadError, match="name the encoding"):
        decode("辛夷各五錢，白芷".encode("shift_jis_2004"))


SAVED = [
    *[("jp", e) for e in ("euc_jp", "euc_jis_2004", "cp932", "shift_jis", "iso2022_jp")],
    *[("hant", e) for e in ("big5", "big5hkscs", "euc_jp", "euc_kr", "cp949", "iso2022_kr")],
    *[("hant", e) for e in ("gbk", "gb18030", "utf-16", "utf-16-be", "utf-8")],
    *[("hans", e) for e in ("gb2312", "gbk", "gb18030", "hz", "utf-16-le", "utf-8-sig")],
]


@pytest.mark.parametrize("siglum", SPECS)
@pytest.mark.parametrize(("form", "encoding"), SAVED)
def test_every_text_in_every_encoding_is_read_or_refused(
    siglum: str, form: str, encoding: str
) -> None:
    """Stretches of all lengths; where the encoding lacks a glyph, it is left out."""
    text = opencc.OpenCC({"hans": "t2s"}.get(form, "s2t")).convert(witness(siglum).text[:9000])
    text = opencc.OpenCC("t2jp").convert(text) if form == "jp" else text
    for start, length in ((0, 9000), (3000, 1500), (5000, 200), (2000, 60), (4000, 25)):
        data = text[start : start + length].encode(encoding, "ignore")
        try:
            found, name = decode(data)
        except ReadError:
            continue
        assert found == data.decode(encoding), (start, name)


@pytest.mark.parametrize("siglum", SPECS)
@pytest.mark.parametrize("length", [9000, 1500, 200, 60])
def test_every_text_that_was_encoded_twice_is_refused(siglum: str, length: int) -> None:
    words = "".join(re.findall("[\u4e00-\u9fff，。\n]+", witness(siglum).text))[:length]
    text = opencc.OpenCC("s2t").convert(words)
    for wrong in ("latin-1", "cp1252"):
        with pytest.raises(ReadError, match="saved wrongly before"):
            decode(text.encode().decode(wrong, "ignore").encode())


def test_replacements_read_as_another_encoding_are_refused() -> None:
    lost = HANS.encode("gb18030").decode("utf-8", "replace").encode()
    for wrong in ("gb18030", "big5hkscs"):
        with pytest.raises(ReadError, match="characters are lost"):
            decode(lost.decode(wrong, "replace").encode())
    assert decode(b"Who? What? Where? Why? ??")[1] == "utf-8"


@pytest.mark.parametrize(
    "text",
    [
        "C'était déjà l'été à la forêt, où Noël naïf",
        "Ärger über Öl",
        "日本語のかな交じり文である。これはひらがなだけ",
        "경혈의 이름은 무엇인가",
        "鼴鼯鼱齆齇齉齎齏齘龕龢龥",
        HANT.replace("鼻", "\ufffd"),
    ],
)
def test_what_is_only_rare_is_read(text: str) -> None:
    assert decode(text.encode())[0] == text


# --- no texts -------------------------------------------------------------------------------------


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "灸三壯")
    return made.getvalue()


FILES = [
    (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "a PDF"),
    (b"\xef\xbb\xbfHTTP junk\n%PDF-1.4 \xff", "a PDF"),
    (archive("[Content_Types].xml", "word/document.xml"), "a Word document"),
    (archive("xl/workbook.xml"), "an Excel table"),
    (archive("mimetype", "META-INF/container.xml"), r"an electronic book \(EPUB\)"),
    (archive("mimetype", "content.xml"), "an OpenDocument file"),
    (archive("jiayi.txt"), r"an archive \(zip\)"),
    (b"PK\x03\x04 broken", r"an archive \(zip\)"),
    (b"{\\rtf1\\ansi", "a document in RTF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "an old Word"),
    (b"\x89PNG\r\n\x1a\n", r"a picture \(PNG\)"),
    (b"\xff\xd8\xff\xe0\x00", r"a picture \(JPEG\)"),
    (b"GIF89a\x01", r"a picture \(GIF\)"),
    (b"II*\x00\x08", r"a picture \(TIFF\)"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8", r"a picture \(WebP\)"),
    (b"\x00\x00\x00\x18ftypheic", r"a picture \(HEIF\)"),
    (b"AT&TFORM\x00", r"pictures of pages \(DjVu\)"),
    (gzip.compress(HANT.encode()), r"a compressed file \(gzip\)"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1\x15", r"a table \(Parquet\)"),
]


@pytest.mark.parametrize(("data", "kind"), FILES)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=f"a.txt: this is {kind}.*: .*"):
        sources([path])


@pytest.mark.parametrize(
    "words",
    ["PKU 藏本", "RIFF", "BM", "%of PDF files", "II. 卷二", "GIF", "typed from a scan (%PDF-1.7)"],
)
def test_a_text_that_begins_alike_is_a_text(words: str) -> None:
    assert foreign(words.encode()) == ""


def test_in_a_folder_such_files_are_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.md").write_text(HANT, encoding="utf-8")
    for name, (data, _) in zip(("b.txt", "c.pdf", "卷三.docx"), FILES[1:], strict=False):
        (tmp_path / name).write_bytes(data)
    with caplog.at_level(logging.WARNING):
        specs = sources([tmp_path])
    assert [spec.siglum for spec in specs] == ["a"]
    assert [record.getMessage().split("/")[-1].split("'")[0] for record in caplog.records] == [
        "b.txt",
        "c.pdf",
        "卷三.docx",
    ]
    assert "this is a PDF" in caplog.text and "this is a Word document" in caplog.text


def test_a_folder_of_such_files_alone_has_no_texts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(FILES[0][0])
    with pytest.raises(SourceError, match="holds neither"):
        sources([tmp_path])
