"""The reference: a page for each public package of the library, or for each room of one that is large."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from docs.site.docstring_text import restructured
from docs.site.public_names import PublicName, module_docstring, public_names

MOST_ON_A_PAGE = 60
_KINDS = {"class": "Classes", "function": "Functions", "data": "Constants and types"}
_ROOMS = (
    "model",
    "observables",
    "predictions",
    "dynamics",
    "distances",
    "bounds",
    "ledger",
    "learning",
    "certificates",
    "",
)
_LONGEST_VALUE = 100


def api_pages() -> dict[str, str]:
    """Text of every page of the reference, by its path."""
    packages = {package: list(names) for package, names in groupby(_ordered(), key=lambda name: name.package)}
    pages = {"api/index.rst": _index(packages)}
    for package, names in packages.items():
        pages |= _pages_of(package, names)
    return pages


def _ordered() -> list[PublicName]:
    return sorted(
        public_names(), key=lambda name: (name.package, _ROOMS.index(name.room) if name.room in _ROOMS else 0)
    )


def _index(packages: dict[str, list[PublicName]]) -> str:
    rows = [(f":doc:`{package} <{_file(package)}>`", restructured(module_docstring(package))) for package in packages]
    return (
        f"{_title('Reference')}Every public name, by the package that it is imported from: what its arguments are, with"
        " shapes, ranges and units, what it returns, and what it refuses.\n\n"
        f"{_table(('package', 'what it holds'), rows)}\n"
        f"{_toctree(f'{_file(name)} <{_file(name)}>' for name in packages if name.count('.') == 1)}"
    )


def _pages_of(package: str, names: Sequence[PublicName]) -> dict[str, str]:
    inner = sorted({name.package for name in public_names() if name.package.startswith(f"{package}.")})
    nested = [name for name in inner if not any(name.startswith(f"{other}.") for other in inner)]
    rooms = {room: list(members) for room, members in groupby(names, key=lambda name: name.room)}
    split = len(names) > MOST_ON_A_PAGE
    head = f"{_title(package)}{restructured(module_docstring(package))}\n\n"
    last = _file(package).rpartition("/")[2]
    inside = [f"{_place(room)} <{last}-{_place(room)}>" for room in rooms] if split else []
    entries = [*inside, *(f"{other.removeprefix(f'{package}.')} <{_relative(package, other)}>" for other in nested)]
    body = "".join(map(_room_summary, rooms.items())) if split else _entries(names)
    pages = {f"api/{_file(package)}.rst": f"{head}{body}\n{_toctree(entries)}"}
    if split:
        pages |= {f"api/{_file(package)}-{_place(room)}.rst": _room_page(package, room, rooms[room]) for room in rooms}
    return pages


def _room_page(package: str, room: str, names: Sequence[PublicName]) -> str:
    said = module_docstring(f"{package}.{room}") if room else "What is put together from all rooms."
    return f"{_title(f'{package}: {_place(room)}')}{restructured(said)}\n\n{_entries(names)}"


def _room_summary(entry: tuple[str, Sequence[PublicName]]) -> str:
    room, names = entry
    rows = [(f":py:obj:`~{name.path}`", restructured(name.summary)) for name in names]
    return f"{_title(_place(room).capitalize(), '-')}{_table(('name', 'what it is'), rows)}\n"


def _entries(names: Iterable[PublicName]) -> str:
    parts = []
    for kind, heading in _KINDS.items():
        members = sorted((name for name in names if name.kind == kind), key=lambda name: name.name.lower())
        parts.append(_title(heading, "-") + "\n".join(map(_entry, members)) if members else "")
    return "\n".join(filter(None, parts))


def _entry(name: PublicName) -> str:
    if name.kind == "data":
        return f".. py:data:: {name.path}\n{_value(name)}\n   {restructured(name.summary)}\n"
    return f".. auto{name.kind}:: {name.path}\n" + "   :members:\n" * (name.kind == "class")


def _value(name: PublicName) -> str:
    shown = name.value if len(name.value) <= _LONGEST_VALUE else ""
    return f"   :value: {shown}\n" if shown and "(" not in shown else ""


def _file(package: str) -> str:
    return package.removeprefix("fathometer.").replace(".", "/")


def _relative(package: str, other: str) -> str:
    return f"{_file(package).rpartition('/')[2]}/{other.removeprefix(f'{package}.').replace('.', '/')}"


def _place(room: str) -> str:
    return room or "verdicts"


def _title(text: str, line: str = "=") -> str:
    return f"{text}\n{line * len(text)}\n\n"


def _toctree(entries: Iterable[str]) -> str:
    listed = "".join(f"   {entry}\n" for entry in entries)
    return f".. toctree::\n   :hidden:\n\n{listed}" if listed else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", "   :class: names", ""]
    for row in (header, *rows):
        lines += [f"   {'* -' if place == 0 else '  -'} {cell}" for place, cell in enumerate(row)]
    return "\n".join(lines) + "\n"
