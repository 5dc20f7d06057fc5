"""Arithmetic in float64, and settings of JAX for programs that are ours from start to end."""

import functools
import os
import sys
from collections.abc import Callable
from enum import Enum
from inspect import isgeneratorfunction
from types import FunctionType, ModuleType
from typing import Any, ParamSpec, TypeVar

import jax
import platformdirs

from fathometer.evidence import Record

jax.config.update("jax_enable_x64", True)

P = ParamSpec("P")
R = TypeVar("R")
_ENTRIES = ("__init__", "__call__")
_COMPILED = (type(jax.jit(abs)), jax.custom_jvp)


def in_float64(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, computing in float64 whatever JAX's flag x64 says in the thread that calls it.

    The flag is as it was afterwards. A function that is handed to a thread needs this too: the setting is the thread's.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if jax.config.jax_enable_x64:  # type: ignore[attr-defined]
            return function(*args, **kwargs)
        with jax.enable_x64(True):
            return function(*args, **kwargs)

    run.__in_float64__ = True  # type: ignore[attr-defined]
    return run


def keep_float64(package: str) -> None:
    """Make every function, method and property that a package defines and does not hide work as `in_float64` says.

    Called at the end of the package's `__init__`, it replaces them where users reach them: in the package and the
    packages inside it that are loaded, and where a record such as an observable holds them. Private modules call each
    other as they are, at no cost; compiled functions are replaced in the package itself alone.
    """
    inside = f"{package}."
    modules = [module for name, module in list(sys.modules.items()) if f"{name}.".startswith(inside)]
    done: dict[Any, Any] = {}
    for module in modules:
        for name, value in list(vars(module).items()):
            if isinstance(value, Record):
                _replace_held(value, inside)
            elif name.startswith("_") or not hasattr(module, "__path__") or not _is_inside(value, inside):
                continue
            elif not isinstance(value, _COMPILED):
                _replace(module, name, value, done)
            elif module.__name__ == package:
                setattr(module, name, _wrapped_compiled(value))


def _is_inside(value: Any, inside: str) -> bool:
    return f"{getattr(value, '__module__', None)}.".startswith(inside)


def _replace_held(record: Record, inside: str) -> None:
    for name, held in list(vars(record).items()):
        if isinstance(held, FunctionType) and _is_inside(held, inside):
            object.__setattr__(record, name, _wrapped(held))  # records are frozen


def _replace(module: ModuleType, name: str, value: Any, done: dict[Any, Any]) -> None:
    if isinstance(value, FunctionType):
        if value not in done:
            done[value] = _wrapped(value)
        setattr(module, name, done[value])
    elif isinstance(value, type) and not issubclass(value, Enum) and value not in done:
        done[value] = value
        for attribute, member in list(vars(value).items()):
            if attribute in _ENTRIES or not attribute.startswith("_"):
                _replace_member(value, attribute, member)


def _replace_member(owner: type, name: str, member: Any) -> None:
    match member:
        case FunctionType():
            setattr(owner, name, _wrapped(member))
        case classmethod() | staticmethod() if isinstance(member.__func__, FunctionType):
            setattr(owner, name, type(member)(_wrapped(member.__func__)))
        case property() if isinstance(member.fget, FunctionType):
            setattr(owner, name, property(_wrapped(member.fget), member.fset, member.fdel, member.__doc__))
        case functools.cached_property() if isinstance(member.func, FunctionType):
            member.func = _wrapped(member.func)


def _wrapped(function: FunctionType) -> Any:
    plain = hasattr(function, "__in_float64__") or isgeneratorfunction(function)
    return function if plain else in_float64(function)


def _wrapped_compiled(function: Any) -> Any:
    """With the method that shows what is compiled, where there is one."""
    wrapped = in_float64(function)
    if hasattr(function, "lower"):
        wrapped.lower = in_float64(function.lower)  # type: ignore[attr-defined]
    return wrapped


def prepare_jax() -> None:
    """Set up JAX for a command or a benchmark; call it before anything is computed.

    Compiled functions are stored in the user's cache folder, so that the next process starts warm; a folder named by
    the environment variable JAX_COMPILATION_CACHE_DIR is left as it is. Compiled functions run in the thread that calls
    them: to wake another one takes as long as some of them run.

    JAX runs threads of its own, which a forked process lacks: a fork after the first computation hangs. Make processes
    by "spawn" or "forkserver", as `multiprocessing.get_context("spawn")` does.
    """
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        jax.config.update("jax_compilation_cache_dir", platformdirs.user_cache_dir("fathometer"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
