"""What stands beside the verdicts: change, drivers, reliability, patterns, live looks."""
