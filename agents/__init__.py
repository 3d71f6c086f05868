"""How to learn. One algorithm, one file; nothing here knows of the arena."""
