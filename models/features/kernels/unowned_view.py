"""A view of an array of which numba counts no references.

Counting is an atomic operation at every slice, and took more than half of the time of one customer's features. What is
viewed must outlive the view: a kernel views only what it was given, which its caller holds.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

Array = TypeVar("Array", bound=NDArray[Any])


@intrinsic
def _unowned(_: Any, array: Any) -> Any:
    """The array itself, less the counter (`meminfo`) by which numba knows when to free it."""

    def codegen(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        view = make_array(array)(context, builder, value=arguments[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        return view._getvalue()

    return array(array), codegen


unowned = cast(Callable[[Array], Array], _unowned)
"""What a kernel calls; numba's own types have the compiler's arguments in place of the kernel's."""
