"""Animated GIFs (GIF89a, https://www.w3.org/Graphics/GIF/spec-gif89a.txt) of pictures with few colours.

Each image holds only the rectangle that has changed; what has not changed in it is transparent, and its
colours are in a table of its own: exact where they are at most 255, which they nearly always are.
"""

import struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_MOST_COLOURS = 255
"""One of 256 is kept for transparent."""


class GifWriter:
    """Writes (H, W, 3) uint8 pictures to a binary file, each for some hundredths of a second."""

    def __init__(self, file: BinaryIO, width: int, height: int) -> None:
        self._file = file
        self._shown: NDArray[np.uint32] | None = None
        self._waiting: tuple[NDArray[np.uint32], NDArray[np.bool_]] | None = None
        self._delay = 0
        file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0))
        file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")  # for ever

    def add(self, picture: NDArray[np.uint8], delay: int) -> None:
        """One more picture. A picture like the last one only makes that one stay longer."""
        pixels = picture.astype(np.uint32)
        packed = (pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]).astype(np.uint32)
        changed = (
            np.not_equal(packed, self._shown) if self._shown is not None else np.ones(packed.shape, bool)
        )
        if changed.any():
            self._flush()
            self._shown, self._waiting = packed, (packed, changed)
        self._delay += delay

    def close(self) -> None:
        """Write what is left. The file itself stays open."""
        self._flush()
        self._file.write(b"\x3b")

    def _flush(self) -> None:
        if self._waiting is None:
            return
        packed, changed = self._waiting
        lines, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        top, left, bottom, right = lines[0], columns[0], lines[-1] + 1, columns[-1] + 1
        part, mask = packed[top:bottom, left:right], changed[top:bottom, left:right]
        table, chosen = quantized(part[mask])
        indices = np.full(part.shape, len(table), np.uint8)
        indices[mask] = chosen
        bits = max(len(table).bit_length(), 2)  # len(table) itself is the transparent index
        delay = min(self._delay, 0xFFFF)
        self._file.write(struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 0b00000101, delay, len(table), 0))
        self._file.write(struct.pack("<BHHHHB", 0x2C, left, top, right - left, bottom - top, 0x80 | bits - 1))
        colours = np.zeros((1 << bits, 3), np.uint8)
        for channel, shift in enumerate((16, 8, 0)):
            colours[: len(table), channel] = table >> shift & 255
        self._file.write(colours.tobytes())
        data = lzw(indices.tobytes(), bits)
        self._file.write(bytes([bits]))
        for start in range(0, len(data), 255):
            block = data[start : start + 255]
            self._file.write(bytes([len(block)]) + block)
        self._file.write(b"\x00")
        self._waiting, self._delay = None, 0


def quantized(colours: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """At most 255 of (N,) packed colours, and for each of the N which one stands for it.

    Where there are more, those that lie together are averaged, in ever coarser steps.
    """
    table, chosen, counts = np.unique(colours, return_inverse=True, return_counts=True)
    if len(table) <= _MOST_COLOURS:
        return table, chosen.astype(np.uint8)
    channels = np.stack([table >> shift & 255 for shift in (16, 8, 0)], axis=1).astype(np.float64)
    step = 4.0
    while True:
        cells = np.floor(channels / step).astype(np.int64) @ np.array([1 << 32, 1 << 16, 1])
        _, cell, sizes = np.unique(cells, return_inverse=True, return_counts=True)
        if len(sizes) <= _MOST_COLOURS:
            break
        step *= 1.15
    weight = np.bincount(cell, weights=counts)
    means = [np.bincount(cell, weights=counts * channels[:, c]) / weight for c in range(3)]
    red, green, blue = (np.rint(mean).astype(np.uint32) for mean in means)
    return (red << 16 | green << 8 | blue).astype(np.uint32), cell[chosen].astype(np.uint8)


def lzw(indices: bytes, bits: int) -> bytes:
    """GIF's Lempel-Ziv-Welch code of indices below 2**bits (appendix F of the specification)."""
    clear, end = 1 << bits, (1 << bits) + 1
    codes: dict[int, int] = {}
    size, following = bits + 1, end + 1
    out, held, holding = bytearray(), clear, size
    prefix = -1
    for index in indices:
        if prefix < 0:
            prefix = index
            continue
        key = prefix << 8 | index
        code = codes.get(key)
        if code is not None:
            prefix = code
            continue
        held |= prefix << holding
        holding += size
        while holding >= 8:
            out.append(held & 255)
            held >>= 8
            holding -= 8
        if following == 4096:
            held |= clear << holding
            holding += size
            codes.clear()
            size, following = bits + 1, end + 1
        else:
            codes[key] = following
            if following == 1 << size:
                size += 1
            following += 1
        prefix = index
    for code in (prefix, end):
        if code >= 0:
            held |= code << holding
            holding += size
        if code == prefix and following == 1 << size and size < 12:
            size += 1
    while holding > 0:
        out.append(held & 255)
        held >>= 8
        holding -= 8
    return bytes(out)
