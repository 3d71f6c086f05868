import pytest

from arena.errors import UsageError
from arena.store.options import key_values, pairs


def test_options_are_numbers_truths_or_words() -> None:
    found = key_values(["size=9", "sticky=0.5", "fog=True", "layout=wilson", "name=a=b"])
    assert found == {"size": 9, "sticky": 0.5, "fog": True, "layout": "wilson", "name": "a=b"}


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "[1]", "null", "9" * 5000])
def test_what_is_no_finite_number_is_a_word(word: str) -> None:
    """A replay and a database could not keep it."""
    assert key_values([f"size={word}"]) == {"size": word}


@pytest.mark.parametrize("word", ["size", "=9", " =9", ""])
def test_what_is_no_pair_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match=r"the setting .* is not KEY=VALUE"):
        pairs([word], "the setting")
