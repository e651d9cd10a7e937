"""Tests of the run: workers, their messages and what replaces a worker."""
