"""The exponential of many numbers that are not positive: what kernels exp(-gap) spend their time on."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

WIDE_VECTORS = {"xla_cpu_prefer_vector_width": "512"}
"""Option of `jax.jit` for code that lives on exponentials: processors with vectors of 512 bits use them."""

# interpolants of (exp(r) - 1)/r at the Chebyshev nodes of |r| <= log(2)/2, highest power first
_SINGLE = (
    0.001393364103198670115,
    0.008369148490856346587,
    0.04166646500604004876,
    0.1666650526040812349,
    0.5000000013457727153,
    1.000000010771570138,
)
_DOUBLE = (
    2.510520637395701112e-8,
    2.762635724144722286e-7,
    2.755725542574643428e-6,
    2.480150434699768726e-5,
    1.984126987480049198e-4,
    1.388888893248859818e-3,
    8.333333333326140884e-3,
    4.166666666657314261e-2,
    0.1666666666666667099,
    0.5000000000000005617,
    1.0,
)
# bits of the mantissa, type of the bit pattern, log(2) in two parts of which the first has few bits, interpolant
_FORMATS = {
    "float32": (23, jnp.int32, 0.693359375, -2.12194440054690583e-4, _SINGLE),
    "float64": (52, jnp.int64, 6.93147180369123816490e-1, 1.90821492927058770002e-10, _DOUBLE),
}


def exp_nonpositive(x: Float[Array, "*batch"]) -> Float[Array, "*batch"]:
    """Return exp(x) for x <= 0, float32 or float64, to two roundings, faster than the compiler's.

    exp(x) = 2^k exp(r), with k whole and |r| <= log(2)/2 (Cody and Waite, Software Manual for the Elementary Functions,
    chapter 6). Where the result would be below twice the least normal number it is about that; it never becomes 0.
    NaN stays NaN, and x that a rounding has lifted above 0 does no harm. There is no rule for derivatives.
    """
    digits, whole, high, low, interpolant = _FORMATS[x.dtype.name]
    number = x.dtype.type
    x = jnp.maximum(x, number((jnp.finfo(x.dtype).minexp + 1) * np.log(2)))
    k = jnp.round(x * number(np.log2(np.e)))
    r = (x - k * number(high)) - k * number(low)
    slope = jnp.full_like(r, interpolant[0])
    for coefficient in interpolant[1:]:
        slope = slope * r + number(coefficient)
    bits = jax.lax.bitcast_convert_type(slope * r + 1, whole) + (k.astype(whole) << digits)
    return jax.lax.bitcast_convert_type(bits, x.dtype)
