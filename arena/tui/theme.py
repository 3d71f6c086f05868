"""The launcher's look: calm, dark, one accent colour a seat."""

from textual.theme import Theme

SEATS = ("#4cc9f0", "#f4a259", "#8bd450", "#d679d2")
"""Seat 0 cyan, 1 orange, 2 green, 3 magenta: that player's colour wherever it is drawn."""

RUNS = (*SEATS, "#e6d35c", "#8f9bff", "#e5707a", "#c3cad6")
"""Curves of runs in one picture."""

FAINT = "#6b7482"
"""What is there but does not matter now: provisional ratings, what cannot be chosen."""

QUIET = "#98a2b3"
"""Labels and hints, beside the text they explain."""

BAND = "#1b3742"
"""Behind a line: where the truth may be."""

GRID = "#222a34"
"""The rules behind curves."""

BAD = "#e5707a"

WARNING = "#e6c35c"

TEXT = "#dce1e8"

THEME = Theme(
    name="arena",
    primary=SEATS[0],
    secondary=SEATS[1],
    accent=SEATS[0],
    success=SEATS[2],
    warning=WARNING,
    error=BAD,
    foreground=TEXT,
    background="#0f1217",
    surface="#151a21",
    panel="#1d242d",
    dark=True,
    variables={
        "border": "#2c3541",
        "border-blurred": "#2c3541",
        "block-cursor-background": "#24425a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#222a34",
        "block-cursor-blurred-foreground": TEXT,
        "block-cursor-blurred-text-style": "none",
        "block-hover-background": "#1b222b",
        "input-selection-background": "#4cc9f0 30%",
        "scrollbar": "#2c3541",
        "scrollbar-hover": "#3d4958",
        "scrollbar-active": "#4cc9f0",
        "scrollbar-background": "#12161c",
        "scrollbar-background-hover": "#12161c",
        "scrollbar-background-active": "#12161c",
        "scrollbar-corner-color": "#12161c",
        "faint": FAINT,
        "quiet": QUIET,
    },
)
