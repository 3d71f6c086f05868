"""A stop is heard at once while nothing has been learned, and between two iterations after that."""

import signal
import sys
import threading
import time

import pytest

from arena.training.stopping import Stop, stop_on_signals


def elsewhere(act: object) -> None:
    """Call `act` in another thread, and wait until the main thread has heard of it."""
    thread = threading.Thread(target=act)  # type: ignore[arg-type]
    thread.start()
    thread.join()
    time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_before_anything_is_learned_a_signal_interrupts(number: signal.Signals) -> None:
    stop = Stop()
    with pytest.raises(KeyboardInterrupt), stop_on_signals(stop):
        signal.raise_signal(number)
    assert stop.is_set()


def test_before_anything_is_learned_another_thread_interrupts_too() -> None:
    stop = Stop()
    with pytest.raises(KeyboardInterrupt), stop_on_signals(stop):
        elsewhere(stop.ask)
        raise AssertionError("it was not interrupted")
    assert stop.is_set()


def test_once_it_learns_a_first_signal_is_only_noted_and_a_second_ctrl_c_interrupts() -> None:
    stop = Stop()
    with stop_on_signals(stop):
        stop.learning = True
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
        signal.raise_signal(signal.SIGTERM)
        elsewhere(stop.ask)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_an_interrupt_does_not_come_twice_while_the_first_is_obeyed() -> None:
    stop = Stop()
    with stop_on_signals(stop):
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        elsewhere(stop.ask)


def test_afterwards_signals_are_what_they_were_and_asking_raises_none() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    stop = Stop()
    with stop_on_signals(stop):
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    elsewhere(stop.ask)  # SIGTERM would end this process
    assert stop.is_set()


@pytest.mark.timeout(20)
def test_signals_that_come_while_one_is_heard_do_not_bring_it_to_a_halt() -> None:
    """A handler may itself be interrupted anywhere, also where something holds a lock."""
    stop, more = Stop(), iter(range(30))

    def interrupt(_: object, event: str, __: object) -> None:
        if event == "call" and next(more, None) is not None:
            signal.raise_signal(signal.SIGTERM)

    with stop_on_signals(stop):
        stop.learning = True
        sys.setprofile(interrupt)
        try:
            signal.raise_signal(signal.SIGTERM)
            stop.is_set()
        finally:
            sys.setprofile(None)
    assert stop.is_set()
