"""The one exception whose text is meant for the person at the keyboard."""


class ArenaError(Exception):
    """Something could not be done. The message says what is wrong, with which value, and what to do.

    The command line prints it as one line and exits with `exit_code`; the launcher and the window
    show it as a notice. Anything else that is raised is a bug of ours.
    """

    exit_code = 1


class UsageError(ArenaError):
    """What was asked for makes no sense as asked: an unknown game, a player too many, a bad option."""

    exit_code = 2
