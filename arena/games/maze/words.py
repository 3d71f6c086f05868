"""Eight bytes at a time: a row of what a player sees, and one byte more, is one machine word.

Views of 7x7 bytes are too narrow for the compiler to vectorise and too wide for a byte a time to be fast. A
word of the processor does seven columns at once, as long as no byte ever carries into the next.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from arena.games.maze.kernel import kernel

BYTES = np.uint64(8)
"""In a word."""
EACH = np.uint64(0x0101010101010101)
"""One in every byte: times it, a byte is repeated eight times."""

Code = tuple[Any, Callable[..., Any]]


def instruction(write: Callable[..., Code]) -> Callable[..., Any]:
    """What kernels can call and no Python can express: `write` returns its types and how to emit it."""
    return cast("Callable[..., Any]", intrinsic(write))


def _place(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    """A pointer to the word that begins `offset` bytes into the array's memory."""
    data = context.make_array(array_type)(context, builder, array).data
    first = builder.bitcast(data, ir.IntType(8).as_pointer())
    return builder.bitcast(builder.gep(first, [offset]), ir.IntType(64).as_pointer())


@instruction
def word_at(typing: Any, array: Any, offset: Any) -> Code:
    """(array, offset) -> the word there, which need not be aligned. Nothing checks the offset."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature.args[0], *arguments)
        return builder.load(place, align=1)

    return types.uint64(array, types.uint64), generate


@instruction
def put_word(typing: Any, array: Any, offset: Any, word: Any) -> Code:
    """(array, offset, word): write a word there."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value, offset_value, word_value = arguments
        place = _place(context, builder, signature.args[0], array_value, offset_value)
        builder.store(word_value, place, align=1)
        return context.get_dummy_value()

    return types.void(array, types.uint64, types.uint64), generate


@kernel
def fill(planes: NDArray[np.uint8], first: np.uint64, last: np.uint64, value: int) -> None:
    """Write `value` into bytes `first` to `last`, at least eight of them, of the array's memory."""
    word = EACH * np.uint64(value)
    here, end = first, last - BYTES
    while here < end:
        put_word(planes, here, word)
        here += BYTES
    put_word(planes, end, word)  # overlaps the one before


@instruction
def at_address(typing: Any, address: Any) -> Code:
    """(address) -> a pointer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate


@instruction
def fetch(typing: Any, table: Any, index: Any) -> Code:
    """(table, index) -> the number there, whichever thread wrote it last."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_number(context, builder, signature, arguments), "seq_cst", 8)

    return types.int64(table, types.int64), generate


@instruction
def fetch_set(typing: Any, table: Any, index: Any, value: Any) -> Code:
    """(table, index, value) -> the number that was there; `value` takes its place."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _number(context, builder, signature, arguments)
        return builder.atomic_rmw("xchg", place, arguments[2], "seq_cst")

    return types.int64(table, types.int64, types.int64), generate


@instruction
def fetch_add(typing: Any, table: Any, index: Any, value: Any) -> Code:
    """(table, index, value) -> the number that was there; `value` is added to it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _number(context, builder, signature, arguments)
        return builder.atomic_rmw("add", place, arguments[2], "seq_cst")

    return types.int64(table, types.int64, types.int64), generate


def _number(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """A pointer to element `index` of an array of int64."""
    data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return builder.gep(data, [arguments[1]])
