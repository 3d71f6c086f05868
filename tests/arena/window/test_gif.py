import io

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.window.gif import GifWriter, quantized


def decoded(pictures, delays):
    file = io.BytesIO()
    height, width = pictures[0].shape[:2]
    gif = GifWriter(file, width, height)
    for picture, delay in zip(pictures, delays, strict=True):
        gif.add(picture, delay)
    gif.close()
    found, animation = cv2.imdecodeanimation(np.frombuffer(file.getvalue(), np.uint8))
    assert found
    return [cv2.cvtColor(f[..., :3], cv2.COLOR_BGR2RGB) for f in animation.frames], list(
        animation.durations.ravel()
    )


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1), st.integers(2, 90), st.integers(2, 90), st.integers(1, 250), st.integers(1, 6)
)
def test_pictures_of_few_colours_come_back_exactly(seed, height, width, colours, count):
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 256, (colours, 3), np.uint8)
    pictures = [table[rng.integers(0, colours, (height, width))] for _ in range(count)]
    frames, _ = decoded(pictures, [5] * count)
    shown = [p for i, p in enumerate(pictures) if i == 0 or (p != pictures[i - 1]).any()]
    assert len(frames) == len(shown)
    for frame, picture in zip(frames, shown, strict=True):
        np.testing.assert_array_equal(frame, picture)


def test_a_picture_that_stays_is_stored_once_and_shown_longer():
    picture = np.zeros((10, 10, 3), np.uint8)
    other = picture + np.uint8(9)
    frames, durations = decoded([picture, picture, picture, other], [5, 5, 5, 7])
    assert len(frames) == 2
    assert durations == [150, 70]


def test_many_colours_become_at_most_255_near_ones():
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 1 << 24, 5000).astype(np.uint32)
    table, chosen = quantized(colours)
    assert len(table) <= 255
    for shift in (16, 8, 0):
        error = np.abs((table[chosen] >> shift & 255).astype(int) - (colours >> shift & 255).astype(int))
        assert error.max() <= 80 and error.mean() < 25
