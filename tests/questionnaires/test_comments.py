"""Free text: nothing that identifies a person gets through, and what is no such thing stays."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import scrub, tidy


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Viết cho nguyen.van-a+1@gmail.com nhé", "Viết cho [email] nhé"),
        ("a @ mail.quangtri.gov.vn", "[email]"),
        ("nguyễn@thư.vn", "[email]"),
        ("CCCD 001099012345.", "CCCD [CCCD]."),
        ("căn cước: 045 099 012 345", "căn cước: [CCCD]"),
        ("0450 9901 2345", "[CCCD]"),
        ("045-099-012345", "[CCCD]"),
        ("045.099.012.345", "[CCCD]"),
        ("gọi 0912345678 sau 17 giờ", "gọi [SĐT] sau 17 giờ"),
        ("0912 345 678", "[SĐT]"),
        ("0912.345.678", "[SĐT]"),
        ("091-234-5678", "[SĐT]"),
        ("09 12 34 56 78", "[SĐT]"),
        ("0912\u00a0345\u00a0678", "[SĐT]"),
        ("+84 912.345.678", "[SĐT]"),
        ("(+84) 912 345 678", "[SĐT]"),
        ("+84 (0)912 345 678", "[SĐT]"),
        ("0084912345678", "[SĐT]"),
        ("84912345678", "[SĐT]"),
        ("84 912 345 678", "[SĐT]"),
        ("0233 3856 789", "[SĐT]"),
        ("(024) 3825 5678", "[SĐT]"),
        ("0912345678/0987654321", "[SĐT]/[SĐT]"),
        ("0912345678-0987654321", "[SĐT]-[SĐT]"),
        ("０９１２３４５６７８", "[SĐT]"),
        ("SĐT:0912345678,gọi", "SĐT:[SĐT],gọi"),
        ("CMND 197123456", "CMND [CMND]"),
        ("CMND: 197 123 456", "CMND: [CMND]"),
        ("hộ chiếu C1234567", "hộ chiếu [hộ chiếu]"),
        ("hồ sơ 000.00.12.H26-241122-0007 bị trễ", "hồ sơ [mã hồ sơ] bị trễ"),
        ("H26.15.03-241122-0007", "[mã hồ sơ]"),
        ("h26.15 – 241122 – 12345", "[mã hồ sơ]"),
        ("mã số thuế 3200123456", "mã số thuế [số]"),
        ("tài khoản 0041000123456789", "tài khoản [số]"),
        ("BHXH 7912345678", "BHXH [số]"),
    ],
)
def test_what_identifies_a_person_is_replaced(typed: str, kept: str) -> None:
    assert scrub(typed) == kept


@pytest.mark.parametrize(
    "words",
    [
        "Chờ 45 phút, đi lại 3 lần trong 2 tuần.",
        "Nộp ngày 05.11.2026 10 giờ, hẹn 20/11/2026.",
        "Nộp 05-11-2026 09.30, hẹn 20.11.2026 10.00",
        "Nộp 05 11 2026 10 giờ",
        "Bị thu 250.000.000 đồng",
        "Bị thu 250000000 đồng",
        "250 000 000đ và 1.500.000 VNĐ",
        "100000000000 đồng",
        "84.500.000.000 đồng",
        "Thủ tục 1.001193 và 2.000635",
        "Nghị định 61/2018/NĐ-CP, Quyết định 2640/QĐ-BNV",
        "Thửa 123, tờ bản đồ 45, diện tích 1.250,5 m2",
        "Phòng 101, quầy 3, số thứ tự 0123",
        "Mở cửa 07:30-11:30, 13:30-17:00",
    ],
)
def test_what_is_no_number_of_a_person_stays(words: str) -> None:
    assert scrub(words) == words


def test_several_numbers_in_one_sentence_are_all_replaced() -> None:
    typed = "Tôi là A, CCCD 045099012345, số 0912 345 678, a@b.vn, hồ sơ H26.15-241122-0007"
    assert scrub(typed) == "Tôi là A, CCCD [CCCD], số [SĐT], [email], hồ sơ [mã hồ sơ]"


def test_line_ends_and_blanks_are_made_even() -> None:
    assert tidy(" a \r\n\r\n\r\n\r\nb\tc\u2028d\x00 ") == "a\n\nb c\nd"


def test_invisible_characters_go() -> None:
    assert tidy("a\u202eb\u200bc\ufeffd\x07e\ud800f\ufffeg\ufdd0h") == "abcdefgh"


def test_ordinary_words_of_any_script_and_pictures_stay() -> None:
    words = "Cảm ơn! ជំរាបសួរ 谢谢 😀👍🏽 “tốt” – 5★"
    assert tidy(words) == words


@pytest.mark.parametrize("unit", ["1", "1 ", "a.", "a@", "0", "+84", "0 9", "H26.", "(0)"])
def test_scrubbing_takes_time_in_proportion_to_length(unit: str) -> None:
    """A pattern that tries every way to split these would need minutes."""
    started = time.thread_time()  # of the processor: a busy machine is no slower by it
    scrub(unit * (20_000 // len(unit)))
    assert time.thread_time() - started < 2


@given(st.text(st.characters(exclude_categories=())))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(
        unicodedata.category(letter) in {"Cc", "Cf", "Cs"} and letter != "\n" for letter in once
    )


_digits = st.text("0123456789 .-+()@ađ\n", max_size=60)


@given(_digits | st.text())
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    assert scrub(scrub(text)) == scrub(text)


@given(
    st.text("ab ,;:\n", max_size=10),
    st.integers(0, 10**8 - 1),
    st.sampled_from(["0{}", "+84{}", "84{}", "0084{}"]),
    st.sampled_from([(2, 3, 4), (2, 5, 9), (3, 6, 9), (9, 9, 9), (1, 3, 5)]),
    st.sampled_from([" ", ".", "-", "\u00a0"]),
    st.text("ab ,;:\n", max_size=10),
)
def test_no_mobile_number_survives_however_it_is_grouped(
    before: str, number: int, prefix: str, cuts: tuple[int, int, int], joint: str, after: str
) -> None:
    digits = f"9{number:08d}"
    first, second, third = cuts
    groups = [digits[:first], digits[first:second], digits[second:third], digits[third:]]
    written = prefix.format(joint.join(group for group in groups if group))
    assert not any(letter.isdigit() for letter in scrub(f"{before} {written} {after}"))


@given(st.from_regex(r"\A0\d{11}\Z", alphabet="0123456789"), st.text("ab ,;\n", max_size=10))
def test_no_citizen_number_survives(number: str, around: str) -> None:
    assert scrub(f"{around}{number}{around}") == f"{around}[CCCD]{around}"
