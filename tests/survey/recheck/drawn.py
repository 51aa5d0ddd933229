"""An export of completed dossiers for re-checks in tests, and what of it is drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime

from survey.dossiers.columns import shipped_columns
from survey.dossiers.reading import CountRequest
from survey.places import shipped_places
from survey.rechecking import DossierList, read_list
from survey.store.staff_actions import By

TODAY = date(2026, 11, 2)
BY = By("lan", datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
DICE = "35142665134261535421"
HEAD = "Mã hồ sơ,Tên thủ tục,Lĩnh vực,Ngày trả kết quả\n"


def export(land: int = 40, civil: int = 12, month: int = 10) -> bytes:
    """So many dossiers of two sectors, by turns, as CSV."""
    sectors = ["Đất đai"] * land + ["Hộ tịch"] * civil
    rows = [
        f"H56-{number:04},Cấp bản sao,{sector},{1 + number % 28:02}/{month:02}/2026\n"
        for number, sector in enumerate(sectors)
    ]
    return (HEAD + "".join(rows)).encode()


def listed(content: bytes | None = None, name: str = "thang-10.csv") -> DossierList:
    """The list of October 2026 that a file holds."""
    request = CountRequest(
        shipped_places(), shipped_columns(), TODAY, periods=frozenset({"2026-10"})
    )
    return read_list(export() if content is None else content, name, request)
