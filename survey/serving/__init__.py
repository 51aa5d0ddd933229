"""Answering HTTP: the server, its processes, and what it does at night."""
