"""A frame with a title and, below, a subtitle; drawn anew only where one of them is another."""

from textual.containers import Vertical
from textual.content import Content


class Panel(Vertical):
    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="panel")
        self._entitled = ("", "")

    def entitle(self, title: str, subtitle: str = "") -> None:
        """Both as they are, without markup."""
        if (title, subtitle) != self._entitled:
            self._entitled = title, subtitle
            self.border_title, self.border_subtitle = Content(title), Content(subtitle)
