from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console

from pipeline.commands.citations import render
from pipeline.judging.cite import citations, judge, verdicts
from pipeline.judging.saying import Saying, at_hand, meant, saying_of, spoken_of, whole_work
from pipeline.judging.shelf import Shelf, shelf
from pipeline.knowledge.works import work_of
from pipeline.model import DoseRow, Reading, Result, join
from tests.corpus import extract, invented, result, with_editions
from tests.test_refer import commentary
from tests.test_suwen_sbck import QI_FU, made, needs_editions


@pytest.fixture(scope="module")
def judged() -> Result:
    return verdicts(join([result("jiayi"), result("suwen-wang"), result("suwen-zhijie")]))


@pytest.mark.parametrize(
    ("source", "work", "chapters"),
    [
        ("气府论注", "suwen", {59}),
        ("《素问》水热穴注", "suwen", {61}),
        ("又骨空论", "suwen", {60}),
        ("《甲乙經》", "jiayi", set()),
        ("素刺禁", "suwen", {52}),
        ("素问骨&KR0432;注", "suwen", {60}),
        ("《千金》", "", set()),
    ],
)
def test_the_work_that_a_note_names(source: str, work: str, chapters: set[int]) -> None:
    found = work_of(source, simplified=True)
    assert found
    assert (found.work, set(found.chapters)) == (work, chapters)


def test_a_name_that_the_table_has_not_is_no_work() -> None:
    assert work_of("後手少陽中", simplified=False) is None


@pytest.mark.parametrize(
    ("entry", "field", "value", "verdict", "cited"),
    [
        ("jiayi/06/003", "depth", "4", "confirmed", "suwen-wang/14.5/001"),
        ("jiayi/07/010", "depth", "3", "contradicted", "suwen-wang/16.1/013"),
        ("jiayi/10/010", "moxa", "forbidden", "confirmed", "suwen-wang/07.2/001"),
        ("jiayi/16/003", "moxa", "3", "not_found", "suwen-wang/08.1/004"),
        ("jiayi/10/007", "channels", "手太陽、足太陽、足陽明、陰蹺、陽蹺", "confirmed",
         "suwen-wang/11.1/001"),
        ("suwen-wang/16.1/013", "depth", "20", "contradicted", "jiayi/07/010"),
        ("suwen-wang/18.1/011", "retention", "10", "confirmed", "jiayi/19/011"),
        ("suwen-wang/02.1/010", "moxa", "30", "contradicted", "jiayi/09/010"),
    ],
)  # fmt: skip
def test_both_directions(
    judged: Result, entry: str, field: str, value: str, verdict: str, cited: str
) -> None:
    found = {
        (r.verdict, r.cited_entry)
        for r in judged.readings
        if (r.entry_id, r.field, r.value) == (entry, field, value) and r.cited_entry
    }
    assert (verdict, cited) in found


def test_a_verdict_has_what_it_rests_on(judged: Result) -> None:
    entries = {e.entry_id: e for e in judged.entries}
    for r in judged.readings:
        if r.verdict in ("confirmed", "nearly", "contradicted") and r.cited_entry:
            cited = entries[r.cited_entry]
            assert cited.witness == r.cited_witness
            assert r.entry_id is None or cited.code == entries[r.entry_id].code
        if r.verdict == "nearly":
            assert r.cited_text and r.cited_text != r.value
        if r.verdict == "not_found":
            assert r.searched
        if r.verdict in ("not_in_corpus", "not_checkable"):
            assert r.cited_entry is None


def unjudged(reading: Reading) -> Reading:
    return replace(
        reading, verdict="", cited_witness=None, cited_entry=None, cited_text="", searched=()
    )


def test_only_the_judgement_changes(judged: Result) -> None:
    before = join([result("jiayi"), result("suwen-wang"), result("suwen-zhijie")])
    assert [unjudged(r) for r in judged.readings] == [unjudged(r) for r in before.readings]
    assert replace(judged, readings=(), doses=()) == replace(before, readings=(), doses=())
    assert verdicts(judged) == judged


def test_a_list_of_a_channel_ends_with_its_chapter() -> None:
    after = "骨空論篇第六十¶\n數刺其俞過風(附分在第二椎下刺可入同身寸之八分)¶\n"
    found = extract(made(QI_FU + after))
    (book,) = shelf(found).books
    pages = [book.page(e.start)[0] for e in found.entries]
    assert pages == ["足太陽"] * (len(pages) - 1) + [""]


def test_a_work_outside_the_run_is_not_in_the_corpus() -> None:
    alone = verdicts(result("jiayi"))
    works = ((r, work_of(r.source, simplified=True)) for r in alone.readings)
    others = [r for r, work in works if not work or work.work != "jiayi"]
    assert not {r.verdict for r in others} & {"confirmed", "nearly", "contradicted", "not_found"}
    assert all(
        r.verdict == "not_in_corpus" for r in alone.readings if r.source in ("气府论注", "《千金》")
    )


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        ("在乳後一寸", "confirmed"),
        ("在乳後一寸五分", "contradicted"),
        ("在乳後十一寸", "contradicted"),
        ("在乳後半寸", "contradicted"),
    ],
)
def test_a_measure_is_not_part_of_a_longer_one(printed: str, verdict: str) -> None:
    whole = extract(
        invented(f"## 腋脇下凡八穴第十八\n\n天池，{printed}，刺入七分。", siglum="book")
    )
    book = replace(
        whole, witnesses=tuple(replace(w, spec=replace(w.spec, work="jiayi"))
                               for w in whole.witnesses)
    )  # fmt: skip
    found = verdicts(join([book, result("suwen-wang")]))
    said = [r for r in found.readings if r.value == "一寸" and r.entry_id == "suwen-wang/05.7/003"]
    assert [r.verdict for r in said] == [verdict]


def catalogue(entry: str, siglum: str = "book", work: str = "jiayi") -> Result:
    """An entry of a part of the body that is no chapter."""
    found = extract(invented(f"## 腋脇下凡八穴第十八\n\n{entry}", siglum=siglum))
    own = tuple(replace(w, spec=replace(w.spec, work=work)) for w in found.witnesses)
    return replace(found, witnesses=own)


@pytest.mark.parametrize(
    ("source", "work", "verdict"),
    [("甲乙經", "jiayi", "contradicted"), ("素問", "suwen", "not_found"),
     ("素問注", "suwen", "not_found")],
)  # fmt: skip
def test_what_another_chapter_could_say_is_not_contradicted(
    source: str, work: str, verdict: str
) -> None:
    """The 甲乙經 treats a point once; of the 素問 chapters are missing."""
    book = catalogue("天池，在乳後一寸，刺入七分。", work=work)
    citing = catalogue(f"天池，在乳後一寸，刺入七分。（{source}云：刺入三分。）", "a", "other")
    (said,) = verdicts(join([book, citing])).readings
    assert (said.value, said.verdict) == ("3", verdict)


@pytest.mark.parametrize(("words", "verdict"), [("後", "not_found"), ("乳後", "confirmed")])
def test_one_glyph_in_common_confirms_nothing(words: str, verdict: str) -> None:
    book = catalogue("天池，在乳後一寸，刺入七分。")
    citing = catalogue(f"天池，在腋下（甲乙經作{words}）三寸，刺入七分。", "a", "other")
    (said,) = verdicts(join([book, citing])).readings
    assert (said.text, said.verdict) == (words, verdict)


def test_the_summary_counts_every_citation(judged: Result) -> None:
    table = dict(citations(judged))
    assert table["甲乙經"]["confirmed"] > 20
    console = Console(record=True, width=120)
    render(judged, console)
    assert "腰俞" in console.export_text()


def said_of(entry: str, note: str) -> Reading:
    """The first reading of a note in another work that cites this entry of the 甲乙經."""
    head = entry[: entry.index("，")]
    citing = catalogue(f"{head}，在腋下三寸，刺入七分。（{note}）", "a", "other")
    found = verdicts(join([catalogue(entry), citing])).readings
    return next(one for one in found if one.reading_id.startswith("a/"))


@pytest.mark.parametrize(
    ("note", "verdict", "there"),
    [
        ("甲乙經云：在乳後二寸。", "contradicted", "乳後一寸半"),
        ("甲乙經云：在乳後一寸五分。", "confirmed", "乳後一寸半"),
        ("甲乙經云：在乳後同身寸之一寸半。", "confirmed", "乳後一寸半"),
        ("甲乙經云：著脇直腋肋間。", "nearly", "著脇直腋撅肋間"),
        ("甲乙經云：在缺盆上直扶突。", "contradicted", "在乳後一寸半，著脇直腋撅肋間"),
        ("甲乙經云：直扶突。", "not_found", ""),
    ],
)
def test_words_are_compared_as_words_and_measures_as_measures(
    note: str, verdict: str, there: str
) -> None:
    said = said_of("天池，在乳後一寸半，著脇直腋撅肋間，刺入七分。", note)
    assert (said.verdict, said.cited_text) == (verdict, there)
    assert bool(said.searched) == (verdict == "not_found")


def test_a_chapter_that_nobody_holds_is_named(judged: Result) -> None:
    named = {r.searched for r in judged.readings if r.source == "刺疟论注"}
    assert named == {("素問 36",)}
    assert {r.verdict for r in judged.readings if r.source == "刺疟论注"} == {"not_in_corpus"}


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("《甲乙經》無「靈臺、中樞、陽關」三穴。", "confirmed"),
        ("《甲乙經》「搓」作「著」，下同。", "confirmed"),
        ("《甲乙經》「伏骨」作「毖骨」。", "confirmed"),
    ],
)
def test_what_a_work_has_and_lacks(judged: Result, note: str, verdict: str) -> None:
    notes = {n.note_id for n in judged.notes if note in n.text}
    assert notes
    assert {r.verdict for r in judged.readings if r.note_id in notes} == {verdict}


def test_points_at_their_vertebrae(judged: Result) -> None:
    (said,) = (r for r in judged.readings if "有灵台" in r.value)
    assert (said.verdict, said.cited_witness) == ("confirmed", "suwen-wang")


def test_a_dose_is_judged_as_a_reading_is(judged: Result) -> None:
    doses = {(d.entry_id, d.source, d.act, d.min): d for d in judged.doses}
    assert doses["jiayi/07/010", "气府论注", "needling", 3].verdict == "contradicted"
    assert doses["jiayi/06/003", "气府论注", "needling", 4].cited_entry == "suwen-wang/14.5/001"
    assert {d.verdict for d in judged.doses if not d.source} == {"not_checkable"}
    assert {d.verdict for d in judged.doses if d.condition} <= {"not_checkable"}


@pytest.mark.parametrize(
    ("value", "least", "most", "verdict"),
    [("3", 3, 3, "confirmed"), ("3.5", 3.5, 3.5, "confirmed"), ("3", 3, 5, "contradicted"),
     ("3–5", 3, 5, "confirmed"), ("–100", None, 100, "confirmed"), ("3", None, None, "not_found"),
     ("隨年", 3, 3, "not_checkable")],
)  # fmt: skip
def test_amounts(value: str, least: float | None, most: float | None, verdict: str) -> None:
    entry = result("jiayi").entries[0]
    entry = replace(entry, moxa_min=least, moxa_max=most, moxa_forbidden=False)  # type: ignore[arg-type]
    work = work_of("甲乙經")
    book = replace(shelf(result("jiayi")).books[0], entries={entry.code or "": (entry,)})
    said = judge(Saying(work, "moxa", value, entry.code), Shelf((book,)))
    assert said.verdict == verdict


def test_words_of_another_point_are_no_other_place() -> None:
    """A statement on 譩譆 that came under 神堂 says nothing of 神堂."""
    book = catalogue(
        "神堂，在第五椎下兩傍，刺入三分，灸五壯。\n\n譩譆，在第六椎下兩傍，刺入六分，灸五壯。"
    )
    citing = catalogue("神堂，在五椎下，刺入三分。（甲乙經云：在第六椎下兩傍。）", "a", "other")
    (said,) = verdicts(join([book, citing])).readings
    assert said.verdict == "not_found"


def running(said: str) -> list[Reading | DoseRow]:
    """What is judged of an entry of a catalogue whose running text cites the 甲乙經."""
    text = f"# 頭部中行\n\n上星一穴。在額顱上。針三分。灸三壯。{said}\n\n"
    text += "百會一穴。在前頂後一寸五分。針二分。灸七壯。\n\n腦戶一穴。在枕骨上。禁針。灸三壯。\n"
    citing = extract(invented(text, siglum="a", grammar="catalogue"))
    book = catalogue(
        "上星，一名神堂，在顱上直鼻中央，刺入三分，灸三壯。\n\n筋縮，在第九椎節下間，刺入五分，灸三壯。"
    )
    found = verdicts(join([book, citing]))
    return [*found.readings, *(d for d in found.doses if d.witness == "a" and d.source)]


@pytest.mark.parametrize(
    ("said", "verdicts"),
    [
        ("甲乙經云。針五分。灸七壯。", ["contradicted", "contradicted"]),
        ("甲乙經云。針三分。患大風者先補之。灸七壯。", ["confirmed", "not_checkable"]),
        ("甲乙經云。針五分。又云。針六分。", ["contradicted", "not_checkable"]),
        ("甲乙經、千金云。針三分。", ["confirmed"]),
    ],
)
def test_who_speaks_after_the_first_words_is_not_sure(said: str, verdicts: list[str]) -> None:
    doses = [one.verdict for one in running(said) if isinstance(one, DoseRow)]
    assert doses == verdicts


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("甲乙經云。針五分。又云。針三分。", "confirmed"),
        ("甲乙經云。針三分。瀉五吸。", "not_found"),
        ("甲乙經云。針三分。先補之。瀉五吸。", "not_checkable"),
        ("甲乙經云。針 呼。不宜灸。", "contradicted"),
        ("甲乙經云。針三分。得氣則先瀉之。不宜灸。", "contradicted"),
    ],
)
def test_what_is_said_after_the_first_words(said: str, verdict: str) -> None:
    assert [one.verdict for one in running(said) if isinstance(one, DoseRow)][-1] == verdict


@pytest.mark.parametrize(
    ("said", "verdicts"),
    [
        ("在額顱上三寸。取穴正坐。（甲乙）", {"not_found"}),
        ("甲乙經云。在顱 直鼻中央。", {"confirmed"}),
        ("甲乙經云。刺太深。令人喑。", {"not_found"}),
        ("甲乙經云。針三分。諸家不言。令人喑。", {"not_checkable"}),
    ],
)
def test_words_in_running_text(said: str, verdicts: set[str]) -> None:
    assert {one.verdict for one in running(said) if isinstance(one, Reading)} == verdicts


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("甲乙經作三壯", "confirmed"),
        ("甲乙經作五壯", "contradicted"),
        ("甲乙經作七呼", "not_found"),
    ],
)
def test_a_number_in_a_note_is_a_dose(note: str, verdict: str) -> None:
    assert said_of("天池，在乳後一寸，刺入三分，灸三壯。", note).verdict == verdict


@pytest.mark.parametrize(
    ("source", "code", "field", "value", "verdict", "cited"),
    [
        ("氣穴論", "LI13", "location", "在天府下五寸", "confirmed", "大禁二十五在天府下五寸"),
        ("氣穴論", "LI13", "needling", "forbidden", "nearly", "大禁二十五在天府下五寸"),
        ("氣穴論注", "LI13", "location", "在天府下五寸", "not_in_corpus", ""),
    ],
)
def test_another_commentary_has_the_main_text(
    judged: Result, source: str, code: str, field: str, value: str, verdict: str, cited: str
) -> None:
    found = judge(Saying(work_of(source), field, value, code), shelf(judged))
    assert (found.verdict, found.cited_text) == (verdict, cited)


@pytest.mark.parametrize(
    ("before", "words", "point", "verdict"),
    [
        ("按後手少陽中云", "角上", None, "nearly"),  # of which point is not told
        ("留七呼灸三壯", "刺深", "GB5", "not_found"),  # of 頷厭
        ("", "刺太深", "ST12", "nearly"),
    ],
)
def test_words_with_those_before_them(
    judged: Result, before: str, words: str, point: str | None, verdict: str
) -> None:
    work = work_of("新校正" if point is None else "氣府論注")
    field = "warnings" if point else "other"
    said = Saying(work, field, words, point, running=(before, ""))
    assert judge(said, shelf(judged)).verdict == verdict


@pytest.mark.parametrize(
    ("before", "verdict"),
    [
        ("自幽門至商曲銅人去腹中行五分素注", "nearly"),  # the place says 下一寸
        ("", "confirmed"),
    ],
)
def test_a_measure_from_the_midline_is_no_other(judged: Result, before: str, verdict: str) -> None:
    said = Saying(work_of("素注"), "location", "一寸", "KI17", running=(before, ""))
    assert judge(said, shelf(judged)).verdict == verdict


@pytest.mark.parametrize(
    ("field", "value", "verdict"),
    [
        ("aliases", "舌□", "nearly"),
        ("aliases", "舌木", "nearly"),
        ("aliases", "舌橫", "not_found"),
        ("aliases", "□", "not_checkable"),
        ("aliases", "HT", "not_checkable"),
        ("location", "刺", "not_checkable"),
        ("location", "項上", "confirmed"),
        ("location", "膝上", "not_found"),
        ("warnings", "禁深", "nearly"),
    ],
)
def test_of_what_is_lost_little_is_told(field: str, value: str, verdict: str) -> None:
    book = catalogue("風府，一名舌本，在項上入髮際一寸，刺入四分，不可灸，刺太深令人喑。")
    said = Saying(work_of("甲乙經"), field, value, "GV16")
    assert judge(said, shelf(book)).verdict == verdict


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("甲乙經云：不灸。", "confirmed"),
        ("甲乙經云：禁刺。", "contradicted"),
        ("甲乙經作手陽明。", "contradicted"),
    ],
)
def test_a_ban_and_a_channel_are_values(note: str, verdict: str) -> None:
    head = "風府，在項上入髮際一寸，督脈、陽維之會，刺入四分，不可灸。"
    assert said_of(head, note).verdict == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("甲乙經云。針三分。令人喑。（外臺）", "not_in_corpus"),
        ("甲乙經云。針三分。諸家不取。千金。在額顱上。", "not_in_corpus"),
        ("甲乙經云。在顱上直鼻。（甲乙）", "confirmed"),
    ],
)
def test_a_work_that_is_named_beside_the_words_says_them(said: str, verdict: str) -> None:
    assert [one.verdict for one in running(said) if isinstance(one, Reading)][-1] == verdict


@pytest.mark.parametrize(
    ("source", "code", "verdict"),
    [
        ("素注", "BL37", "not_in_corpus"),  # in another chapter, if anywhere
        ("氣府論注", "BL37", "not_found"),
        ("素注", "GV16", "not_found"),
        ("甲乙經", "BL37", "contradicted"),
    ],
)
def test_a_point_that_no_chapter_at_hand_treats(
    judged: Result, source: str, code: str, verdict: str
) -> None:
    said = Saying(work_of(source), "location", "在膝後上兩筋之間臀下", code)
    assert judge(said, shelf(judged)).verdict == verdict


def test_an_entry_of_the_same_name_may_be_of_another_point() -> None:
    """少海 is a point of 手太陽 in the commentary on 素問."""
    book = catalogue("少海，在肘內大骨外，手太陽脈之所入，刺入二分，灸五壯。", work="suwen")
    citing = catalogue("少海，在肘內廉，手少陰脈之所入，刺入五分，灸三壯。", "a", "other")
    (here,), (there,) = (
        [replace(one.entries[0], code=code)] for one, code in ((citing, "HT3"), (book, "SI8"))
    )
    books = shelf(replace(book, entries=(there,)))
    found = judge(Saying(work_of("素注"), "moxa", "5", "HT3", entry=here), books)
    assert (found.verdict, found.cited_entry) == ("nearly", there.entry_id)


def test_what_is_cited_again_is_the_work_that_is_at_hand() -> None:
    found = whole_work("素問")
    assert found and found.work == "suwen"


def test_words_on_a_point_that_they_name_are_compared_with_it() -> None:
    (said,) = (r for r in running("甲乙經云。筋縮在第九椎節下間。") if isinstance(r, Reading))
    assert (said.verdict, said.cited_text) == ("confirmed", "第九椎節下間")


def test_other_names_are_judged() -> None:
    (said,) = (r for r in running("甲乙經云。一名神堂。") if isinstance(r, Reading))
    assert (said.field, said.verdict, said.cited_text) == ("aliases", "confirmed", "神堂")


@pytest.mark.parametrize(
    ("entry", "note", "verdict", "there"),
    [
        ("天池，在乳後一寸，刺入三分。", "甲乙經作二分", "contradicted", "刺入三分"),
        ("天池，在乳後一寸，刺入三分。（去腋三寸。）", "甲乙經云：去腋三寸。", "confirmed",
         "去腋三寸"),
        ("天池，在乳上一寸陷者中，刺入三分。", "甲乙經云：在乳下一寸陷者中。", "contradicted",
         "乳上一寸陷者中"),
    ],
)  # fmt: skip
def test_what_is_not_silence(entry: str, note: str, verdict: str, there: str) -> None:
    said = said_of(entry, note)
    assert (said.verdict, said.cited_text) == (verdict, there)


def test_a_name_that_is_written_otherwise() -> None:
    citing = catalogue("跗陽，在足外踝上（甲乙經作付陽），刺入六分。", "a", "other")
    (said,) = verdicts(join([catalogue("跗陽，在足外踝上三寸，刺入六分。"), citing])).readings
    assert (said.field, said.verdict, said.cited_text) == ("name", "contradicted", "跗陽")


def test_what_the_text_in_hand_says(judged: Result) -> None:
    hand = {r.value: r for r in judged.readings if r.value.startswith("此云")}
    assert {r.verdict for r in hand.values()} == {"confirmed"}
    assert hand["此云并入八分，疑此注誤"].cited_text == "刺可入同身寸之八分"


def test_what_another_place_of_the_commentary_says(judged: Result) -> None:
    found = {(r.source, r.value): r.verdict for r in judged.readings if "陽" in r.source[:4]}
    assert found["後手少陽中", "角上"] == found["足少陽脈中", "角下"] == "confirmed"


def test_the_word_that_is_replaced_may_stand_in_what_another_quotes() -> None:
    book = catalogue("天池，在乳後一寸，內穀為寶穀入於胃，刺入七分。")
    said = Saying(
        work_of("甲乙經"),
        "text",
        "寶",
        verb="reads",
        around=("氣虛形虛此其常也反此者病", "榖入多而氣少"),
        lemma="實",
        beside="甲乙經實作寶靈樞經曰榮氣之道內穀爲實穀入於胃",
    )
    found = judge(said, shelf(book))
    assert (found.verdict, found.cited_text) == ("confirmed", "內穀爲寶")


def test_words_of_a_named_chapter_may_be_few(judged: Result) -> None:
    """柱骨之會 stands in 素問 59; of a whole book four glyphs prove nothing."""
    book = next(b for b in shelf(judged).books if b.witness.spec.siglum == "suwen-wang")
    shelved = Shelf((book,))
    said = [
        judge(Saying(work_of(source), "other", "柱骨之會"), shelved).verdict
        for source in ("氣府論", "素問")
    ]
    assert said == ["confirmed", "not_in_corpus"]


def test_a_surname_is_nobody_in_running_text() -> None:
    said = [one.verdict for one in running("王氏云。灸二十壯。") if isinstance(one, DoseRow)]
    assert said == ["not_checkable"]


CHAIN = """不容，在幽門傍各一寸五分，去任脈二寸，刺入五分。

承滿，在不容下一寸，刺入八分。

梁門，在承滿下一寸，刺入八分。

天樞，俠臍兩傍各二寸，刺入五分。

外陵，在天樞下，刺入八分。
"""


@pytest.mark.parametrize(
    ("point", "said", "verdict", "there", "steps"),
    [
        ("不容", "各二寸", "confirmed", "去任脈二寸", 1),
        ("梁門", "各二寸", "confirmed", "在承滿下一寸，在不容下一寸，去任脈二寸", 3),
        ("外陵", "去齊各二寸", "confirmed", "在天樞下，俠臍兩傍各二寸", 2),
        ("梁門", "各三寸", "contradicted", "在承滿下一寸，在不容下一寸，去任脈二寸", 3),
        ("梁門", "直乳下", "not_found", "", 0),
    ],
)
def test_a_place_says_what_the_place_it_is_told_from_says(
    point: str, said: str, verdict: str, there: str, steps: int
) -> None:
    citing = catalogue(f"{point}，在腹，刺入七分。（甲乙經云：{said}。）", "a", "other")
    (found,) = verdicts(join([catalogue(CHAIN), citing])).readings
    assert (found.verdict, found.cited_text) == (verdict, there)
    assert len(found.searched) == steps or verdict == "not_found"


def test_a_chain_that_leads_nowhere_says_nothing() -> None:
    book = catalogue("承滿，在梁門上，刺入八分。\n\n梁門，在承滿下一寸，刺入八分。")
    citing = catalogue("承滿，在腹，刺入七分。（甲乙經云：各二寸。）", "a", "other")
    (found,) = verdicts(join([book, citing])).readings
    assert found.verdict == "not_found"


def test_a_name_of_half_a_chapter_means_that_half() -> None:
    halves = {source: work_of(source) for source in ("水穴論注", "素問熱穴注", "水熱穴注")}
    assert [work.begins for work in halves.values() if work] == ["水俞五十七處", "熱病五十九俞", ""]


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("千金又取陰陵泉", "not_in_corpus"),
        ("即顴骨", "not_checkable"),
        ("其言與千金異", "not_checkable"),
    ],
)
def test_a_note_may_begin_with_its_source(note: str, verdict: str) -> None:
    citing = catalogue(f"天池，在腋下（{note}）三寸，刺入七分。", "a", "other")
    found = verdicts(join([catalogue("天池，在乳後一寸，刺入七分。"), citing])).readings
    assert {one.verdict for one in found} == {verdict}


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("甲乙經云：與銅人經稍異。", "not_checkable"),
        ("甲乙經云：一作三寸。", "not_checkable"),
        ("甲乙經云：在乳後一寸。", "confirmed"),
    ],
)
def test_words_that_no_source_says(note: str, verdict: str) -> None:
    assert said_of("天池，在乳後一寸，刺入七分。", note).verdict == verdict


def test_few_words_are_known_by_those_beside_them() -> None:
    book = shelf(catalogue("天池，在乳後一寸，目動與項口參相引僻口不能言，刺入七分。"))
    work, few = work_of("甲乙經"), ("目動與項口參相引僻", "口不能言", "刺承泣")
    said = [Saying(work, "other", few[1], running=(before, few[2])) for before in (few[0], "心痛")]
    assert [judge(one, book).verdict for one in said] == ["nearly", "not_found"]


def test_what_a_note_goes_on_to_say_is_not_in_the_source() -> None:
    said = said_of(
        "鳩尾，在臆前蔽骨下五分，從岐骨際下行一寸，不可灸刺。",
        "甲乙經云：一寸為鳩尾處若不為鳩尾處則針巨闕。",
    )
    assert said.verdict == "nearly"


def test_the_list_in_which_a_point_stands_gives_it_a_channel(judged: Result) -> None:
    work, channels = work_of("氣府論注"), ("足太陽", "足少陽", "督脈、足太陽")
    said = [Saying(work, "channels", value, "BL13") for value in channels]
    found = [judge(one, shelf(judged)) for one in said]
    assert [one.verdict for one in found] == ["nearly", "not_found", "not_found"]
    assert found[0].cited_text == "足太陽脈氣所發者七十八穴"


def test_which_point_a_place_is_may_be_said_in_other_words(judged: Result) -> None:
    work = work_of("氣府論注")
    said = [Saying(work, "other", value) for value in ("乃天鼎穴也", "乃扶突穴也")]
    found = [judge(one, shelf(judged)) for one in said]
    assert [one.verdict for one in found] == ["nearly", "not_found"]
    assert found[0].cited_text == "天鼎二穴"


@pytest.mark.parametrize(
    ("words", "value", "chapter"),
    [
        ("注作三寸半", "三寸半", 36),  # 刺瘧。注作三寸半
        ("皆云在三椎下", "在三椎下", 58),
        ("在外 後廉", "在外□後廉", 58),
        ("在外\n後廉", "在外後廉", 58),
    ],
)
def test_the_words_of_a_source_in_running_text(words: str, value: str, chapter: int) -> None:
    citing = catalogue(f"解谿，在衝陽後二寸半刺瘧{words}，刺入五分。", "a", "other")
    at = citing.witnesses[0].text.index(words)
    said = Reading(
        reading_id="a/18/001/r1",
        note_id=None,
        entry_id=None,
        source="氣穴論注",
        cited_witness=None,
        field="location",
        value="".join(words.split()),
        text=words,
        start=at,
        end=at + len(words),
        verdict="",
    )
    found = saying_of(said, None, None, shelf(citing).of("a"))
    assert found.work and found.value == value
    assert found.work.chapters == frozenset({chapter})


@needs_editions
@pytest.mark.parametrize(
    ("reading", "source", "verdict", "cited"),
    [
        ("suwen-sbck/59.7/011/n1/r3", "熱穴法", "contradicted", "suwen-sbck/61.29/005"),
        ("suwen-sbck/59.7/011/n1/r2", "水穴注", "confirmed", "suwen-sbck/61.14/014"),
        ("suwen-sbck/52.22/001/n1/r2", "氣府論注", "contradicted", "suwen-wang/10.1/001"),
        ("suwen-sbck/59.29/004/n1/r1", "甲乙經", "confirmed", "jiayi-j3/21/004"),
    ],
)
def test_verdicts_of_the_editions(reading: str, source: str, verdict: str, cited: str) -> None:
    said = next(r for r in with_editions().readings if r.reading_id == reading)
    assert (said.source, said.verdict, said.cited_entry) == (source, verdict, cited)


SHUI = """> 《水熱穴論篇》第六十一
> 膺中一穴①。
①天池，在乳後一寸，刺可入同身寸之三分。
> 水俞五十七處者②。熱病五十九俞③。
②謂臍下。
③謂熱也。"""


@pytest.mark.parametrize("source", ["水穴論注", "熱穴論注", "水熱穴論注"])
def test_what_stands_before_both_halves_of_a_chapter_is_in_either(source: str) -> None:
    held = extract(commentary(SHUI, "shui"))
    (found,) = held.witnesses
    spec = replace(found.spec, title="素問 水熱穴論篇第六十一")
    held = replace(held, witnesses=(replace(found, spec=spec),))
    citing = catalogue(f"天池，在乳後一寸，刺入七分。（{source}云：刺入三分。）", "a", "other")
    (said,) = (r for r in verdicts(join([held, citing])).readings if r.source == source)
    assert (said.verdict, said.cited_entry) == ("confirmed", "shui/01.1/001")


def test_a_witness_without_entries_does_not_hold_what_is_said_of_points() -> None:
    prose = extract(invented("# 論\n\n凡刺之道，天池必慎。", siglum="book"))
    works = tuple(replace(w, spec=replace(w.spec, work="jiayi")) for w in prose.witnesses)
    citing = catalogue("天池，在乳後一寸，刺入七分。（甲乙經云：刺入三分。）", "a", "other")
    (said,) = verdicts(join([replace(prose, witnesses=works), citing])).readings
    assert said.verdict == "not_in_corpus"


@pytest.mark.parametrize(
    ("cited", "field", "value", "point", "verdict"),
    [
        ("素問", "depth", "2", "ST12", "nearly"),  # 王冰 says it
        ("素注", "depth", "2", "ST12", "confirmed"),
        ("素問", "location", "在臍下一寸", "CV7", "nearly"),
        ("素問", "location", "項中大筋兩傍", "BL10", "confirmed"),
        ("氣府論", "channels", "手陽明", "LI20", "confirmed"),  # listed so in the chapter
        ("氣府論", "channels", "足少陽", "GB20", "nearly"),  # only 王冰 has it
        ("新校正", "location", "此云角下", "GB6", "confirmed"),
        ("新校正", "location", "此云角下", "GB5", "nearly"),  # of 懸釐
        ("甲乙經", "location", "一寸三分", "BL7", "nearly"),  # 絡卻, that far behind 通天
        ("素問", "aliases", "大筋", "BL10", "nearly"),  # 項中大筋兩傍各一: no name
        ("素問", "aliases", "多所聞", "SI19", "confirmed"),
    ],
)
def test_confirmed_is_only_what_the_work_says_itself_of_the_point(
    judged: Result, cited: str, field: str, value: str, point: str, verdict: str
) -> None:
    assert judge(Saying(work_of(cited), field, value, point), shelf(judged)).verdict == verdict


@pytest.mark.parametrize(
    ("said", "verdicts"),
    [
        ("一云。在額顱上。", ["not_checkable"]),
        ("千金云。在額顱上。又云。在髮際。", ["not_in_corpus", "not_in_corpus"]),
        ("甲乙經云。針三分。千注肝臟卷云。在額顱上。", ["not_in_corpus"]),
    ],
)
def test_who_says_it_is_told_by_words_between(said: str, verdicts: list[str]) -> None:
    assert [one.verdict for one in running(said) if isinstance(one, Reading)] == verdicts


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("范汪", False),  # no table knows him
        ("資生引明堂", False),
        ("甲乙次注", True),
        ("又", True),
        ("一方云", True),
    ],
)
def test_a_name_of_a_book_says_whether_it_is_at_hand(
    judged: Result, source: str, known: bool
) -> None:
    books = shelf(judged)
    assert at_hand(source, books.books[0], books) == known


def test_again_is_of_the_part_of_the_work_that_was_named() -> None:
    """大成 on 關元: 《素注》針一寸二分…又云：針二寸, which 王冰 says in another chapter."""
    text = "# 肩部\n\n秉風二穴。在天宗外肩上。針五分。素問注云。針三分。又云。針五分。\n\n"
    text += "天宗二穴。在秉風後。針五分。灸三壯。\n\n肩井二穴。在肩上。針五分。灸五壯。\n"
    citing = extract(invented(text, siglum="a", grammar="catalogue"))
    found = verdicts(join([result("suwen-wang"), citing]))
    doses = [dose for dose in found.doses if dose.witness == "a" and dose.source]
    assert [(d.source, d.min, d.verdict) for d in doses] == [
        ("素問注", 3, "not_found"),
        ("又", 5, "confirmed"),
    ]


@pytest.mark.parametrize(
    ("said", "verdicts"),
    [
        ("千金云。婦人灸五壯。", ["not_in_corpus"]),  # on a condition, of a work nobody has
        ("甲乙經云。針三分。又云。針六分。留七呼。",
         ["confirmed", "not_checkable", "not_checkable"]),
        ("甲乙經云。針三分。又云。針三分。留七呼。", ["confirmed", "confirmed", "not_found"]),
    ],
)  # fmt: skip
def test_what_depends_on_what_is_not_known(said: str, verdicts: list[str]) -> None:
    assert [one.verdict for one in running(said) if isinstance(one, DoseRow)] == verdicts


@pytest.mark.parametrize(
    ("field", "value", "verdict"),
    [
        ("channels", "太陽", "confirmed"),  # 足少陽、太陽
        ("channels", "太陰", "contradicted"),
        ("location", "在腋下三寸復前一寸動脈應手", "nearly"),
        ("location", "在腋下三寸復前一寸筋骨內中", "not_found"),
        ("location", "在腋下五寸復前一寸動脈應手", "not_found"),
    ],
)
def test_what_a_few_words_more_say(field: str, value: str, verdict: str) -> None:
    entry = "輒筋，在腋下三寸，復前一寸搓脅，足少陽、足太陽之會，刺入六分。"
    book = shelf(catalogue(entry))
    (point,) = catalogue(entry).entries
    said = Saying(work_of("甲乙經"), field, value, point.code)
    assert judge(said, book).verdict == verdict


@pytest.mark.parametrize(
    ("value", "verdict"), [("長同身寸三尺", "nearly"), ("長同身寸九尺", "not_found")]
)
def test_a_length_is_known_without_a_point(judged: Result, value: str, verdict: str) -> None:
    """膂骨以下至尾骶二十一節，長三尺."""
    said = Saying(work_of("甲乙經"), "location", value, "GV1")
    assert judge(said, shelf(judged)).verdict == verdict


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("伏兔禁不可刺", "ST32"),
        ("梁丘犢鼻三里", "ST36"),
        ("白環俞上髎次", None),
        ("三里", None),
    ],
)
def test_the_point_that_a_note_is_on(before: str, code: str | None) -> None:
    assert spoken_of(before) == code


def test_a_chapter_with_his_notes_is_the_commentary_on_it(judged: Result) -> None:
    (found, other) = (meant(name, shelf(judged).books[0], noted=False)
                      for name in ("氣府論王氏注", "氣府論注"))  # fmt: skip
    assert found and found == other


@needs_editions
def test_editors_quote_other_chapters(judged: Result) -> None:
    """次注 on 大鐘, as 新校正 quotes it: 刺腰痛注作跟後街中動脈."""
    books = shelf(with_editions())
    said = Saying(work_of("次注"), "location", "動脈", "KI4")
    found = judge(said, books)
    assert (found.verdict, found.cited_text) == ("nearly", "動脈")
