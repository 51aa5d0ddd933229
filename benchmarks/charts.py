"""Makes the pictures of docs/analyst.md of simulated answers.

    python -m benchmarks.charts

One commune, six sectors, two years; every picture is marked as simulated.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import numpy as np

import analysis
from analysis.simulate import score_probabilities
from questionnaires import shipped

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "images"
MOST: Final = 60_000  # bytes of a picture
_WIDTH: Final = 1100  # pixels
_ALIKE: Final = 0.45  # answers of one person
_SECTORS: Final = {
    "land": ("Đất đai", 0.74, 60),
    "construction": ("Xây dựng", 0.9, 45),
    "civil-status": ("Hộ tịch", 0.97, 120),
    "certification": ("Chứng thực", 0.94, 140),
    "social-protection": ("Bảo trợ xã hội", 0.88, 50),
    "culture": ("Văn hóa", 0.9, 4),
}
_BESIDE: Final = (0.0, 0.03, -0.06, 0.02, 0.04, -0.12)
"""How much more are satisfied with an item than overall."""


def answers() -> tuple[Any, Any]:
    """Answers and dossiers of two years up to October 2026, as frames."""
    import pandas as pd

    rng, asked = np.random.default_rng(14), shipped()["desk@2"]
    rows, counts = [], []
    for number in range(24):
        year, month = divmod(2024 * 12 + 10 + number, 12)
        period = f"{year}-{month + 1:02d}"
        for sector, (_, share, people) in _SECTORS.items():
            low = 0.3 if (sector, period) == ("social-protection", "2026-07") else 0.0
            n = int(rng.poisson(people))
            counts.append((period, "xa-mau", sector, 2 * n + 3))
            mood = rng.standard_normal(n) * _ALIKE**0.5
            scores = [_scores(rng, mood, share - low + more) for more in _BESIDE]
            for place, given in enumerate(zip(*scores, strict=True)):
                row: dict[str, Any] = {
                    "response_id": f"{sector}-{period}-{place}",
                    "questionnaire": asked.key,
                }
                row |= {"office": "xa-mau", "sector": sector, "procedure": "", "flag": ""}
                row |= {"channel": ("poster", "slip", "kiosk")[place % 3], "late": False}
                row |= {"answered_on": f"{period}-{place % 28 + 1:02d}", "origin": "simulated"}
                rows.append(row | dict(zip(asked.item_ids, given, strict=True)))
    return pd.DataFrame(rows), pd.DataFrame(
        counts, columns=["period", "office", "sector", "completed"]
    )


def _scores(rng: np.random.Generator, mood: Any, share: float) -> Any:
    """Scores 1 to 5 of people in these moods, so that a share of them is satisfied."""
    parts = list(accumulate(score_probabilities(min(max(share, 0.05), 0.99))))[:4]
    cuts = [NormalDist().inv_cdf(part) for part in parts]
    noise = rng.standard_normal(len(mood)) * (1 - _ALIKE) ** 0.5
    return (np.searchsorted(cuts, mood + noise) + 1).tolist()


def charts() -> Iterator[tuple[str, analysis.Chart]]:
    """A chart of every kind under the name of its file."""
    names = {key: value[0] for key, value in _SECTORS.items()} | {"xa-mau": "UBND xã Mẫu"}
    frames = answers()
    with analysis.read(*frames, names=names, today="2026-12-01") as data:
        found = analysis.estimate(data, "2026-10")
        for kind in ("sectors", "elements", "importance", "steps", "reliability", "screening"):
            yield kind, analysis.plot(found, kind=kind)
        yield "panels", analysis.plot(found.trend())
        before = analysis.estimate(data, "2026-09")
        yield "differences", analysis.plot(found.since(before))


def webp(chart: analysis.Chart) -> bytes:
    """The chart as a picture of a page, as good as fits."""
    from PIL import Image

    picture = Image.open(io.BytesIO(chart.file("png"))).convert("RGB")
    picture = picture.resize((_WIDTH, round(picture.height * _WIDTH / picture.width)))
    for quality in (90, 80, 70, 60, 50):
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= MOST:
            return file.getvalue()
    raise ValueError(f"a picture of {file.tell()} bytes is larger than {MOST}")


def main() -> None:
    """Write every picture, and its words for those who cannot see it to the terminal."""
    for name, chart in charts():
        (FOLDER / f"chart-{name}.webp").write_bytes(webp(chart))
        print(f"chart-{name}.webp: {chart.words}\n")


if __name__ == "__main__":
    main()
