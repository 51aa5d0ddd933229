"""Numbers for people: decimal comma, the decimals that answers can bear, n beside a percentage."""

from __future__ import annotations

import pytest

from analysis.period import parse_period
from analysis.reporting import wording
from analysis.reporting.verdicts import verdict_list
from analysis.statistics.estimates import Note
from analysis.words import number
from tests.analysis.verdict_documents import a_document, a_row, a_verdict, withheld

ROW = a_row(
    "land",
    384,
    417,
    600,
    response_rate=0.695,
    low=0.8965,
    high=0.9421,
    mean=4.312,
    silent_low=0.64,
    silent_high=0.945,
)
VERDICT = a_verdict(
    "each-2030", ROW, 0.9, 2030, lower=0.8981, upper=0.9402, q=0.85, responses_needed=46
)
OCTOBER, QUARTER = parse_period("2026-10"), parse_period("2026-Q4")


def said(found, lang="vi"):
    """The list of verdicts, line by line, without the targets' title."""
    (title,) = {t.title.get(lang) for t in found.targets.target if t.id == "each-2030"}
    return [line for line in str(verdict_list(found, lang=lang)).splitlines() if line != title]


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234567, 0, "1.234.567", "1,234,567"),
        (1234.5, 1, "1.234,5", "1,234.5"),
        (0.05, 2, "0,05", "0.05"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, decimals, vi, en):
    assert number(value, "vi", decimals) == vi
    assert number(value, "en", decimals) == en


def test_a_percentage_has_a_decimal_from_thirty_answers_on():
    assert wording.percent(0.9208, 417, "vi") == "92,1%"
    assert wording.percent(0.9208, 30, "vi") == "92,1%"
    assert wording.percent(0.9208, 29, "vi") == "92%"
    assert wording.percent(None, 0, "vi") == "–"


def test_below_five_answers_there_are_counts_alone():
    row = a_row("land", 2, 3)
    assert wording.share_phrase(row, "vi") == "2 trên 3"
    assert wording.share_phrase(row, "en") == "2 of 3"


def test_a_share_comes_with_those_who_answered_the_question():
    assert wording.share_phrase(ROW, "vi") == "92,1% (417 phiếu)"
    assert (
        wording.share_phrase(ROW._replace(respondents=400, share=0.96), "vi") == "96,0% (400 phiếu)"
    )
    assert wording.share_phrase(ROW._replace(answered=2000), "en") == "92.1% (417 answers)"
    assert wording.share_phrase(ROW._replace(answered=0, share=None), "vi") == "Chưa có câu trả lời"


def test_a_share_over_several_sectors_says_that_it_is_weighted():
    total = a_row("all", 384, 417, 600, method="kg-s")
    assert wording.reading_phrase(total, [0.9], "vi") == (
        "Tỷ lệ hài lòng 92,1% (417 phiếu, tính theo số hồ sơ)"
    )
    assert wording.weighted_phrase(total, "en") == ", weighted by dossiers"
    assert wording.weighted_phrase(total._replace(population=None), "vi") == ""
    assert wording.weighted_phrase(ROW, "vi") == ""


def test_limits_are_rounded_outwards():
    assert wording.interval_phrase(0.8965, 0.9421, 417, "vi") == "89,6% – 94,3%"
    assert wording.interval_phrase(0.8965, 0.9421, 20, "vi") == "89% – 95%"
    assert wording.interval_phrase(0.29, 0.57, 100, "vi") == "29,0% – 57,0%"
    assert wording.interval_phrase(None, None, 0, "vi") == "–"


def test_answers_are_told_of_their_dossiers():
    assert wording.rate_phrase(ROW, "vi") == "417/600 (69,5%)"
    assert wording.rate_phrase(ROW._replace(response_rate=None), "vi") == "417/600"
    assert wording.rate_phrase(ROW._replace(population=None), "vi") == "417"


def test_a_mean_needs_ten_answers():
    assert wording.mean_phrase(ROW, "vi") == "4,31"
    assert wording.mean_phrase(ROW._replace(n=9), "vi") == "–"


@pytest.mark.parametrize(
    ("value", "vi"), [(0.9, "90%"), (0.925, "92,5%"), (1, "100%"), (0.8525, "85,25%"), (0, "0%")]
)
def test_a_target_is_written_as_it_was_given(value, vi):
    assert wording.threshold(value, "vi") == vi


def test_a_share_is_never_rounded_across_its_target():
    assert wording.percent(0.8999, 1000, "vi", thresholds=[0.9]) == "89,99%"
    assert wording.percent(0.9001, 1000, "vi", thresholds=[0.9]) == "90,0%"
    assert wording.percent(0.896, 20, "vi", thresholds=[0.9]) == "89,6%"
    assert wording.percent(0.9, 20, "vi", thresholds=[0.9]) == "90%"


def test_all_and_nobody_are_said_of_all_and_of_nobody_alone():
    assert wording.percent(1999 / 2000, 2000, "vi") == "99,95%"  # one of them was not satisfied
    assert wording.percent(1 / 2500, 2500, "vi") == "0,04%"
    assert wording.percent(0.996, 20, "vi") == "99,6%"  # a weighted share
    assert wording.percent(1.0, 2000, "vi") == "100,0%"
    assert wording.percent(0.0, 20, "vi") == "0%"


def test_where_everybody_answered_there_is_no_interval():
    """89.47% known for certain is not "89% – 90%"."""
    assert wording.interval_phrase(17 / 19, 17 / 19, 19, "vi") == "89%"
    assert wording.interval_phrase(0.8995, 0.8995 + 1e-16, 2000, "vi", thresholds=[0.9]) == "89,95%"
    assert wording.interval_or_everyone(0.8995, 0.8995, 2000, "vi") == "mọi người đều đã trả lời"
    assert wording.interval_or_everyone(0.85, 0.95, 2000, "en") == "85.0% – 95.0%"


def test_a_verdict_is_a_word_a_reading_its_limits_and_what_would_settle_it():
    running = a_document([ROW], [VERDICT], status="running")
    assert said(running) == [
        "Kỳ chưa kết thúc nên chưa kết luận.",
        "  land: Tỷ lệ hài lòng 92,1% (417 phiếu).",
        "    Chưa đủ căn cứ · mục tiêu 2030: 90%."
        " Giới hạn dưới 89,8%, giới hạn trên 94,1%, mục tiêu 90%."
        " Nếu tỷ lệ giữ nguyên, thêm khoảng 46 phiếu là đủ căn cứ kết luận Đạt.",
    ]
    assert said(running, "en") == [
        "The period is still running, so there is no verdict yet.",
        "  land: Share satisfied 92.1% (417 answers).",
        "    Not proven yet · target 2030: 90%."
        " Lower limit 89.8%, upper limit 94.1%, target 90%."
        " If the share stays the same, answers still needed for the verdict Met: about 46.",
    ]


def test_more_answers_are_asked_for_only_while_the_period_is_running():
    """417 and 46 more of 600 dossiers; of a closed period only a whole one can be spoken of."""
    assert "thêm khoảng 46 phiếu" in (wording.settle_phrase(VERDICT, ROW, "vi", running=True) or "")
    assert wording.settle_phrase(VERDICT, ROW, "vi", running=False) == (
        "Với tỷ lệ này, một kỳ như thế cần khoảng 463 phiếu mới đủ căn cứ kết luận Đạt"
    )
    assert wording.settle_phrase(VERDICT, ROW, "en", running=False) == (
        "At this share a period like this takes about 463 answers for the verdict Met"
    )


def test_the_number_needed_says_which_way_and_ends_at_a_year():
    low = ROW._replace(share=0.85)
    assert wording.settle_phrase(VERDICT, low, "vi", running=True) == (
        "Nếu tỷ lệ giữ nguyên, thêm khoảng 46 phiếu là đủ căn cứ kết luận Chưa đạt"
    )
    open_ended = ROW._replace(population=None, months=1)
    for needed, expected in ((12 * 417, "đủ căn cứ kết luận Đạt"), (12 * 417 + 1, "sát mục tiêu")):
        verdict = VERDICT._replace(responses_needed=needed)
        assert expected in (wording.settle_phrase(verdict, open_ended, "vi", running=True) or "")
    far = VERDICT._replace(responses_needed=48_013)
    assert wording.settle_phrase(far, open_ended, "vi", running=False) == (
        "Tỷ lệ sát mục tiêu: thêm phiếu cũng khó kết luận"
    )


def test_no_number_of_answers_is_named_where_there_are_not_that_many_dossiers():
    few = VERDICT._replace(responses_needed=184)  # 601 of 600
    assert wording.settle_phrase(few, ROW, "vi", running=False) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": "met"},
        {"responses_needed": 0},
        {"responses_needed": None},
        {"reason": "coverage"},
        {"reason": "not_counted"},
    ],
)
def test_nothing_settles_what_is_settled_or_what_answers_alone_cannot_settle(changes):
    for running in (True, False):
        assert (
            wording.settle_phrase(VERDICT._replace(**changes), ROW, "vi", running=running) is None
        )


def test_the_caution_of_a_verdict_by_those_who_answered():
    """30 of the 34 who answered and 88% of the 26 others, 22.88, are 52.88 of 60: 88%.

    q = (0.88 * 60 - 30) / 26 = 0.8769, rounded up: less would not do.
    """
    row = a_row("land", 30, 34, 60)
    open_ = a_verdict("each-2025", row, 0.88, 2025, evidence="met", q=(0.88 * 60 - 30) / 26)
    assert wording.basis_phrase(open_, "vi") == (
        "Đạt theo những người đã trả lời (34 trên 60; chỉ đúng nếu ít nhất 88% người chưa trả lời"
        " cũng hài lòng)"
    )
    assert wording.basis_phrase(open_, "en") == (
        "Met by those who answered (34 of 60; true only if at least 88% of those who did not"
        " answer are satisfied too)"
    )
    missed = open_._replace(evidence="missed")
    assert wording.basis_phrase(missed, "vi") == (
        "Chưa đạt theo những người đã trả lời (34 trên 60; vẫn đạt nếu ít nhất 88% người chưa"
        " trả lời hài lòng)"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"basis": "certain", "q": -0.1},
            "Đạt, dù những người chưa trả lời nghĩ thế nào (417 trên 600)",
        ),
        ({"basis": "census", "q": None}, "Đạt theo tất cả mọi người (417 trên 600)"),
        (
            {"population": None, "q": None},
            "Đạt theo những người đã trả lời (417 phiếu; chưa có số hồ sơ nên không biết bao nhiêu"
            " người chưa trả lời)",
        ),
    ],
)
def test_a_verdict_says_on_whom_it_rests(changes, said):
    assert wording.basis_phrase(VERDICT._replace(evidence="met", **changes), "vi") == said


def test_what_is_not_proven_rests_on_nobody():
    assert wording.basis_phrase(VERDICT, "vi") == "Chưa đủ căn cứ"
    assert wording.basis_phrase(VERDICT._replace(evidence="none", basis=None), "en") == (
        "No answers yet"
    )


@pytest.mark.parametrize(
    ("evidence", "lower", "upper", "n", "said"),
    [
        ("met", 0.8634, 0.97, 20, "giới hạn dưới 86% ≥ 85%"),
        ("met", 0.8634, 0.97, 30, "giới hạn dưới 86,3% ≥ 85%"),
        ("met", 0.85, 0.97, 30, "giới hạn dưới 85,0% ≥ 85%"),
        ("missed", 0.7, 0.84998, 30, "giới hạn trên 84,998% < 85%"),
        ("missed", 0.7, 0.842, 20, "giới hạn trên 84,2% < 85%"),
        ("missed", 0.7, 0.832, 20, "giới hạn trên 84% < 85%"),
        (
            *("not_proven", 0.84996, 0.85002, 500),
            "giới hạn dưới 84,9%, giới hạn trên 85,1%, mục tiêu 85%",
        ),
    ],
)
def test_the_limit_that_decided_is_never_rounded_across_its_target(evidence, lower, upper, n, said):
    decided = VERDICT._replace(threshold=0.85, evidence=evidence, lower=lower, upper=upper, n=n)
    assert wording.limit_phrase(decided, "vi") == said


def test_a_limit_is_told_where_it_decided():
    """Not of few answers, and not of a verdict that does not rest on chance at all."""
    met = VERDICT._replace(evidence="met", lower=0.91)
    assert wording.limit_phrase(met, "vi") is not None
    assert wording.limit_phrase(met._replace(n=4), "vi") is None
    assert wording.limit_phrase(met._replace(basis="certain"), "vi") is None
    assert wording.limit_phrase(met._replace(basis="census"), "vi") is None
    assert wording.limit_phrase(met._replace(lower=None), "vi") is None


@pytest.mark.parametrize(
    ("reason", "coverage", "said"),
    [
        ("running", 0.9, "Kỳ chưa kết thúc nên chưa kết luận"),
        (
            *("coverage", 0.7999),
            "Không kết luận: các lĩnh vực và tháng có phiếu chỉ ứng với 79% số hồ sơ, cần ít nhất"
            " 80%",
        ),
        (
            *("not_counted", None),
            "Không kết luận: chưa có số hồ sơ của các tháng nên không biết phiếu đại diện cho ai",
        ),
    ],
)
def test_why_nothing_is_concluded_is_said(reason, coverage, said):
    found = VERDICT._replace(reason=reason, coverage=coverage)
    assert wording.reason_phrase(found, 0.8, "vi") == said
    assert wording.reason_phrase(VERDICT, 0.8, "vi") is None


def test_the_part_of_a_longer_period_that_answers_stand_for():
    row = ROW._replace(months=2, coverage=0.6666)
    assert wording.coverage_phrase(row, QUARTER, "vi") == (
        "Có phiếu trong 2 trên 3 tháng, ứng với 66% số hồ sơ"
    )
    assert wording.coverage_phrase(row, QUARTER, "en") == (
        "Answers in 2 of 3 months, for 66% of the dossiers"
    )
    assert wording.coverage_phrase(row, OCTOBER, "vi") is None
    assert wording.coverage_phrase(row._replace(coverage=None), QUARTER, "vi") is None


@pytest.mark.parametrize(
    ("evidence", "word"),
    [("met", "Đạt"), ("missed", "Chưa đạt"), ("not_proven", "Chưa đủ căn cứ")],
)
def test_the_three_verdicts_have_three_words(evidence, word):
    decided = VERDICT._replace(evidence=evidence, responses_needed=0)
    assert wording.verdict_word(decided, "vi") == word
    assert said(a_document([ROW], [decided]))[1].startswith(f"    {word} ")


def test_without_answers_there_is_no_percentage_but_the_target():
    row = a_row("land", 0, 0)
    nothing = a_verdict("each-2030", row, 0.9, 2030, responses_needed=None)
    assert said(a_document([row], [nothing])) == [
        "  land: Chưa có phiếu.",
        "    Chưa có câu trả lời · mục tiêu 2030: 90%.",
    ]
    assert said(a_document([a_row("all", 0, 0)], [nothing]), "en") == [
        "  land: Nobody answered this question yet.",
        "    No answers yet · target 2030: 90%.",
    ]


def test_a_verdict_on_few_answers_tells_counts():
    row = a_row("land", 3, 3)
    few = a_verdict("each-2030", row, 0.9, 2030, responses_needed=26)
    assert said(a_document([row], [few], status="running"))[1:] == [
        "  land: 3 trên 3 hài lòng.",
        "    Chưa đủ căn cứ · mục tiêu 2030: 90%."
        " Nếu tỷ lệ giữ nguyên, thêm khoảng 26 phiếu là đủ căn cứ kết luận Đạt.",
    ]


def test_a_wide_interval_or_few_answers_are_unreliable():
    assert not wording.unreliable(ROW)
    assert wording.unreliable(ROW._replace(low=0.6, high=0.95))
    assert wording.unreliable(ROW._replace(respondents=29))
    assert not wording.unreliable(ROW._replace(respondents=12, low=0.75, high=0.75))


def test_what_may_not_leave_has_its_words():
    assert wording.withheld_phrase(ROW, "vi") is None
    assert wording.withheld_phrase(withheld(ROW), "vi") == "không công bố"
    assert wording.withheld_phrase(withheld(ROW), "en") == "not published"
    assert wording.withheld_phrase(a_row("land", 0, 0), "vi") is None


def test_a_note_is_told_in_one_language_with_the_names_of_its_places():
    row = ROW._replace(notes=(Note("uncovered", count=3, places=(("", "land"),)),))
    assert wording.note_of(row, "vi", names={"land": "Đất đai"}) == (
        "3 phiếu ở Đất đai đứng ngoài kết quả này vì chưa có số hồ sơ."
    )
    assert wording.note_of(row, "en") == (
        "Answers outside this figure, as no dossier count covers them: 3, in land."
    )
    assert wording.note_of(ROW, "vi") is None
    assert (row.note or "").split(" / ")[1] == wording.note_of(row, "en")


def test_offices_are_named_where_a_note_is_about_several():
    places = tuple((office, "land") for office in ("a", "b"))
    assert Note("not_counted", places=places).text("vi", {"a": "Xã A", "land": "Đất đai"}) == (
        "Thiếu số hồ sơ của Đất đai (Xã A); Đất đai (b)."
    )
    many = tuple(("", f"s{n}") for n in range(10))
    assert Note("not_counted", places=many).text("en").endswith("s7; and 2 more.")
