"""R's package `survey` on the same answers, from start to exit. Needs Rscript; no part of ours."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from benchmarks.sources import MILLION, make_responses
from benchmarks.timing import analyze, told

FASTER = 10.0

_R = """
suppressMessages(library(survey))
options(survey.lonely.psu = "adjust")
args <- commandArgs(TRUE)
d <- read.csv(args[1], colClasses = c(response_id = "character", answered_on = "character"))
p <- read.csv(args[2])
d <- merge(d, p[c("office", "sector", "completed")], by = c("office", "sector"))
items <- c("overall", paste0("q", 1:7))
for (i in items) d[[paste0(i, "_y")]] <- as.numeric(d[[i]] >= 4)
d$Y <- rowSums(d[paste0(items[-1], "_y")], na.rm = TRUE)
d$M <- rowSums(!is.na(d[items[-1]]))
d$stratum <- interaction(d$office, d$sector)
s <- svydesign(ids = ~1, strata = ~stratum, fpc = ~completed, data = d)
for (i in items) {
  print(svymean(as.formula(paste0("~", i, "_y")), s, na.rm = TRUE))
  print(svymean(as.formula(paste0("~", i)), s, na.rm = TRUE))
}
print(svyratio(~Y, ~M, s))
print(svyby(~overall_y, ~sector, s, svymean, na.rm = TRUE))
print(svyby(~Y, ~sector, s, svyratio, denominator = ~M))
"""


def beside_r(folder: Path, parquet: Path, population: Path) -> None:
    """R `survey` from start to exit, and our analysis of the same CSV by turns."""
    if shutil.which("Rscript") is None:
        print("R is not installed here")
        return
    file, script = folder / "answers.csv", folder / "survey.R"
    if not file.exists():
        make_responses(file, MILLION)
    script.write_text(_R, encoding="utf-8")
    command = ["Rscript", str(script), str(file), str(population)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    theirs = time.perf_counter() - start
    if done.returncode:
        print(f"R cannot do it: {done.stderr.strip().splitlines()[-1]}")
        return
    print("R survey on the same million rows: shares and means of 8 items and the index in all,")
    print("shares of overall and the index by sector (part of what hailong analyze gives)")
    told("R, start to exit", f"{theirs:10.1f} s")
    for name, path in (("CSV", file), ("Parquet", parquet)):
        ours = analyze(folder, str(path), population).took.clock
        times, limit = theirs / ours, FASTER
        told(f"hailong analyze on {name}", f"{ours:10.1f} s")
        told("R / ours", f"{times:10.1f}", times >= limit, f">= {limit:g}")
