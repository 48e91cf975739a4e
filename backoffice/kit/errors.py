"""Errors that a caller shows to a person."""


class NotAllowed(Exception):
    """A step that the state of the order forbids, said in one sentence."""


class UnreadableFile(Exception):
    """A file that holds no table we take, said in one sentence."""
