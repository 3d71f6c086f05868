import pytest

from arena.errors import UsageError
from arena.games.game import GameSpec
from arena.window import keyboard
from arena.window.keyboard import Joystick

FULL = (
    "noop", "fire", "up", "right", "left", "down", "up right", "up left", "down right", "down left",
    "up fire", "right fire", "left fire", "down fire", "up right fire", "up left fire", "down right fire",
    "down left fire",
)  # fmt: skip
MAZE = ("up", "down", "left", "right", "stay", "use")


def spec(*actions: str, idle: int = 0) -> GameSpec:
    return GameSpec("test/game", "Game", 1, actions, idle, 60.0)


def stick(actions, *, idle=0, layout=0, people=1) -> Joystick:
    joystick = Joystick(keyboard.layouts(people)[layout])
    joystick.bind(spec(*actions, idle=idle))
    return joystick


def held(joystick: Joystick, *keys: str) -> int | None:
    joystick.let_go()
    for key in keys:
        joystick.press(key)
    return joystick()


@pytest.mark.parametrize("action", [name for name in FULL if name != "noop"])
@pytest.mark.parametrize("layout", [0, 1])
def test_held_keys_make_every_action_of_the_console(action, layout):
    joystick = stick(FULL, layout=layout, people=2)
    names = {control: key for key, control in reversed(joystick.layout.items()) if not key.startswith("pad ")}
    assert held(joystick, *(names[word] for word in action.split())) == FULL.index(action)


def every_cartridge() -> list[tuple[str, tuple[str, ...]]]:
    from arena.games.catalog import entries

    seen = {}
    for entry in entries():
        if entry.family == "atari" and entry.missing is None:
            from arena.games.atari import cartridge

            seen[cartridge(entry.id).actions] = entry.id
    return [(game, actions) for actions, game in seen.items()]


def test_every_action_of_every_cartridge_can_be_pressed():
    for game, actions in every_cartridge():
        joystick = stick(actions)
        wanted = keyboard.controls(spec(*actions))
        assert len(wanted) == len(actions) - 1, game
        names = {control: key for key, control in reversed(joystick.layout.items())}
        for action, controls in wanted.items():
            assert held(joystick, *(names[control] for control in controls)) == action, (
                game,
                actions[action],
            )


def test_nothing_held_is_no_action():
    assert stick(FULL)() is None


def test_opposite_keys_and_mazes_follow_the_key_pressed_last():
    joystick = stick(MAZE, idle=4)
    joystick.press("right")
    assert joystick() == 3
    joystick.press("up")
    assert joystick() == 0
    joystick.release("up")
    assert joystick() == 3


def test_a_tap_shorter_than_a_tick_counts_once():
    joystick = stick(MAZE, idle=4)
    joystick.press("up")
    joystick.release("up")
    assert [joystick(), joystick()] == [0, None]


def test_a_tap_is_seen_beside_a_held_key():
    joystick = stick(MAZE, idle=4)
    joystick.press("right")
    joystick()
    joystick.press("up")
    joystick.release("up")
    assert [joystick(), joystick()] == [0, 3]


def test_two_taps_within_one_tick_are_two_moves_in_order():
    joystick = stick(MAZE, idle=4)
    for key in ("up", "right"):
        joystick.press(key)
        joystick.release(key)
    assert [joystick(), joystick(), joystick()] == [0, 3, None]


def test_an_idle_action_that_means_something_has_a_key():
    joystick = stick(("left", "right"))
    assert held(joystick, "left") == 0
    assert held(joystick, "right") == 1


def test_names_that_say_nothing_get_numbers():
    joystick = stick(("noop", "stick", "hit"))
    assert held(joystick, "1") == 1
    assert held(joystick, "2") == 2


def test_fire_need_not_be_held_where_it_is_only_a_word():
    joystick = stick(("do nothing", "fire left engine", "fire main engine", "fire right engine"))
    assert [held(joystick, key) for key in ("left", "up", "right")] == [1, 2, 3]


def test_an_unused_axis_works_too():
    pong = stick(("noop", "fire", "right", "left", "right fire", "left fire"))
    assert held(pong, "up") == 2
    assert held(pong, "down", "space") == 5


def test_two_people_have_no_key_in_common():
    first, second = keyboard.layouts(2)
    shared = {key for key in first.keys() & second.keys() if not key.startswith("pad ")}
    assert not shared


def test_a_third_person_is_refused():
    with pytest.raises(UsageError, match="room for two"):
        keyboard.layouts(3)


def test_the_help_names_every_single_key():
    lines = dict(keyboard.legend(spec(*MAZE, idle=4), keyboard.layouts(1)[0]))
    assert lines == {
        "up arrow": "up", "down arrow": "down", "left arrow": "left", "right arrow": "right", "space": "use",
    }  # fmt: skip
