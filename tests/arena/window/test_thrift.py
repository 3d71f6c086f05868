import pytest

from arena.window import thrift
from arena.window.thrift import GUEST, LEAST, MOST, SHARE, Thrift


class Machine:
    """Two processors, on which a picture costs so much."""

    def __init__(self, cost):
        self.now, self.taken, self.cost = 0.0, 0.0, cost

    def monotonic(self):
        return self.now

    def process_time(self):
        return self.taken

    def run(self, monkeypatch, seconds, guest=True):
        monkeypatch.setattr(thrift, "time", self)
        monkeypatch.setattr(thrift, "cores", lambda: 2)
        sparing, rates = Thrift(), []
        while self.now < seconds:
            rate = sparing.measure(guest)
            rates.append(rate)
            self.now += 1 / rate
            self.taken += self.cost
        return rates


@pytest.mark.parametrize("cost", [0.0015, 0.0022, 0.0032])
def test_a_guest_takes_no_more_than_its_share(monkeypatch, cost):
    machine = Machine(cost)
    machine.run(monkeypatch, 20)
    before = machine.taken
    machine.now = 0.0
    rates = machine.run(monkeypatch, 20)
    assert machine.taken - before <= 1.25 * 2 * SHARE * 20
    assert LEAST <= rates[-1] <= GUEST


def test_what_costs_little_is_drawn_as_often_as_a_guest_may(monkeypatch):
    assert Machine(0.0005).run(monkeypatch, 10)[-1] == GUEST


def test_what_costs_much_is_drawn_often_enough_to_be_followed(monkeypatch):
    assert Machine(0.1).run(monkeypatch, 10)[-1] == LEAST


def test_who_is_nobodys_guest_draws_all_there_is(monkeypatch):
    assert set(Machine(0.01).run(monkeypatch, 3, guest=False)) == {MOST}
