"""Matches as hypothesis draws them: any that a match loop could bring, and some that it could not."""

from hypothesis import strategies as st

from arena.store.records import LARGEST_SEED, Identity, MatchResult, Option, Replay, SeatResult

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)
DIGEST = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
KINDS = st.sampled_from(["human", "builtin", "agent"])
IDENTITIES = st.builds(
    lambda name, kind, detail: Identity(f"{kind}:{name}", name, kind, detail), TEXT, KINDS, TEXT
)
FEW_IDENTITIES = st.sampled_from(
    [Identity(f"agent:{name}", name, "agent") for name in "abc"]
    + [Identity("builtin:random", "random", "builtin")]
)
OPTIONS: st.SearchStrategy[dict[str, Option]] = st.dictionaries(
    TEXT.filter(lambda name: name != "seats"),
    st.one_of(TEXT, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans()),
    max_size=3,
)


@st.composite
def results(
    draw: st.DrawFn,
    identities: st.SearchStrategy[Identity] = IDENTITIES,
    games: st.SearchStrategy[str] = TEXT,
) -> MatchResult:
    players = draw(st.lists(identities, min_size=1, max_size=4))
    lost = [draw(st.none() | TEXT) for _ in players]
    scores = [float(draw(st.integers(-3, 3))) for _ in players]
    ranks = [(why is None, score if why is None else 0.0) for why, score in zip(lost, scores, strict=True)]
    options = draw(OPTIONS)
    if len(players) > 1 and draw(st.booleans()):
        options["seats"] = len(players)
    return MatchResult(
        game=draw(games),
        options=options,
        seed=draw(st.integers(0, LARGEST_SEED)),
        seats=tuple(
            SeatResult(player, score, 1 + sum(other > rank for other in ranks), why)
            for player, score, rank, why in zip(players, scores, ranks, lost, strict=True)
        ),
        ticks=draw(st.integers(0, 300)),
        digest=draw(DIGEST),
    )


@st.composite
def replays(draw: st.DrawFn) -> Replay:
    result = draw(results())
    size = result.ticks * len(result.seats)
    pattern = draw(st.binary(min_size=1, max_size=40))
    return Replay(
        result=result,
        actions=(pattern * (size // len(pattern) + 1))[:size],
        digests=tuple(draw(st.lists(DIGEST, max_size=4))),
        forfeits={
            seat: draw(st.integers(0, result.ticks))
            for seat, one in enumerate(result.seats)
            if one.forfeit is not None
        },
    )
