"""Tests of case files and of the selection of cases."""
