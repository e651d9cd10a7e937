"""Proofs of the known differences that use nothing of this project.

A proof is a minimal program for both frameworks. The program shows the effect that an
entry describes. Without the entry's cause, the effect disappears.
"""
