"""The two ways in which an engine function ends without a result."""


class FsamtError(Exception):
    """Something outside the program is not as it has to be.

    Not a bug: the disk is full, a file is broken, the library is newer than the program.

    Args:
        message: One sentence that a user understands: what happened, what it means for their data.
        hint: What to do about it, one sentence.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Cancelled(Exception):  # noqa: N818 - a cancelled operation is not an error
    """A function was asked to stop and did. Every file is valid; `resumable` work goes on later."""

    def __init__(self, resumable: bool = False) -> None:
        super().__init__(resumable)
        self.resumable = resumable
