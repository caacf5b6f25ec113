"""The one exception of the package: a message that the person who sees it can act on."""


class GitopsError(Exception):
    """What is wrong, where, and what to do, in one line; the command ends with exit code 2."""
