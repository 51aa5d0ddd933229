"""The office's figures: computed by a process of its own, kept as files, asked for by pages."""
