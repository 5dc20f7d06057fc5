"""What `--help` says, as pages: one for each group of commands."""

from collections.abc import Iterator
from typing import Any

import typer

from docs.site.markup import escaped, table
from fathometer.cli import app

_EVERYWHERE = {"--json", "--seed", "--out", "--help"}


def command_pages() -> dict[str, str]:
    """Text of every page, by its path: commands without a group, and a page for each group."""
    root = typer.main.get_command(app)
    groups = {name: command for name, command in root.commands.items() if hasattr(command, "commands")}  # type: ignore[attr-defined]
    alone = {name: command for name, command in root.commands.items() if name not in groups}  # type: ignore[attr-defined]
    pages = {f"commands/{name}.md": _group_page(name, group) for name, group in groups.items()}
    return pages | {"commands/index.md": _index(groups, alone)}


def _index(groups: dict[str, Any], alone: dict[str, Any]) -> str:
    rows = [(f"[`fathometer {name}`]({name}.md)", escaped(group.help or "")) for name, group in groups.items()]
    rows += [(f"[`fathometer {name}`](#fathometer-{name})", _summary(command)) for name, command in alone.items()]
    listed = "\n".join(groups)
    return (
        "# Command line\n\nEvery command takes `--json` (one JSON object on standard output), `--seed` and `--out DIR`. It exits"
        " with 0 when every verdict holds or nothing was judged, 1 when a verdict is VIOLATED, 2 on bad input, 3 when verdicts"
        f" are undecided or inapplicable and none holds.\n\n{table(('command', 'what it does'), rows)}\n"
        f"{''.join(_section(name, command) for name, command in alone.items())}"
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )


def _group_page(name: str, group: Any) -> str:
    rows = [
        (f"[`{inner}`](#fathometer-{name}-{inner})", _summary(command)) for inner, command in group.commands.items()
    ]
    sections = [_section(f"{name} {inner}", command) for inner, command in group.commands.items()]
    own = _section(name, group) if _options(group) else f"{escaped(group.help or '')}\n\n"
    head = f"# fathometer {name}\n\n{table(('command', 'what it does'), rows)}\n"
    return head + (own if _options(group) else "") + "".join(sections)


def _section(name: str, command: Any) -> str:
    arguments = " ".join(_shown(parameter) for parameter in _arguments(command))
    usage = f"```text\nfathometer {name} {arguments} [OPTIONS]\n```"
    rows = list(_options(command))
    options = f"\n{table(('option', 'what it sets'), rows)}" if rows else ""
    said = escaped((command.help or "").strip()).replace("\\\n", "\n")
    return f"## fathometer {name}\n\n{usage}\n\n{said}\n{options}\n"


def _arguments(command: Any) -> Iterator[Any]:
    return (parameter for parameter in command.params if parameter.param_type_name == "argument")


def _shown(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _options(command: Any) -> Iterator[tuple[str, str]]:
    for parameter in command.params:
        if parameter.param_type_name == "option" and not _EVERYWHERE & set(parameter.opts):
            names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
            default = parameter.default
            plain = isinstance(default, int | float | str) and not isinstance(default, bool) and default != ""
            yield names, escaped(parameter.help or "") + (f" Default: `{default}`." if plain else "")


def _summary(command: Any) -> str:
    return escaped(" ".join((command.help or "").strip().split("\n\n")[0].split()))
