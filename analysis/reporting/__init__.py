"""Figures as sentences and tables for people, in Vietnamese and English."""
