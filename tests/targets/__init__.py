"""Tests of targets: the two transports, sessions, SPECs."""
