"""Saved runs: storage, baseline, resume, merge."""
