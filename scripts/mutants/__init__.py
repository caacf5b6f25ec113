"""Faults of tests/faults put into a copy of the tree, one at a time, and what the validator says of each."""
