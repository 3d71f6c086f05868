"""`python -m arena.tui`: the launcher."""

from arena.tui.app import run

if __name__ == "__main__":
    run()
