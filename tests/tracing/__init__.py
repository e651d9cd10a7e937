"""Tests of what happened: traces, tables, frozen values."""
