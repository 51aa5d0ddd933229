"""The emergency sheet as it is printed: one page that says the key, where and how."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from survey.emergency import LAYOUT, render_emergency_sheet
from survey.encryption import make_key, typed_key
from survey.errors import BackupError

KEY = make_key()
OFFICE = "Ủy ban nhân dân xã Nguyễn Thị Minh Khai, huyện Vĩnh Bảo, thành phố Hải Phòng"
FOLDER = Path("/media/van-phong-mot-cua/USB-SAO-LUU/hai-long/cac-ban-sao-luu-hang-ngay")


def test_the_sheet_is_one_page_that_holds_the_key_as_text_and_as_a_code():
    made = render_emergency_sheet(KEY, OFFICE, FOLDER, date(2026, 11, 29))
    with pypdfium2.PdfDocument(made) as pdf:
        assert len(pdf) == 1
        text = pdf[0].get_textpage().get_text_range()
        picture = pdf[0].render(scale=2).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    assert typed_key(code.text) == KEY
    for group in KEY.groups:
        assert group in text
    told = re.sub(r"\s+", " ", text)
    letters = re.sub(r"[^\w/]", "", text)  # it breaks where it is too long
    assert str(FOLDER).replace("-", "") in letters
    for words in (OFFICE, "29/11/2026", f"Phiếu số {KEY.number}"):
        assert words in told
    assert "Khôi phục từ tệp sao lưu" in told
    assert "Họ tên:" in told


def test_every_sentence_of_the_sheet_is_in_both_languages():
    text = (LAYOUT / "words.toml").read_text(encoding="utf-8")
    assert text.count("vi = ") == text.count("en = ") > 20


def test_a_name_that_cannot_be_printed_is_told():
    with pytest.raises(BackupError) as refused:
        render_emergency_sheet(KEY, "郷役所", FOLDER, date(2026, 11, 29))
    assert "không in được phiếu khẩn cấp" in refused.value.said("vi")
