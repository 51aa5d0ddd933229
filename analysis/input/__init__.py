"""The published layouts, read from any source: whole or not at all."""
