"""The record of processing names all that the database holds of anybody: a new table or column
fails here until somebody has thought about it, in both languages.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.store import tables

VI, EN = (
    (Path(__file__).parents[2] / "docs/privacy.md")
    .read_text(encoding="utf-8")
    .split("\n# Personal data\n")
)

# What the docs say of a table, and its columns: those that tell of a citizen, an answer or staff.
TOLD: dict[str, tuple[str, str, str]] = {
    "response": (
        "| điểm, lĩnh vực, thủ tục (nếu có), kênh, ngày |",
        "| scores, sector, procedure (if any), channel, date |",
        "response_id questionnaire office sector procedure channel answered_on late flag scores "
        "fresh since_seal origin",
    ),
    "choice": (
        "| điều chưa tốt (chọn trong danh sách) |",
        "| what went wrong (from a list) |",
        "response_id question option",
    ),
    "comment": (
        "| việc xử lý một góp ý: trạng thái, ghi chú của cán bộ",
        "| what became of a comment: its state and staff's note",
        "id office sector month text state note fresh",
    ),
    "comment_deletion": (
        "của góp ý đã xóa chỉ còn ngày, người xóa, tháng, cơ quan, lĩnh vực",
        "of a deleted one the day, who did it, month, office and sector",
        "id deleted_on deleted_by month office sector",
    ),
    "comment_seal": (
        "| niêm phong: mã băm của phiếu và góp ý",
        "| seals: digests of the answers and comments",
        "response_id sealed now salt",
    ),
    "seal": (
        "khóa và số phiếu của niêm phong mới nhất",
        "the key and count of the newest",
        "number kind about revision reason rows days document before seal key answers",
    ),
    "sealed_document": (
        "| số liệu đã công bố của từng tháng;",
        "| what was published of each month;",
        "digest month content",
    ),
    "slip": (
        "| phiếu mời: dấu vân tay của địa chỉ, tháng đã dùng |",
        "| slips: the digest of the address, the month of use |",
        "hash batch sector used_in fresh",
    ),
    "slip_batch": (
        "31 ngày sau ngày cuối, rồi chỉ còn số đếm",
        "31 days after the last day, then counts alone",
        "id counter procedure issued_in last_day withdrawn_in",
    ),
    "slip_tally": (
        "rồi chỉ còn số đếm",
        "then counts alone",
        "id month office counter sector issued used expired withdrawn",
    ),
    "recheck": (
        "| phúc tra: số hồ sơ và số người được hỏi",
        "| re-check: dossiers and people asked",
        "month office list_digest listed_on seed seed_source seeded_on",
    ),
    "recheck_sector": (
        "của từng lĩnh vực",
        "asked per sector",
        "month office sector dossiers size",
    ),
    "recheck_call": (
        "mã băm của mã dùng một lần và của danh sách, kết cục cuộc gọi",
        "digests of the one-time codes and of the list, how each call ended",
        "month office sector position code_hash outcome",
    ),
    "population_count": (
        "| số hồ sơ đã giải quyết của từng tháng và lĩnh vực",
        "| dossiers completed by month and sector",
        "period office sector completed on_time online due_known filing_known timed days_allowed "
        "days_taken",
    ),
    "population_import": (
        "nhật ký nhập (tên và mã băm của tệp)",
        "the log of imports (name and digest of the file)",
        "id imported_on file_name file_digest period office completed replaced batch before "
        "undone_on",
    ),
    "past_import": (
        "| phiếu cũ đưa từ công cụ khác vào: tên và mã băm của tệp, ai đưa vào, số phiếu",
        "name and digest of the file, who did it, answers by month",
        "id batch brought_on name file_name file_digest office period answers undone_on undone_by",
    ),
    "past_import_answer": (
        "mã phiếu: đến khi được niêm phong",
        "the ids until a seal covers them",
        "batch response_id own",
    ),
    "improvement": (
        "lời của cán bộ, không phải góp ý của ai",
        "words of staff, nobody's comment",
        "id month office said_vi did_vi said_en did_en published_on",
    ),
    "staff": (
        "| tài khoản cán bộ: tên đăng nhập, dấu vân tay mật khẩu",
        "| staff accounts: name, password digest",
        "name password_hash session_key created_on role office active",
    ),
    "two_step": ("khóa hai bước (mã hóa)", "two-step secret (encrypted)", "name secret last_step"),
    "recovery_code": ("dấu vân tay mã khôi phục", "digests of recovery codes", "name code_hash"),
    "identity": (
        "định danh ở nhà cung cấp đăng nhập",
        "the provider's subject where linked",
        "name issuer subject",
    ),
    "password_link": (
        "liên kết đặt mật khẩu",
        "links to choose a password",
        "name token_hash expires_on ends_two_step",
    ),
    "begun_sign_in": (
        "lần đăng nhập dở dang",
        "sign-ins half done",
        "token_hash name session_key ends_at",
    ),
    "ended_session": ("phiên đã kết thúc", "sessions that ended", "session_hash ends_on"),
    "token": (
        "| mã truy cập của chương trình: tên, dấu vân tay, phạm vi, tháng dùng cuối |",
        "| tokens of programs: name, digest, scope, month of last use |",
        "name token_hash scope office created_on expires_on used_month revoked_on",
    ),
    "staff_action": (
        "| nhật ký: cán bộ nào làm gì, phút nào |",
        "| the log: who did what, to the minute |",
        "id done_at month name action office details",
    ),
    "wording_check": (
        "| ai đối chiếu câu chữ nào, ngày nào |",
        "| who held which wording against its decision, and when |",
        "digest checked_on name",
    ),
    "kiosk": (
        "| máy tính bảng: mã, quầy, liên lạc lần cuối |",
        "| tablets: id, counter, last contact |",
        "id counter secret_hash enrolled_on revoked_on handover_until pin",
    ),
    "contact": ("liên lạc lần cuối", "last contact", "kiosk seen_at heartbeat"),
}

NOBODY = {
    "office", "sector", "procedure", "counter", "counter_sector", "link", "pairing", "purge",
    "upkeep", "questionnaire", "overview_row", "newest_answer", "desk_indicator",
}  # fmt: skip
"""Places, what is asked, what was done when, counts of files, and what is computed again."""

EVERY = {**tables.metadata.tables, **tables.contacts.tables}


def test_every_table_is_in_the_record_of_processing_or_tells_of_nobody() -> None:
    assert set(EVERY) == TOLD.keys() | NOBODY
    assert not TOLD.keys() & NOBODY


@pytest.mark.parametrize("name", TOLD)
def test_the_record_says_what_a_table_holds_in_both_languages(name: str) -> None:
    vi, en, columns = TOLD[name]
    assert vi in VI
    assert en in EN
    assert columns.split() == EVERY[name].columns.keys()


def test_the_record_has_the_same_rows_in_both_languages() -> None:
    vi, en = (
        text[text.index(head) :].partition("\n\n")[0].splitlines()
        for text, head in ((VI, "| Dữ liệu | Vì sao |"), (EN, "| data | why |"))
    )
    assert len(vi) == len(en) > len(TOLD) / 2
