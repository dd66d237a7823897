"""Reading: every encoding a source comes in is told right, and nothing is changed on the way."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.model import Spec
from pipeline.sources.read import ReadError, column_of, decode, line_of, line_starts, read

CORPUS = Path(__file__).parent.parent / "corpus"
SIMPLIFIED = sorted(CORPUS.glob("jiayi/*.txt"))
TRADITIONAL = sorted(CORPUS.glob("suwen/003*.txt"))
LENGTHS = (40, 100, 400, 3000)

# How to encode, and the name that decode() must give.
ENCODINGS = {
    "utf-8": ("", "utf-8", "utf-8"),
    "utf-8 marked": ("", "utf-8-sig", "utf-8-sig"),
    "utf-16-le": ("", "utf-16-le", "utf-16-le"),
    "utf-16-be": ("", "utf-16-be", "utf-16-be"),
    "utf-16-le marked": ("\ufeff", "utf-16-le", "utf-16"),
    "utf-16-be marked": ("\ufeff", "utf-16-be", "utf-16"),
    "gb18030": ("", "gb18030", "gb18030"),
    "gb18030 marked": ("\ufeff", "gb18030", "gb18030"),
    "gbk": ("", "gbk", "gb18030"),
    "gb2312": ("", "gb2312", "gb18030"),
    "big5hkscs": ("", "big5hkscs", "big5hkscs"),
}


def spec(path: Path, encoding: str = "") -> Spec:
    return Spec("x", "", "", "", path, path.name, "", "", "hant", "", "", encoding=encoding)


def passages(codec: str, length: int) -> Iterator[str]:
    """Passages from all over the sources: the same ones every time, some 40 a source.

    What a source cannot say in the encoding is left out (䯒 in Big5); a source that hardly can be
    said in it at all (simplified characters in Big5) is left out whole.
    """
    apart = {"big5hkscs": TRADITIONAL, "gb2312": SIMPLIFIED}
    for path in apart.get(codec, SIMPLIFIED + TRADITIONAL):
        text = path.read_bytes().decode("utf-8").encode(codec, "ignore").decode(codec)
        step = max(length // 2, len(text) // 40)
        yield from (text[i : i + length] for i in range(0, len(text) - length, step))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("how", ENCODINGS)
def test_passages_come_back_from_every_encoding(how: str, length: int) -> None:
    mark, codec, name = ENCODINGS[how]
    told = 0
    for passage in passages(codec.removesuffix("-sig"), length):
        assert decode((mark + passage).encode(codec)) == (passage, name)
        told += 1
    assert told >= (30 if length < 3000 else 5)


@pytest.mark.parametrize("path", SIMPLIFIED + TRADITIONAL, ids=lambda p: p.name[:3])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_whole_sources_come_back(path: Path, codec: str) -> None:
    text = path.read_bytes().decode("utf-8")
    assert decode(text.encode(codec)) == (text, codec)


def test_texts_that_shaped_no_list_of_characters() -> None:
    """Neither medical nor of the corpus: 論語, 道德經, 史記, in both scripts."""
    for text, codecs in (
        ("子曰：學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？", "gb18030 big5hkscs utf-16-le"),
        ("子曰：学而时习之，不亦说乎？有朋自远方来，不亦乐乎？", "gb2312 gbk utf-16-be"),
        ("道可道非常道名可名非常名無名天地之始有名萬物之母", "gb18030 big5 utf-16-be"),
        ("项籍者，下相人也，字羽。初起时，年二十四。其季父项梁", "gb2312 gb18030 utf-16-le"),
    ):
        for codec in codecs.split():
            assert decode(text.encode(codec))[0] == text, codec


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be"])
def test_few_characters_in_much_markup(codec: str) -> None:
    text = '12. [足少陰腎經](../Page/24.md "wikilink")\n[氣穴在足](../Page/25.md "wikilink")\n' * 2
    assert decode(text.encode(codec)) == (text, codec)


def test_ascii_and_nothing_are_utf_8() -> None:
    assert decode(b"") == ("", "utf-8")
    assert decode(b"\xef\xbb\xbf") == ("", "utf-8-sig")
    assert decode(b"GV 23\r\nKNNN") == ("GV 23\r\nKNNN", "utf-8")
    assert decode("title: x".encode("utf-16-le")) == ("title: x", "utf-16-le")


def test_nothing_is_rewritten() -> None:
    text = "上星\0一穴\r\n囟會\r前頂\n\n\x0c百會\x85後頂\u2028強間\ue000\ufeff腦戶"
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        assert decode(text.encode(codec), codec) == (text, codec)
    assert decode(text.encode())[0] == text
    assert decode(b"\0\0\0\0a\0bc") == ("\0\0\0\0a\0bc", "utf-8")
    assert decode("\ufeff上星".encode("utf-32-le")) == ("上星", "utf-32")
    # One byte order mark is the file's, a second one is text.
    assert decode("\ufeff\ufeff穴".encode()) == ("\ufeff穴", "utf-8-sig")


def test_a_broken_byte_is_named_and_not_read_around() -> None:
    text = TRADITIONAL[0].read_bytes().decode("utf-8").replace("䯒", "")
    for codec, broken, at in (
        ("utf-8", b"\xff", 3 * 100),
        ("gb18030", b"\xff\xff", 2 * 100),
        ("big5hkscs", b"\xff\xff", 2 * 100),
        ("utf-16-le", b"\x00\xdc", 2 * 100),
        ("utf-16-be", b"\xdc\x00", 2 * 100),
    ):
        whole = re.sub("[^\u4e00-\u9fff]", "", text).encode(codec, "ignore")
        bad = whole[:at] + broken + whole[at:]
        for told in ("", codec):
            message = (
                rf"^byte 0x{broken[0]:02x} at offset {at} does not fit {codec} .*tried .*{codec}"
            )
            with pytest.raises(ReadError, match=message):
                decode(bad, told)
    with pytest.raises(ReadError, match=r"byte 0xe6 at offset 6 does not fit utf-8 .*tried utf-8$"):
        decode("\ufeff上星".encode()[:-1])


def test_what_is_no_likelier_than_noise_is_refused() -> None:
    korean = "모든 국민은 인간으로서의 존엄과 가치를 가지며 행복을 추구할 권리를 가진다"
    with pytest.raises(
        ReadError, match=r"byte 0x.. at offset 0 .*name the encoding; tried utf-8, gb"
    ):
        decode(korean.encode("euc-kr"))
    assert decode(korean.encode("euc-kr"), "euc-kr") == (korean, "euc_kr")
    # In UTF-8 the bytes themselves are the proof.
    assert decode(korean.encode())[0] == korean
    assert decode("déjà vu".encode())[0] == "déjà vu"
    assert decode("¶\n隨".encode())[0] == "¶\n隨"
    # So is a byte order mark.
    assert decode(korean.encode("utf-16")) == (korean, "utf-16")


@pytest.mark.parametrize("opinion", ["gb18030", "big5hkscs", ""])
def test_a_near_tie_takes_a_second_opinion(monkeypatch: pytest.MonkeyPatch, opinion: str) -> None:
    module = importlib.import_module("pipeline.sources.read")
    monkeypatch.setattr(module, "_second_opinion", lambda data, names: opinion)
    data = '[郄穴](../Page/0.md "wikilink")'.encode("gb18030")
    decode.cache_clear()  # another opinion on the same bytes
    if opinion == "gb18030":
        assert decode(data)[1] == "gb18030"
    else:
        with pytest.raises(ReadError, match=r"gb18030 reads '郄穴', .+ reads '.+': name the"):
            decode(data)


def test_the_second_opinion_itself() -> None:
    text = "黃帝問曰：氣穴三百六十五，以應一歲，未知其所，願卒聞之。"
    opinion = importlib.import_module("pipeline.sources.read")._second_opinion
    assert opinion(text.encode("big5hkscs"), ("gb18030", "big5hkscs")) == "big5hkscs"
    assert opinion(text.encode("utf-16-be"), ("utf-16-be", "utf-16-le")) == "utf-16-be"


def test_the_encoding_told_overrules() -> None:
    data = "上星一穴，在颅上".encode("gbk")
    assert decode(data, "GBK") == ("上星一穴，在颅上", "gbk")
    assert decode(data, "latin-1")[0] == data.decode("latin-1")
    with pytest.raises(
        ReadError, match=r"byte 0xc9 at offset 0 does not fit utf-8 .*tried utf-8 only"
    ):
        decode(data, "utf-8")
    for order in ("le", "be"):
        for mark in ("", "\ufeff"):
            name = "utf-16" if mark else f"utf-16-{order}"
            assert decode(f"{mark}上星".encode(f"utf-16-{order}"), "utf-16") == ("上星", name)
    assert decode("\ufeff上星".encode(), "utf8") == ("上星", "utf-8-sig")
    for nonsense in ("klingon", "rot13", "hex", "a\0b", "undefined"):
        with pytest.raises(ReadError, match="cannot decode as"):
            decode(data, nonsense)
    with pytest.raises(ReadError, match="half a character at code point 1"):
        decode(rb"a\ud800", "unicode_escape")


NAMES = ["", "utf-8", "utf-16", "gb18030", "gbk", "big5hkscs", "utf-7", "punycode", "utf-32"]


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=80), st.sampled_from(NAMES))
@example(b"\xff\xfe\x00\xd8", "")
@example(b"\x81", "")
@example(b"\x90\x90", "")
@example(b"\xff\xfe\x00\x00", "")
def test_any_bytes_end_in_a_text_or_a_read_error(data: bytes, told: str) -> None:
    try:
        text, name = decode(data, told)
    except ReadError as error:
        assert str(error)
        return
    text.encode("utf-8")  # no half characters
    again = data.decode(name)
    assert again == text or (name, again) == ("gb18030", "\ufeff" + text)


def naive_line(text: str, position: int) -> int:
    """Line by counting; half a CR LF ends nothing."""
    ends = text[:position].replace("\r\n", "\n")
    half = text[position - 1 : position + 1] == "\r\n" if position else False
    return 1 + ends.count("\n") + ends.count("\r") - half


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text("穴灸a\r\n\x0c\x85\u2028", max_size=40))
@example("\r\n\r\r\n\n\r")
def test_lines_and_columns_agree_with_counting(text: str) -> None:
    starts = line_starts(text)
    for position in range(len(text) + 1):
        line, column = line_of(starts, position), column_of(starts, position)
        assert line == naive_line(text, position)
        assert column >= 1 and starts[line - 1] + column - 1 == position
    lines = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert "".join(lines) == text
    assert all(re.fullmatch("[^\r\n]*(\r\n|\r|\n)", line) for line in lines[:-1])


@pytest.mark.parametrize("told", ["", "utf-8"])
def test_read_gives_text_encoding_and_hash(told: str) -> None:
    path = TRADITIONAL[0]
    witness = read(spec(path, told))
    assert witness.text.encode() == path.read_bytes()
    assert witness.encoding == "utf-8"
    assert witness.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes("上星一穴，在顱上".encode()[:-1])
    (tmp_path / "empty").mkdir()
    for path, message in (
        (tmp_path / "empty", "a folder without .txt files"),
        (tmp_path / "none.txt", "no such file"),
        (tmp_path / "bad.txt" / "x", "cannot be read: Not a directory"),
        (tmp_path / "bad.txt", "byte 0xe4 at offset 21 does not fit utf-8"),
    ):
        with pytest.raises(ReadError, match=re.escape(f"{path}: {message}")):
            read(spec(path))
    # each Python has its own words for it
    with pytest.raises(ReadError, match=r"b: cannot be read: (stat: )?embedded null"):
        read(spec(tmp_path / "a\0b"))
