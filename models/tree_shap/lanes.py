"""Sixteen floats at once: the one place where the kernels speak of vectors, since numba finds none there by itself."""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

LANES = 16
"""Floats of a table's entry: the leaf's number, and one for each feature of its unit."""

TABLES_AT_ONCE = 4

_VECTOR = ir.VectorType(ir.FloatType(), LANES)


@intrinsic
def _add_entries(typing: Any, entries: Any, numbers: Any, sums: Any, row: Any) -> Any:  # noqa: ARG001 - numba's protocol
    """sums[row] = ((entries[a] + entries[b]) + entries[c]) + entries[d] for numbers (a, b, c, d), lane by lane."""
    signature = types.void(entries, numbers, sums, row)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        table, out = (context.make_array(signature.args[i])(context, builder, values[i]) for i in (0, 2))

        def vector(data: Any, number: Any) -> Any:
            first = builder.mul(number, ir.Constant(number.type, LANES))
            return builder.bitcast(builder.gep(data, [first]), _VECTOR.as_pointer())

        total = None
        for i in range(TABLES_AT_ONCE):
            loaded = builder.load(vector(table.data, builder.extract_value(values[1], i)))
            loaded.align = 4
            total = loaded if total is None else builder.fadd(total, loaded)
        builder.store(total, vector(out.data, values[3])).align = 4
        return context.get_dummy_value()

    return signature, generate


add_entries = cast(Callable[[NDArray[Any], tuple[int, int, int, int], NDArray[Any], int], None], _add_entries)
"""What a kernel calls; numba's own types have the compiler's arguments in place of the kernel's."""
