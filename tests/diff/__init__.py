"""Tests of what differs: fields, known differences, expectations, verdicts."""
