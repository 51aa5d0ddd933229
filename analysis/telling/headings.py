"""What people call the columns of a data frame.

Owns the headings of every field of the results. Knows no value.
"""

from __future__ import annotations

from typing import Final

from analysis.telling.wording import choose

_HEADINGS: Final[dict[str, tuple[str, str]]] = {
    "period": ("Kỳ", "Period"),
    "office": ("Đơn vị", "Office"),
    "sector": ("Lĩnh vực", "Sector"),
    "measure": ("Nội dung", "Measure"),
    "channel": ("Kênh", "Channel"),
    "questionnaires": ("Bộ câu hỏi", "Questionnaires"),
    "n": ("Số phiếu", "Answers"),
    "respondents": ("Số người trả lời", "People who answered"),
    "answered": ("Số câu trả lời", "Answers that count"),
    "satisfied": ("Số câu hài lòng", "Satisfied"),
    "received": ("Số phiếu đã nhận", "Answers received"),
    "uncovered": ("Số phiếu chưa có số hồ sơ", "Answers without dossier counts"),
    "population": ("Số hồ sơ", "Dossiers"),
    "response_rate": ("Tỷ lệ trả lời", "Response rate"),
    "coverage": ("Phần hồ sơ có phiếu", "Coverage"),
    "months": ("Số tháng có phiếu", "Months with answers"),
    "share": ("Tỷ lệ hài lòng", "Share satisfied"),
    "low": ("Cận dưới", "Low"),
    "high": ("Cận trên", "High"),
    "method": ("Cách tính", "Method"),
    "mean": ("Điểm trung bình", "Mean score"),
    "mean_low": ("Điểm: cận dưới", "Mean, low"),
    "mean_high": ("Điểm: cận trên", "Mean, high"),
    "scale": ("Thang điểm: từ 1 đến", "Scale: 1 to"),
    "silent_low": ("Nếu người chưa trả lời đều không hài lòng", "If all silent dissatisfied"),
    "silent_high": ("Nếu người chưa trả lời đều hài lòng", "If all silent satisfied"),
    "publishable": ("Được công bố", "May be published"),
    "step": ("Công bố theo bậc", "Published in steps of"),
    "note": ("Ghi chú", "Note"),
    "target": ("Mục tiêu", "Target"),
    "threshold": ("Mức phải đạt", "Threshold"),
    "deadline": ("Hạn", "Deadline"),
    "lower": ("Cận dưới một phía", "One-sided lower"),
    "upper": ("Cận trên một phía", "One-sided upper"),
    "point": ("Tỷ lệ so với mục tiêu", "Point reading"),
    "evidence": ("Kết luận", "Verdict"),
    "basis": ("Kết luận dựa trên", "Verdict rests on"),
    "reason": ("Vì sao chưa kết luận", "Why no verdict"),
    "q": ("Phần người chưa trả lời phải hài lòng", "Share of the silent needed"),
    "p_met": ("Trị số p: đạt", "p-value, met"),
    "p_missed": ("Trị số p: chưa đạt", "p-value, missed"),
    "responses_needed": ("Phiếu cần thêm", "Answers still needed"),
    "for_power": ("Phiếu cần để dễ kết luận", "Answers for the power"),
    "all_satisfied": ("Ít nhất, nếu ai cũng hài lòng", "Fewest, all satisfied"),
    "guidance": ("Theo hướng dẫn 2014", "2014 guidance"),
    "true_share": ("Giả sử tỷ lệ thật", "True share assumed"),
    "power": ("Khả năng kết luận", "Power"),
    "se": ("Sai số chuẩn", "Standard error"),
    "n_eff": ("Số phiếu hiệu dụng", "Effective answers"),
    "kish_n_eff": ("Số phiếu hiệu dụng (Kish)", "Effective answers (Kish)"),
    "design_effect": ("Hệ số thiết kế", "Design effect"),
    "plain": ("Tỷ lệ theo kết luận", "Share as in the verdicts"),
    "weight": ("Trọng số", "Weight"),
    "first": ("Bên thứ nhất", "First"),
    "second": ("Bên thứ hai", "Second"),
    "first_share": ("Tỷ lệ bên thứ nhất", "First share"),
    "second_share": ("Tỷ lệ bên thứ hai", "Second share"),
    "difference": ("Chênh lệch", "Difference"),
    "answers": ("Số người của bên ít hơn", "People of the smaller side"),
    "signal": ("Khác nhau ngoài ngẫu nhiên", "Beyond chance"),
    "month": ("Tháng", "Month"),
    "expected": ("Số câu hài lòng nếu như trước", "Satisfied if as before"),
    "usual_low": ("Mức thường gặp: thấp nhất", "Usual, low"),
    "usual_high": ("Mức thường gặp: cao nhất", "Usual, high"),
}


def heading(field: str, lang: str = "vi") -> str:
    """The heading of a field of a result.

    >>> heading("share"), heading("share", "en")
    ('Tỷ lệ hài lòng', 'Share satisfied')
    """
    return choose(_HEADINGS[field], lang)
