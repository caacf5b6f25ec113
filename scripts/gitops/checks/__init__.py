"""The rules of `gitops validate`, one file each. A module holds

ID         the rule's name, the file's name with hyphens
SEVERITY   "error" or "warning"
CONTROLS   the controls of the security benchmarks it covers
READS      what it looks at: source, render, fleet, data
docstring  its manual page: what it flags, why, one example that fails and one that passes, the fix, what it cannot see
check      fleet in, problems out; no subprocess, no clock, no printing
"""
