"""Tests of what is asked: case files and their selection."""
