"""Pure numbers: estimates, intervals, verdicts. No period, office, file or query."""
