"""Arithmetic in float64, and compiled code that outlives the process."""

import os

import jax
import platformdirs

jax.config.update("jax_enable_x64", True)


def keep_compiled_code() -> None:
    """Store compiled functions in the user's cache folder, so that the next process starts warm.

    A folder named by the environment variable JAX_COMPILATION_CACHE_DIR is left as it is.
    """
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        jax.config.update("jax_compilation_cache_dir", platformdirs.user_cache_dir("fathometer"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
