"""Something slow, done beside the drawing."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Task(threading.Thread, Generic[T]):
    """Begins at once; its result is taken when it is there."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._result: T
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:  # raised again where the result is taken
            self._error = error

    def result(self) -> T:
        """What the work returned, or raised. Waits for it."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._result
