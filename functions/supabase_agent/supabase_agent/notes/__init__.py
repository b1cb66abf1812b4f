"""Reads a reviewer's notes, changes the question by them, and reports on every part of every note."""
