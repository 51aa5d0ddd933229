"""The common road of an analyst: read, estimate, judge, plot, report (`import analysis`)."""
