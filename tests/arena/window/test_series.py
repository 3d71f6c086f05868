import signal
import time
from functools import partial

import pygame
import pytest

from arena.errors import UsageError
from arena.store import replays
from arena.window import overlays, screen, telling
from arena.window.rerun import Rerun, Viewing
from arena.window.series import Series
from arena.window.session import Setup, play
from arena.window.view import View

GAME = "gym/CartPole-v1"


@pytest.fixture(autouse=True)
def saves(tmp_path, monkeypatch):
    monkeypatch.setenv("ARENA_SAVES", str(tmp_path))


def opened(*players, events=None, **settings) -> Series:
    setup = Setup(GAME, players, seed=7, me="Ann", **settings)
    session = Series(setup, (events if events is not None else []).append)
    until(session, lambda: not session.loading)
    return session


def until(session, met, seconds=30.0):
    """Let time go by on the session's clock until something is so."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it never came"
        session.update(1 / 60)
        time.sleep(0.0005)


def begun(session):
    """Past the wait for a first key and the countdown."""
    while session.waiting or session.countdown > 0:
        session.command("accept")


def finished(session):
    begun(session)
    until(session, lambda: session.card is not None)


def press(session, *keys):
    pads = screen.Pads()
    for key in keys:
        event = pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0)
        screen._handle(event, session, pads)
        screen._handle(pygame.event.Event(pygame.KEYUP, key=key), session, pads)


def test_a_match_is_kept_before_its_result_is_told():
    events = []
    session = opened("random", "noop", events=events)
    finished(session)
    told = [event for event in events if event["event"] == "result"]
    assert [event["match"] for event in told] == replays.ids()
    assert told[0]["seats"][0]["after"] is not None
    session.close()


def test_an_unrated_match_leaves_nothing_behind():
    session = opened("random", "random", kept=False)
    finished(session)
    assert replays.ids() == []
    session.close()


def test_who_plays_for_a_rating_has_no_more_time_than_anybody():
    session = opened("human", "random")
    begun(session)
    for key, speed, says in (("slower", 1, telling.NOT_SLOWER), ("faster", 2, ""), ("slower", 1, "")):
        session.notice = ""
        session.command(key)
        assert (session.bout.pace.speed, session.notice) == (speed, says)
    session.close()
    for players, settings in (
        (("human", "random"), {"kept": False}),
        (("random", "noop"), {}),
        (("human",), {}),
    ):
        session = opened(*players, **settings)
        session.command("slower")
        assert session.bout.pace.speed == 0.5
        session.close()


def test_the_countdown_holds_the_match_for_three_seconds():
    session = opened("random", "random")
    for _ in range(170):
        session.update(1 / 60)
    assert session.bout.match.ticks == 0 and session.countdown > 0
    for _ in range(20):
        session.update(1 / 60)
    assert session.bout.match.ticks > 0
    session.close()


def hold(session, key):
    event = pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=0)
    screen._handle(event, session, screen.Pads())


def test_a_persons_match_waits_for_their_first_key_which_is_also_the_first_move():
    session = opened("human", "random")
    for _ in range(600):
        session.update(1 / 60)
    assert session.bout.match.ticks == 0 and session.waiting
    hold(session, pygame.K_RIGHT)
    until(session, lambda: session.card is not None)
    replay = replays.load(session.results[0].id)
    assert set(replay.actions[::2][:5]) == {1}
    session.close()


def test_how_long_a_person_waits_does_not_change_the_match():
    played = []
    for pictures in (0, 200):
        session = opened("human", "random")
        for _ in range(pictures):
            session.update(1 / 60)
        hold(session, pygame.K_RIGHT)
        until(session, lambda session=session: session.card is not None)
        replay = replays.load(session.results[0].id)
        played.append((replay.actions, replay.digests))
        session.close()
    assert played[0] == played[1]


@pytest.mark.parametrize("key", [pygame.K_p, pygame.K_h])
def test_keys_pressed_while_time_stands_still_begin_nothing(key):
    session = opened("human", "random")
    press(session, key, pygame.K_RIGHT, pygame.K_SPACE)
    session.update(1 / 60)
    press(session, key)
    session.update(1 / 60)
    assert session.waiting
    session.close()


def test_two_people_get_a_countdown_after_the_first_key():
    session = opened("human", "human")
    for _ in range(300):
        session.update(1 / 60)
    assert session.waiting
    press(session, pygame.K_a)
    for _ in range(100):
        session.update(1 / 60)
    assert not session.waiting and session.countdown > 0 and session.bout.match.ticks == 0
    until(session, lambda: session.bout.match.ticks > 0)
    session.close()


@pytest.mark.parametrize("key", [pygame.K_p, pygame.K_h])
def test_pause_and_help_stop_time_and_let_it_go_on(key):
    session = opened("random", "random")
    begun(session)
    session.update(1 / 60)
    press(session, key)
    ticks = session.bout.match.ticks
    for _ in range(30):
        session.update(1 / 60)
    assert session.bout.match.ticks == ticks
    press(session, key)
    session.update(0.1)
    assert session.bout.match.ticks > ticks
    session.close()


def test_leaving_before_the_first_key_counts_for_nothing():
    session = opened("human", "random")
    press(session, pygame.K_ESCAPE)
    assert session.closed and replays.ids() == []
    session.close()


def test_a_person_who_leaves_a_rated_match_is_asked_and_then_loses_it():
    session = opened("human", "random")
    begun(session)
    session.update(0.1)
    press(session, pygame.K_ESCAPE)
    assert "counts as a loss" in session.question and not session.closed
    press(session, pygame.K_ESCAPE)
    assert not session.question and not session.bout.match.finished
    press(session, pygame.K_ESCAPE, pygame.K_RETURN)
    until(session, lambda: session.card is not None)
    result = session.results[0]
    assert result.seats[0].forfeit == "left the match" and result.seats[1].place == 1
    assert replays.ids() == [result.id]
    press(session, pygame.K_ESCAPE)
    assert session.closed
    session.close()


@pytest.mark.parametrize("players", [("human",), ("random", "random")])
def test_nobody_is_asked_where_nothing_is_lost(players):
    session = opened(*players)
    begun(session)
    session.update(0.1)
    press(session, pygame.K_ESCAPE)
    assert session.closed and replays.ids() == []
    session.close()


def test_being_asked_to_end_is_leaving_but_crashing_is_not(monkeypatch):
    def shown(session, report, signalled, *, begins=True, crashes=False):
        until(session, lambda: not session.loading)
        if begins:
            hold(session, pygame.K_RIGHT)
            until(session, lambda: session.bout.match.ticks > 2)
        if crashes:
            raise RuntimeError("a bug of ours")
        signal.raise_signal(signal.SIGTERM)
        assert signalled

    setup = Setup(GAME, ("human", "random"), seed=7, me="Ann")
    monkeypatch.setattr(screen, "run", partial(shown, crashes=True))
    with pytest.raises(RuntimeError):
        play(setup)
    monkeypatch.setattr(screen, "run", partial(shown, begins=False))
    assert play(setup) == [] and replays.ids() == []
    monkeypatch.setattr(screen, "run", shown)
    [result] = play(setup)
    assert result.seats[0].forfeit == "left the match" and replays.ids() == [result.id]


def test_closing_the_window_twice_leaves_and_still_keeps_the_loss():
    session = opened("human", "random")
    begun(session)
    session.update(0.1)
    pads = screen.Pads()
    screen._handle(pygame.event.Event(pygame.QUIT), session, pads)
    assert not session.closed
    screen._handle(pygame.event.Event(pygame.QUIT), session, pads)
    assert session.closed
    session.close()
    assert len(replays.ids()) == 1


def test_losing_the_keyboard_pauses_a_person_but_not_agents():
    for players, paused in ((("human", "random"), True), (("random", "random"), False)):
        session = opened(*players)
        begun(session)
        screen._handle(pygame.event.Event(pygame.WINDOWFOCUSLOST), session, screen.Pads())
        assert session.paused == paused
        session.close()


def test_what_has_not_begun_is_not_paused():
    session = opened("human", "random")
    screen._handle(pygame.event.Event(pygame.WINDOWFOCUSLOST), session, screen.Pads())
    assert session.waiting and not session.paused
    session.close()


def test_a_rematch_is_another_match():
    session = opened("random", "random")
    finished(session)
    press(session, pygame.K_r)
    until(session, lambda: not session.loading and session.card is None)
    finished(session)
    assert len(set(replays.ids())) == 2
    assert session.results[0].seed != session.results[1].seed
    session.close()


def test_a_series_of_agents_goes_on_by_itself_and_counts_points():
    session = opened("random", "random", games=3)
    until(session, lambda: len(session.results) == 3, seconds=60)
    assert sum(session.points) == pytest.approx(3)
    for _ in range(600):
        session.update(1 / 60)
    assert len(session.results) == 3 and session.card is not None
    session.close()


def test_speed_changes_time_and_never_the_match():
    results = []
    for faster in (0, 4):
        session = opened("random", "random")
        for _ in range(faster):
            press(session, pygame.K_EQUALS)
        finished(session)
        results.append(session.results[0])
        session.close()
    assert results[0] == results[1]


def test_a_second_person_who_still_goes_up_at_the_end_opens_no_replay():
    session = opened("human", "human")
    begun(session)
    until(session, lambda: session.countdown == 0)
    session.bout.match.forfeit(0, "left")
    until(session, lambda: session.card is not None)
    press(session, pygame.K_w)
    assert session.card is not None and not isinstance(session.bout, Rerun)
    for _ in range(70):
        session.update(1 / 60)
    press(session, pygame.K_w)
    assert isinstance(session.bout, Rerun)
    session.close()


def test_two_people_have_two_names():
    for players, called in (
        (("human", "human"), ["Ann", "guest"]),
        (("human", "human:Bob"), ["Ann", "Bob"]),
        (("human:Bob", "human"), ["Bob", "Ann"]),
        (("human:Ann", "human"), ["Ann", "guest"]),
    ):
        session = opened(*players)
        assert [player.identity.name for player in session.bout.match.players] == called
        assert session._called("guest")[:2] != ("guest", "guest"), "nor where one is called as guests are"
        session.close()


def test_an_unknown_player_is_told_of_in_one_line():
    session = Series(Setup(GAME, ("nobody",)), lambda event: None)
    with pytest.raises(UsageError, match="nobody"):
        until(session, lambda: session.closed)


def test_every_state_can_be_drawn_at_every_size():
    session, view = opened("human", "random"), View()
    sizes = [(1, 1), (40, 30), (160, 120), (320, 200), (900, 500), (1600, 1000), (300, 1200)]

    def drawn():
        for size in sizes:
            surface = pygame.Surface(size)
            view.draw(surface, session)
            overlays.draw(surface, session)

    drawn()
    begun(session)
    session.update(0.1)
    for name in ("pause", "help", "escape", "insight", "escape"):
        session.command(name)
        drawn()
    session.command("accept")
    until(session, lambda: session.card is not None)
    drawn()
    session.close()


def recorded():
    session = opened("random", "random")
    finished(session)
    session.close()
    return replays.load(session.results[0].id)


def test_seeking_shows_the_same_ticks_as_playing_does():
    replay = recorded()
    played, pictures = Rerun(replay), []
    while not played.match.finished:
        pictures.append([played.frame(sight).copy() for sight in played.sights()])
        played.tick()
    sought = Rerun(replay)
    sought._every = 5
    for tick in (len(pictures) - 1, 0, 7, 3, 12, 11):
        tick = min(tick, len(pictures) - 1)
        sought.seek(tick)
        while sought.seeking:
            sought.advance(1 / 60)
        assert sought.match.ticks == tick
        for sight, picture in zip(sought.sights(), pictures[tick], strict=True):
            assert (sought.frame(sight) == picture).all()
    played.match.close()
    sought.match.close()


def test_a_replay_moves_while_paused_and_ends_with_its_result():
    viewing = Viewing(recorded())
    viewing.command("pause")
    viewing.command("last")
    until(viewing, lambda: viewing.card is not None)
    viewing.command("first")
    until(viewing, lambda: viewing.card is None and not viewing.bout.seeking)
    assert viewing.bout.match.ticks == 0
    viewing.command("escape")
    assert viewing.closed
    viewing.close()


def test_the_replay_after_a_match_comes_back_to_its_result():
    session = opened("random", "random")
    finished(session)
    card = session.card
    press(session, pygame.K_w)
    assert session.card is None and isinstance(session.bout, Rerun)
    press(session, pygame.K_ESCAPE)
    assert session.card is card and not session.closed
    session.close()
