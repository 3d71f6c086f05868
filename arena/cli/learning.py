"""Training: runs started, gone on with, and promoted."""

import typer

PANEL = "Learn"


def add_to(app: typer.Typer) -> None:
    pass
