"""Tests of the two twin apps: that they match, and that they do what they say."""
