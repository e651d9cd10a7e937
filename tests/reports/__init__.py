"""Tests of how it is told: one module per format."""
