"""Pictures made smaller for half-block characters: two pixels a character, one above the other."""

import cv2
import numpy as np
from numpy.typing import NDArray


def fitted(frame: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """`frame` (H, W, 3) as large as it fits into `width` x `height` pixels: whole multiples where it grows,
    averages where it shrinks."""
    tall, wide = frame.shape[:2]
    scale = min(width / wide, height / tall)
    if scale >= 1:
        return frame.repeat(int(scale), axis=0).repeat(int(scale), axis=1)
    size = max(round(wide * scale), 1), max(round(tall * scale), 1)
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
