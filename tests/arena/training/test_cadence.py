from arena.training.cadence import SHARE, Cadence


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def keep(cadence: Cadence, clock: Clock, takes: float) -> None:
    with cadence.keeping():
        clock.now += takes


def test_a_checkpoint_that_is_written_at_once_is_due_every_minute() -> None:
    clock = Clock()
    cadence = Cadence(60, clock)
    for _ in range(3):
        assert not cadence.due()
        clock.now += 59
        assert not cadence.due()
        clock.now += 1
        assert cadence.due()
        keep(cadence, clock, 0.1)


def test_one_that_takes_long_is_due_when_it_is_worth_it() -> None:
    clock = Clock()
    cadence = Cadence(60, clock)
    clock.now += 60
    keep(cadence, clock, 15)
    clock.now += 15 / SHARE - 1
    assert not cadence.due()
    clock.now += 1
    assert cadence.due()
    keep(cadence, clock, 0.5)
    clock.now += 60
    assert cadence.due()


def test_with_no_seconds_it_is_always_due() -> None:
    clock = Clock()
    cadence = Cadence(0, clock)
    assert cadence.due()
    keep(cadence, clock, 15)
    assert cadence.due()


def test_what_cannot_be_written_does_not_count() -> None:
    clock = Clock()
    cadence = Cadence(60, clock)
    clock.now += 60
    try:
        with cadence.keeping():
            raise OSError
    except OSError:
        pass
    assert cadence.due()
