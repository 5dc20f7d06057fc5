"""Arithmetic in float64, and settings of JAX for programs that are ours from start to end."""

import os

import jax
import platformdirs

jax.config.update("jax_enable_x64", True)


def prepare_jax() -> None:
    """Set up JAX for a command or a benchmark; call it before anything is computed.

    Compiled functions are stored in the user's cache folder, so that the next process starts warm; a folder named by
    the environment variable JAX_COMPILATION_CACHE_DIR is left as it is. Compiled functions run in the thread that calls
    them: to wake another one takes as long as some of them run.
    """
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        jax.config.update("jax_compilation_cache_dir", platformdirs.user_cache_dir("fathometer"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
