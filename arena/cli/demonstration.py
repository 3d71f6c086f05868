"""What `arena` does where there is no terminal for the launcher: one short match, to prove the install."""

from arena.cli.listing import leaderboard
from arena.cli.output import note, say
from arena.cli.report import in_words
from arena.cli.series import play_and_keep

GAMES = ("maze/race", "maze/coins", "maze/run")
"""Where a match is short and worth watching, best first."""

SEED = 1
"""The same match each time: the same install proves the same thing."""


def demonstrate() -> None:
    """Play a match between the two best players at hand; print its result, the leaderboard, what to type."""
    from arena.matches import roster

    game, names = _pairing()
    note(f"There is no terminal here to open the launcher in, so: {' against '.join(names)} at {game}.")
    players = [roster.resolve(name, game) for name in names]
    for played in play_and_keep(game, names, players, 1, SEED, {}):
        say(in_words(played.result))
    say()
    leaderboard(game)
    note()
    note("Next, in a terminal:")
    for command, what in (
        ("arena", "the launcher"),
        (f"arena play {game}", "you, in a window"),
        (f"arena match {game} {' '.join(names)} --games 20", "more of these, for the leaderboard"),
        ("arena --help", "all the rest"),
    ):
        note(f"  {command:<56} {what}")


def _pairing() -> tuple[str, list[str]]:
    """The first game with two champions, else with one (and the pathfinder), else pathfinder and random."""
    from arena.matches import roster

    found = {}
    for game in GAMES:
        choices = [choice for choice in roster.available(game) if choice.why_not is None]
        found[game] = [choice.name for choice in choices if choice.kind == "agent"]
    game = max(GAMES, key=lambda game: min(len(found[game]), 2))
    names = [*found[game][:2], "pathfinder", "random"][:2]
    return game, names
