"""The public page: made from published documents once they are fixed, kept as files, then shown."""
