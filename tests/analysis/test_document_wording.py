"""Numbers for people: decimal comma, the decimals that answers can bear, n beside a percentage."""

from __future__ import annotations

import pytest

from analysis.telling import wording

ROW = {
    "n": 417,
    "answered": 417,
    "satisfied": 384,
    "population": 600,
    "response_rate": 0.695,
    "share": 384 / 417,
    "low": 0.8965,
    "high": 0.9421,
    "mean": 4.312,
    "silent_low": 0.64,
    "silent_high": 0.945,
    "note": None,
}
VERDICT = {
    "threshold": 0.9,
    "share": 384 / 417,
    "point": "met",
    "evidence": "not_proven",
    "responses_needed": 46,
    "note": None,
}


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234567, 0, "1.234.567", "1,234,567"),
        (1234.5, 1, "1.234,5", "1,234.5"),
        (0.05, 2, "0,05", "0.05"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, decimals, vi, en):
    assert wording.number(value, "vi", decimals) == vi
    assert wording.number(value, "en", decimals) == en


def test_a_percentage_has_a_decimal_from_thirty_answers_on():
    assert wording.percent(0.9208, 417) == "92,1%"
    assert wording.percent(0.9208, 30) == "92,1%"
    assert wording.percent(0.9208, 29) == "92%"
    assert wording.percent(None, 0) == "–"


def test_below_five_answers_there_are_counts_alone():
    row = ROW | {"n": 3, "answered": 3, "satisfied": 2, "share": 2 / 3}
    assert wording.share_phrase(row) == "2 trên 3"
    assert wording.share_phrase(row, "en") == "2 of 3"
    assert "%" not in wording.share_phrase(row)


def test_a_share_comes_with_those_who_answered_the_question():
    assert wording.share_phrase(ROW) == "92,1% (417 phiếu)"
    assert wording.share_phrase(ROW | {"answered": 400, "share": 0.96}) == "96,0% (400 phiếu)"
    assert wording.share_phrase(ROW | {"answered": 2000}, "en") == "92.1% (417 answers)"
    assert wording.share_phrase(ROW | {"answered": 0, "share": None}) == "Chưa có câu trả lời"


def test_limits_are_rounded_outwards():
    assert wording.interval_phrase(0.8965, 0.9421, 417) == "89,6% – 94,3%"
    assert wording.interval_phrase(0.8965, 0.9421, 20) == "89% – 95%"
    assert wording.interval_phrase(0.29, 0.57, 100) == "29,0% – 57,0%"
    assert wording.interval_phrase(None, None, 0) == "–"


def test_answers_are_told_of_their_dossiers():
    assert wording.rate_phrase(ROW) == "417/600 (69,5%)"
    assert wording.rate_phrase(ROW | {"response_rate": None}) == "417/600"
    assert wording.rate_phrase(ROW | {"population": None}) == "417"


def test_a_mean_needs_ten_answers():
    assert wording.mean_phrase(ROW) == "4,31"
    assert wording.mean_phrase(ROW | {"n": 9}) == "–"


@pytest.mark.parametrize(
    ("value", "vi"), [(0.9, "90%"), (0.925, "92,5%"), (1, "100%"), (0.8525, "85,25%"), (0, "0%")]
)
def test_a_target_is_written_as_it_was_given(value, vi):
    assert wording.threshold(value) == vi


def test_a_share_is_never_rounded_across_its_target():
    assert wording.percent_beside(0.8999, 1000, 0.9) == "89,99%"
    assert wording.percent_beside(0.9001, 1000, 0.9) == "90,0%"
    assert wording.percent_beside(0.896, 20, 0.9) == "89,6%"
    assert wording.percent_beside(0.9, 20, 0.9) == "90%"


def test_a_verdict_is_a_word_a_reading_and_what_would_settle_it():
    assert wording.verdict_sentence(VERDICT, ROW) == (
        "Chưa đủ căn cứ. Tỷ lệ 92,1% (417 phiếu), mục tiêu 90%."
        " Cần thêm khoảng 46 phiếu nếu tỷ lệ giữ nguyên."
    )
    assert wording.verdict_sentence(VERDICT, ROW, "en") == (
        "Not proven yet. Share 92.1% (417 answers), target 90%."
        " About 46 more answers would settle it if the share stays the same."
    )


@pytest.mark.parametrize(
    ("evidence", "word"),
    [("met", "Đạt"), ("missed", "Chưa đạt"), ("not_proven", "Chưa đủ căn cứ")],
)
def test_the_three_verdicts_have_three_words(evidence, word):
    decided = VERDICT | {"evidence": evidence, "responses_needed": 0}
    assert wording.verdict_sentence(decided, ROW) == (
        f"{word}. Tỷ lệ 92,1% (417 phiếu), mục tiêu 90%."
    )


def test_without_answers_there_is_no_percentage_but_the_target():
    nothing = VERDICT | {"share": None, "evidence": "none", "responses_needed": None}
    assert wording.verdict_sentence(nothing, None) == "Chưa có câu trả lời. Mục tiêu 90%."
    assert wording.verdict_sentence(nothing, None, "en") == "No answers yet. Target 90%."


def test_a_verdict_on_few_answers_tells_counts():
    row = ROW | {"n": 3, "answered": 3, "satisfied": 3, "share": 1.0}
    few = VERDICT | {"share": 1.0, "responses_needed": 26}
    assert wording.verdict_sentence(few, row) == (
        "Chưa đủ căn cứ. 3 trên 3 hài lòng, mục tiêu 90%."
        " Cần thêm khoảng 26 phiếu nếu tỷ lệ giữ nguyên."
    )


def test_an_estimate_is_a_sentence():
    assert wording.estimate_sentence(ROW, 0.95) == (
        "Hài lòng: 92,1% (417 phiếu); khoảng tin cậy 95%: 89,6% – 94,3%."
    )
    assert wording.estimate_sentence(ROW | {"share": None}, 0.95) == "Chưa có câu trả lời."


def test_a_wide_interval_or_few_answers_are_unreliable():
    assert not wording.unreliable(ROW)
    assert wording.unreliable(ROW | {"low": 0.6, "high": 0.95})
    assert wording.unreliable(ROW | {"n": 29})
    assert not wording.unreliable(ROW | {"n": 12, "low": 0.75, "high": 0.75})


def test_a_note_is_told_in_one_language():
    row = ROW | {"note": "Việt / English / slash"}
    assert wording.note_of(row) == "Việt"
    assert wording.note_of(row, "en") == "English / slash"
    assert wording.note_of(ROW) is None
