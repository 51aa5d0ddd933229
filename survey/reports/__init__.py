"""The report that an office signs and sends upward: one set of parts, written as five formats."""
