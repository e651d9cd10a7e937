"""Deliberately wrong Quart twins, each of which the comparison must notice.

A mutant is a function that takes the Quart twin and makes one thing about it wrong. To
add one, write it in a module of this package, under `@mutant(case, field)`, and name
the module in `test_mutants.py`.
"""
