"""Many bytes at a time: what kernels say to the processor that Python cannot express.

A row of what a player sees, and one byte more, is one word of the processor; a plane of 7x7 bytes is two of
its widest words, which overlap. A compiler finds neither by itself.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

PLANE, HALF = 49, 32
"""Bytes in a plane of a view, and in the widest instruction: two of them, overlapping, cover a plane."""

Code = tuple[Any, Callable[..., Any]]


def instruction(write: Callable[..., Code]) -> Callable[..., Any]:
    """What kernels can call and no Python can express: `write` returns its types and how to emit it."""
    return cast("Callable[..., Any]", intrinsic(write))


def _byte(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    """A pointer to byte `offset` of the array's memory."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(builder.bitcast(data, ir.IntType(8).as_pointer()), [offset])


def _word(context: Any, builder: Any, array_type: Any, array: Any, offset: Any) -> Any:
    """A pointer to the word that begins there."""
    return builder.bitcast(_byte(context, builder, array_type, array, offset), ir.IntType(64).as_pointer())


def _halves(
    context: Any, builder: Any, signature: Any, arguments: Any, element: Any, count: int
) -> list[tuple[Any, Any]]:
    """Where the first and the last HALF bytes of a plane lie, and what they are, as `count` elements. They
    overlap: both are read before either is written."""
    first = _byte(context, builder, signature.args[0], *arguments[:2])
    places = [
        builder.bitcast(
            builder.gep(first, [ir.Constant(ir.IntType(64), start)]),
            ir.VectorType(element, count).as_pointer(),
        )
        for start in (0, PLANE - HALF)
    ]
    return [(place, builder.load(place, align=1)) for place in places]


def _splat(builder: Any, value: Any, count: int) -> Any:
    """`value`, `count` times."""
    nothing = ir.Constant(ir.VectorType(value.type, count), ir.Undefined)
    one = builder.insert_element(nothing, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(
        one, nothing, ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
    )


@instruction
def word_at(typing: Any, array: Any, offset: Any) -> Code:
    """(array, offset) -> the word there, which need not be aligned. Nothing checks the offset."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _word(context, builder, signature.args[0], *arguments)
        return builder.load(place, align=1)

    return types.uint64(array, types.uint64), generate


@instruction
def put_word(typing: Any, array: Any, offset: Any, word: Any) -> Code:
    """(array, offset, word): write a word there."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_value, offset_value, word_value = arguments
        place = _word(context, builder, signature.args[0], array_value, offset_value)
        builder.store(word_value, place, align=1)
        return context.get_dummy_value()

    return types.void(array, types.uint64, types.uint64), generate


@instruction
def mark(typing: Any, array: Any, offset: Any, wanted: Any) -> Code:
    """(array, offset, value): in the plane there, 255 wherever there was `value`, and 0 elsewhere. Returns
    which of the plane's bytes were more than `value`, as bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        compared = _splat(builder, builder.trunc(arguments[2], ir.IntType(8)), HALF)
        bits = []
        for place, part in _halves(context, builder, signature, arguments, ir.IntType(8), HALF):
            builder.store(
                builder.sext(builder.icmp_unsigned("==", part, compared), part.type), place, align=1
            )
            more = builder.bitcast(builder.icmp_unsigned(">", part, compared), ir.IntType(HALF))
            bits.append(builder.zext(more, ir.IntType(64)))
        return builder.or_(bits[0], builder.shl(bits[1], ir.Constant(ir.IntType(64), PLANE - HALF)))

    return types.uint64(array, types.uint64, types.int64), generate


@instruction
def scale(typing: Any, array: Any, offset: Any, factor: Any) -> Code:
    """(array, offset, factor): multiply the bytes of the plane there, none of which may grow past 255."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        factors = _splat(builder, builder.trunc(arguments[2], ir.IntType(16)), HALF // 2)
        for place, part in _halves(context, builder, signature, arguments, ir.IntType(16), HALF // 2):
            builder.store(builder.mul(part, factors), place, align=1)
        return context.get_dummy_value()

    return types.void(array, types.uint64, types.int64), generate


@instruction
def put_plane(typing: Any, array: Any, offset: Any, value: Any) -> Code:
    """(array, offset, value): write `value` into every byte of the plane there."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = _splat(builder, builder.trunc(arguments[2], ir.IntType(8)), HALF)
        first = _byte(context, builder, signature.args[0], *arguments[:2])
        for start in (0, PLANE - HALF):
            place = builder.gep(first, [ir.Constant(ir.IntType(64), start)])
            builder.store(values, builder.bitcast(place, values.type.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(array, types.uint64, types.int64), generate


@instruction
def lowest_bit(typing: Any, word: Any) -> Code:
    """(word) -> the number of its lowest bit that is set; a word of nothing has none."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


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
