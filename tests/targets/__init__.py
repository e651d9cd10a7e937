"""Tests of whom is asked: the two transports, sessions, SPECs."""
