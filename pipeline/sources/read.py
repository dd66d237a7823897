"""Bytes to text: what a source says, in which encoding, and where its lines begin.

Nothing is rewritten. Line endings, NUL bytes, private-use characters stay as they are; only a byte
order mark at the very start is taken off, and never counted. All positions are code points of the
text returned here.

An encoding is found by trying. Every candidate decodes all the bytes, strictly; each reading is
then priced in bits, by a crude model of what Chinese prose is made of (`_price`), and the cheapest
reading wins. A candidate that fails is priced too, with a heavy charge for each failure: a UTF-8
file with one broken byte must end in an error that names the byte, not in a fluent misreading by
a more tolerant encoding.
"""

from __future__ import annotations

import codecs
import hashlib
import math
import os
import re
import unicodedata
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from pipeline import disk
from pipeline.knowledge.tables import MisuseError
from pipeline.model import Spec, Witness
from pipeline.sources.decisions import beside
from pipeline.sources.foreign import foreign, foreign_file

CANDIDATES = (
    "utf-8",
    "gb18030",
    "big5hkscs",
    "big5",
    "euc_jp",
    "euc_jis_2004",
    "cp932",
    "shift_jis_2004",
    "cp949",
    "utf-16-le",
    "utf-16-be",
)
OLDER = {"big5hkscs": "big5"}
"""An encoding and its older form, which is meant only where it gives likelier characters."""
SISTERS = frozenset({"cp932", "shift_jis_2004"})
"""Two encodings of the same bytes that differ in rare characters alone."""
# Encodings of ASCII bytes, by what switches to Han text; UTF-7 is the last, for + is common.
SWITCHED = (
    (re.compile(rb"\x1b\$\)C"), ("iso2022_kr",)),
    (re.compile(rb"\x1b\$"), ("iso2022_jp_2", "iso2022_jp_2004", "iso2022_jp_ext")),
    (re.compile(rb"~\{[!-~]{2}"), ("hz",)),
    (re.compile(rb"\+[A-Za-z0-9+/]{3}"), ("utf-7",)),
)
CLOSED = re.compile(rb"(?s:(?=.*?~\{))(?:[^~]++|~[~\n]|~\{(?:[!-w][!-~])++~\})++")
"""What switches to Han text and back is HZ also where its characters are rare."""
# The marks of UTF-32 stand before those of UTF-16, which begin alike.
MARKS = tuple(
    (name, "\ufeff".encode(name))
    for name in ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be", "gb18030")
)
# Python names under which the byte order mark is no part of the text.
MARKED = {name: "utf-8-sig" if name == "utf-8" else name[:6] for name, _ in MARKS[:5]}
# Python reads unmarked UTF-16 in the byte order of the machine: here both orders are tried.
EITHER = {
    "utf-8-sig": ("utf-8",),
    "utf-16": ("utf-16-le", "utf-16-be"),
    "utf-32": ("utf-32-le", "utf-32-be"),
}

# Any frequent character will do, in either script: with a few hundred of them about two thirds of
# a Chinese text are covered, and a few percent of a misreading.
FREQUENT = re.compile(
    "[　，。、；：？！「」『』《》〈〉（）【】〔〕“”‘’·…—∶○□①②③④⑤"
    "一二三四五六七八九十百千萬万半兩两廿第卷篇章凡諸诸各每相同並并合共餘余"
    "之乎者也而其於于以為为曰不有無无在則则與与此是乃故皆所可非若如亦即又及至自從从當当焉矣"
    "哉何謂谓名云言問问答對对未已然後后使令能得見见知聞闻欲必將将因由夫且或雖虽未復复勿"
    "上下中內内外前左右旁傍間间東东西南北本末始終终先直長长高深小大太少多正平空行來来去出入"
    "人天地日月年歲岁時时春夏秋冬水火土金木山石穀谷王帝君臣民國国子父母家士聖圣賢贤道德仁義义"
    "禮礼心性命死生作成用治法事書书文字明白黃黄赤青黑色美善惡恶古今世物神精形身體体"
    "刺灸針鍼针寸分壯壮留呼穴孔陷動动應应脈脉氣气血經经絡络陰阴陽阳會会俞募原井滎荥募肺肝脾腎肾"
    "膽胆胃腸肠腹胸背腰脊頭头面目耳鼻口舌齒齿喉項项髮发際际肩臂肘腕掌手足指趾膝踝骨筋肉皮毛汗"
    "病疾痛寒熱热虛虚實实風风暑濕湿燥邪逆厥滿满瘧疟痺痹癲癫狂欬咳喘嘔呕吐瀉泻食飲饮藥药方湯汤"
    "主服取按循注發過过通開开關关門门衝冲督任維维蹻絕绝別别走貫贯起結结宛屬属居舉举張张坐臥卧"
    "的了我他這这個个們们說说就都要現现名稱称三部位條条論论傳传序注岐伯素難难甲乙丙丁爲卽藏脏臟腑數数衛卫榮荣營营疾"
    "発気壱弐両対応当処断脳続関歯楽薬検観覚験説読変帰悪労広浅辺済経総隠雑霊豊]+"
)
SIGNS = (("\u2010", "\u2027"), ("\u2460", "\u24ff"), ("\u3000", "\u303f"), ("\uff01", "\uff5e"))

SAMPLE = 20_000  # code points that are priced; decoding is always complete
GLANCE = 4_000  # code points that tell what is prose beyond doubt
NOISE = 8.0  # bits per byte that a reading of random bytes costs
NEED = 50  # bytes of memory that a byte of a text takes, with its offsets and tables
PROSE = 16.0  # bits for each character: Chinese prose costs about 11, a misreading 18 and more
ENOUGH = 100  # characters of prose that no other reading can come near
GOOD = 13.5  # bits: what was misread must be prose beyond doubt
RARE = 18.5  # bits: rare glyphs will do for UTF-8, which no other text looks like by chance
WRECK = 10  # of so many characters one that is lost makes a wreck of a text, not a gap in it
KEPT = 7  # tenths of a text that are enough to know what it was, where the others are lost
FEWEST = 6  # characters that tell prose from chance
# Encodings as which programs read bytes that they do not know, and their names for people.
MISREAD = {
    "latin-1": "Latin-1",
    "mac_roman": "Mac Roman",
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "cp437": "DOS 437",
    "cp850": "DOS 850",
    "gb18030": "GBK",
    "big5hkscs": "Big5",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
}
# Windows-1252 has other characters than Latin-1 for 27 bytes.
C1 = {
    ord(bytes([b]).decode("cp1252")): b
    for b in range(0x80, 0xA0)
    if b not in b"\x81\x8d\x8f\x90\x9d"
}
DOUBT = 12.0  # bits: a smaller advantage may be chance
_LINE_END = re.compile(r"\r\n|\n|\r")
_FOREIGN = re.compile(r"[^\x00-\x7f]{1,12}")
_SURROGATE = re.compile("[\ud800-\udfff]")


class ReadError(MisuseError):
    """A source that cannot be read; the message names path, byte, byte offset and what was tried.

    >>> decode("上星一穴".encode("gb18030")[:-1])
    Traceback (most recent call last):
    pipeline.sources.read.ReadError: byte 0xd1 at offset 6 does not fit gb18030 (...); tried ...
    """


class TooLongError(ReadError):
    """A source that is too long for the memory there is."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """What one encoding makes of the bytes. ``error``: its first failure, if it fails."""

    name: str
    text: str
    error: UnicodeDecodeError | None
    bits: float
    noise: bool

    def __str__(self) -> str:
        """The reading or the failure, for people."""
        if self.error is None:
            foreign = _FOREIGN.search(self.text)
            return f"{self.name} reads {foreign[0] if foreign else ''!r}"
        data, at = self.error.object, self.error.start
        byte = f"byte 0x{data[at]:02x}" if at < len(data) else "the end"
        return f"{byte} at offset {at} does not fit {self.name} ({self.error.reason})"


@lru_cache(maxsize=2)
def _price(text: str) -> tuple[float, float, int]:
    """Bits to tell the ASCII in ``text``, bits to tell the rest, code points in the rest.

    之 is one of a few hundred characters that make up most of any text (9 bits), 髃 one of many
    thousands (18); Hangul, kana, accented letters are rarer still, and private-use and unassigned
    code points next to impossible. Prices are per code point: of two readings of the same bytes,
    the one with fewer and likelier characters is cheaper.
    """
    step = -(-len(text) // SAMPLE) or 1
    plain = 0.0
    sample = text[::step]
    unusual = FREQUENT.sub("", sample)  # a third of a text, and counting is what takes time
    count = len(sample) - len(unusual)
    rest = 9.0 * count
    for char, times in Counter(unusual).items():
        if char < "\x80":
            plain += times * (7.0 if char.isprintable() or char in "\t\n\r\f" else 12.0)
            continue
        if "\u4e00" <= char <= "\u9fff" or any(a <= char <= z for a, z in SIGNS):
            price = 18.0
        elif char == "\ufffd" or unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs"):
            price = 32.0
        else:
            price = 22.0
        rest += times * price
        count += times
    return plain * step, rest * step, count * step


def _try(data: bytes, name: str) -> _Trial:
    """Decode strictly; where that fails, price what is left with U+FFFD for each failure."""
    error = None
    try:
        text = data.decode(name)
    except UnicodeDecodeError as failure:
        error, text = failure, data.decode(name, "replace")
    plain, rest, count = _price(text)
    if name.startswith("utf-16"):
        noise = plain + rest > NOISE * len(data)
    else:
        # ASCII proves nothing among encodings that all contain it.
        noise = rest > NOISE * (len(data) - len(text) + count)
    if name == "utf-8" and not error:
        # That bytes of another encoding fit UTF-8 by chance gets less likely with each sequence.
        rest -= 4.0 * count
    return _Trial(name, text, error, plain + rest, noise)


def _second_opinion(data: bytes, names: tuple[str, str]) -> str:
    """What charset-normalizer takes ``data`` for, of two encodings; empty if it cannot tell."""
    # Loaded here because it is slow to load, and asked for a handful of characters only.
    from charset_normalizer import from_bytes

    best = from_bytes(data[:4096], cp_isolation=list(names)).best()
    return codecs.lookup(best.encoding).name if best else ""


def _told_apart(data: bytes, best: _Trial, rival: _Trial) -> bool:
    """Whether the better of two near readings is beyond doubt. Sisters that differ in rare glyphs
    (涬 and 芷 of two forms of Shift_JIS) cannot be told apart by what they have in common.
    """
    sisters = {best.name, rival.name} <= SISTERS
    return not sisters and _second_opinion(data, (best.name, rival.name)) == best.name


def _detect(data: bytes) -> _Trial:
    """The one reading of ``data`` that is beyond doubt, or a ReadError."""
    if (plain := _utf8(data)) and _is_prose(plain):
        return _Trial(CANDIDATES[0], plain, None, 0.0, False)
    marked = [name for name, mark in MARKS if data.startswith(mark)][:1]
    trials = sorted((_try(data, name) for name in marked or CANDIDATES), key=lambda t: t.bits)
    best, *others = trials
    tried = f"tried {', '.join(marked or CANDIDATES)}"
    if best.error:
        raise ReadError(f"{best}; {tried}")
    if marked:
        return best
    valid = {t.name: t for t in trials if not t.error}
    if best.noise and "utf-8" in valid:
        return valid["utf-8"]
    older = OLDER.get(best.name)
    near = (t for t in others if t.bits - best.bits < DOUBT and not t.error and t.name != older)
    rival = next((t for t in near if t.text != best.text), None)
    if best.noise or (rival and not _told_apart(data, best, rival)):
        failed = "".join(f"{t}; " for t in trials if t.error and t.name == "utf-8")
        doubt = f"{rival}" if rival else "no better than random bytes"
        raise ReadError(f"{failed}{best}, {doubt}: name the encoding; {tried}")
    return best


@lru_cache(maxsize=1)
def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """Text and name of its encoding, so that ``data.decode(name)`` gives the text again; the last
    one is kept, for a source is read when it is recognised and when it is extracted.

    (But for GB18030 behind a byte order mark, which Python has no name for.) ``encoding`` overrules
    what the bytes look like; empty: UTF-8, UTF-16, GB18030 (with GB2312 and GBK), Big5-HKSCS,
    EUC-JP, Shift_JIS and EUC-KR are tried, and among ASCII bytes ISO-2022-JP and -KR, HZ and UTF-7.
    A byte order mark decides, is taken off and not counted; ASCII is UTF-8. ReadError if nothing
    fits, if two encodings fit equally well, if what fits best is no likelier than random bytes, or
    if the text was misread and saved so before.

    >>> decode("上星一穴，在颅上，直鼻中央".encode("gbk"))
    ('上星一穴，在颅上，直鼻中央', 'gb18030')
    """
    if encoding:
        return _decode_as(data, encoding)
    if lost := _wrecked(data):
        raise ReadError(lost)
    if data.isascii():
        # Markup in UTF-16 can be ASCII, too: one byte of most pairs is NUL, the other hardly ever.
        first, second = data[::2].count(0), data[1::2].count(0)
        for name, nul, other in (("utf-16-le", second, first), ("utf-16-be", first, second)):
            if len(data) % 2 == 0 and 3 * nul > len(data) and 10 * other < nul:
                return data.decode(name), name
        return _switched(data)
    text, name = _unmark(_detect(data))
    if mistaken := _mistaken(text) or _thinned(text):
        raise ReadError(mistaken)
    return text, name


def _utf8(data: bytes) -> str:
    """The text of bytes that are UTF-8; empty where they are not."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _is_prose(text: str) -> bool:
    """Whether a text is Chinese prose beyond doubt: of the same bytes any other encoding makes
    half as many characters again, none of which can cost less than the likeliest.
    """
    _, rest, count = _price(_glance(text))
    return count >= ENOUGH and rest <= GOOD * count


def _glance(text: str) -> str:
    """Characters from all over a text."""
    return text[:: len(text) // GLANCE or 1]


def _switched(data: bytes) -> tuple[str, str]:
    """The text of ASCII bytes, some of which may stand for Han text; ReadError where they switch
    to an encoding that nothing here reads.
    """
    for sign, names in SWITCHED:
        for name in names if sign.search(data) else ():
            try:
                text = data.decode(name)
            except UnicodeDecodeError:
                continue
            if _mean(text) < PROSE or CLOSED.fullmatch(data):
                return text, name
    if re.search(rb"\x1b\$", data):
        raise ReadError(
            "the text switches to an encoding by escape sequences (ISO 2022) that is not known: "
            "open it in the program it was written with and save it as UTF-8"
        )
    return data.decode("ascii"), "utf-8"


def _mean(text: str) -> float:
    """Bits that a character which is not ASCII costs in a text; without any, as many as can be."""
    _, rest, count = _price(text)
    return rest / count if count else math.inf


ASCII = bytes(range(0x80))
REPLACED = ("\ufffd".encode(), "锟斤拷".encode(), "锟斤拷".encode("gb18030"), "嚙踝蕭".encode())
"""What programs leave of characters that they cannot decode, itself misread or not."""


def _wrecked(data: bytes) -> str:
    """How much of a text is lost, where its characters were replaced and it was saved so."""
    data = data[: 3 * SAMPLE]
    lost = sum(map(data.count, REPLACED))
    if lost > FEWEST and lost * WRECK > len(data.translate(None, ASCII)) // 3:
        many = f"{lost} characters are lost (\ufffd)"
    elif not (data.isascii() and (many := _asked(data))):
        return ""
    return f"the text was saved wrongly before: {many}; get it again"


def _asked(data: bytes) -> str:
    """How many characters became question marks, where most did."""
    asked, inked = data.count(b"?"), len(data) - sum(map(data.count, (b" ", b"\n", b"\r", b"#")))
    most = 2 * asked > max(inked, FEWEST * WRECK)
    return f"{asked} of {inked} characters are lost (?)" if most else ""


THIN = 0.01
"""Of the glyphs of a text those that only one script has are 3 % and more, however short; where a
program left out what its encoding does not have (會 and 脈, saved as GB 2312), hardly any remain.
"""
INK = 200
"""Glyphs that tell so."""
PART = 1_000
"""Characters after which it is asked whether they tell enough already."""


def _many_alone(sample: str) -> bool:
    """Whether so many glyphs are of one script alone that none can have been left out; of most
    texts a few lines tell.
    """
    alone = 0
    for begin in range(0, len(sample), PART):
        part = sample[begin : begin + PART]
        glyphs = {char for char in set(part) if "\u4e00" <= char <= "\u9fff"}
        alone += sum(map((glyphs - _shared(glyphs)).__contains__, part))
        if alone > THIN * len(sample):
            return True
    return False


def _shared(glyphs: Iterable[str]) -> set[str]:
    """Those of some glyphs that both scripts have."""
    shared = set(glyphs)
    for encoding in ("gb2312", "big5"):
        shared &= set("".join(shared).encode(encoding, "ignore").decode(encoding))
    return shared


def _thinned(text: str) -> str:
    """What happened to a text in which no glyph stands that simplified and traditional script
    write in two ways; empty where nothing did.
    """
    sample = text[:SAMPLE]
    if _many_alone(sample):
        return ""
    every = Counter(sample)
    glyphs = Counter({char: n for char, n in every.items() if "\u4e00" <= char <= "\u9fff"})
    shared = _shared(glyphs)
    total = glyphs.total()
    alone = total - sum(glyphs[glyph] for glyph in shared)
    referred = "&#" in text or r"\u" in text
    if total < INK or alone > THIN * total or len(glyphs) < INK // 4 or referred:
        return ""
    return (
        f"the text was saved wrongly before: of {total} glyphs {alone} are of those that only "
        "simplified or only traditional script has; the others were left out; get it again"
    )


def _mistaken(text: str) -> str:
    """What happened to a text whose bytes were read as another encoding and saved so; empty
    where nothing did.

    >>> _mistaken("刺入三分，灸三壯".encode().decode("latin-1"))[:60]
    'the text was saved wrongly before: UTF-8 was read as Latin-1'
    """
    sample = text[:SAMPLE]
    if _mean(_glance(sample)) < PROSE:
        return ""
    for wrong, called in MISREAD.items():
        data = sample.translate(C1 if wrong == "latin-1" else {}).encode(wrong, "ignore")
        for right in CANDIDATES:
            was = data.decode(right, "ignore")
            _, _, count = _price(was)
            if right != wrong and count >= FEWEST and _recovered(sample, data, was, right):
                seen, meant = _FOREIGN.search(sample), _FOREIGN.search(was)
                return (
                    f"the text was saved wrongly before: {right.upper()} was read as {called}, "
                    f"so that {seen[0] if seen else ''!r} stands for "
                    f"{meant[0] if meant else ''!r}; get the text again, or read it as "
                    f"{right.upper()} and save it as UTF-8 from there"
                )
    return ""


def _recovered(sample: str, data: bytes, was: str, right: str) -> bool:
    """Whether the bytes of a text read anew are prose, and hardly anything is lost on the way."""
    if _mean(was) >= (RARE if right == "utf-8" else GOOD):
        return False
    foreign = sum(char >= "\x80" for char in sample)
    kept = sum(byte >= 0x80 for byte in data)
    read = len("".join(char for char in was if char >= "\x80").encode(right, "ignore"))
    return kept * 10 >= foreign * KEPT and read * 10 >= kept * KEPT


def _decode_as(data: bytes, encoding: str) -> tuple[str, str]:
    """Decode as told; ReadError where the bytes do not fit or there is no such encoding."""
    try:
        name = codecs.lookup(encoding).name
        names = EITHER.get(name, (name,))
        marked = [n for n, mark in MARKS if n in names and data.startswith(mark)][:1]
        best = min((_try(data, n) for n in marked or names), key=lambda t: t.bits)
    except (LookupError, ValueError) as failure:
        raise ReadError(f"cannot decode as {encoding!r}: {failure}") from failure
    if best.error:
        raise ReadError(f"{best}; tried {best.name} only, as told")
    if lone := _SURROGATE.search(best.text):
        raise ReadError(f"{best.name} gives half a character at code point {lone.start()}")
    return _unmark(best)


def _unmark(trial: _Trial) -> tuple[str, str]:
    """Text without byte order mark, and the name under which Python leaves it out, too."""
    if trial.text.startswith("\ufeff"):
        return trial.text[1:], MARKED.get(trial.name, trial.name)
    return trial.text, trial.name


def read(spec: Spec) -> Witness:
    """The source at ``spec.path``, decoded, with the hash of its bytes and what was decided of it;
    ReadError if it cannot be.

    A folder is one text: its ``.txt`` files one after the other, in the order of their names.
    The text of corpus/suwen/003_c412860d68374c37.txt begins with # 《氣府論篇》, as the file does.
    """
    if not spec.path.is_dir():
        text, encoding, data = _read_file(spec.path, spec.encoding)
        digest = hashlib.sha256(data)
        return _decided(Witness(spec, text, encoding, digest.hexdigest()))
    paths = [spec.path / name for name in spec.parts] or listed(spec.path, ".txt")
    if not paths:
        raise ReadError(f"{spec.path}: a folder without .txt files")
    digest = hashlib.sha256()
    files: list[tuple[str, int]] = []
    texts: list[str] = []
    encodings: dict[str, None] = {}
    length = 0
    for path in paths:
        text, encoding, data = _read_file(path, spec.encoding)
        digest.update(data)
        files.append((printable(path.name), length))
        texts.append(text)
        encodings[encoding] = None
        length += len(text)
    found = Witness(spec, "".join(texts), "|".join(encodings), digest.hexdigest(), tuple(files))
    return _decided(found)


def _decided(witness: Witness) -> Witness:
    spec = witness.spec
    return replace(witness, decisions=beside(spec.path, spec.name, spec.siglum))


def listed(folder: Path, *suffixes: str) -> list[Path]:
    """The texts in a folder: no folders, no PDFs and the like, and not what programs
    hide there (._a.txt).
    """
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in suffixes
        and not path.name.startswith(".")
        and not path.is_dir()
        and not foreign_file(path)
    )


def _read_file(path: Path, encoding: str) -> tuple[str, str, bytes]:
    try:
        size = disk.regular(path).st_size
        if size * NEED > _memory():
            raise TooLongError(
                f"{path}: {size / 1e9:.1f} GB are too long for one text: it would take "
                f"{size * NEED / 1e9:.0f} GB of memory, and there are {_memory() / 1e9:.0f}"
            )
        data = path.read_bytes()
    except FileNotFoundError as failure:
        raise ReadError(f"{path}: no such file") from failure
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or failure
        said = str(failure) if str(path) in str(reason) else f"{path}: cannot be read: {reason}"
        raise ReadError(said) from failure
    if kind := foreign(data):
        raise ReadError(f"{path}: {kind}")
    try:
        text, found = decode(data, encoding)
    except ReadError as failure:
        raise ReadError(f"{path}: {failure}") from failure
    return text, found, data


def printable(name: str) -> str:
    r"""The name of a file as text: bytes that are no UTF-8 are written out.

    >>> printable("卷三.txt"), printable("\udcff.txt")
    ('卷三.txt', '\\xff.txt')
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _memory() -> float:
    """Bytes of memory that this program may have; without end where the system does not say."""
    names = getattr(os, "sysconf_names", {})
    if not {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= names.keys():
        return math.inf
    import resource  # not on every system

    allowed = [resource.getrlimit(r)[0] for r in (resource.RLIMIT_AS, resource.RLIMIT_DATA)]
    present = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return float(min([present, *(n for n in allowed if n != resource.RLIM_INFINITY)]))


@lru_cache(maxsize=4)
def line_starts(text: str) -> array[int]:
    r"""Positions (code points) where the lines of ``text`` begin; the first is 0.

    Lines end with CR LF, LF or CR; form feed, NEL and U+2028 are characters like others. After a
    line end at the very end of the text stands one more, empty line.

    >>> line_starts("囟會\r\n上星\n").tolist()
    [0, 4, 7]
    """
    starts = array("I", [0])
    starts.extend(m.end() for m in _LINE_END.finditer(text))
    return starts


def line_of(starts: array[int], position: int) -> int:
    """Line of ``position``, from 1; a line end belongs to the line it ends."""
    return bisect_right(starts, position)


def column_of(starts: array[int], position: int) -> int:
    r"""Column of ``position`` in its line, in code points, from 1.

    >>> starts = line_starts("囟會\r\n上星")
    >>> line_of(starts, 5), column_of(starts, 5)
    (2, 2)
    """
    return position - starts[bisect_right(starts, position) - 1] + 1
