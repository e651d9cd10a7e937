"""Tests of what everything else uses: documents, cookies, queries, expressions."""
