"""What `--help` says, as pages: one for each group of commands."""

from collections.abc import Iterator
from typing import Any

import typer
from docs.site.markup import code, escaped, table

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
        "# Command line\n\nEvery command takes `--json` (one JSON object on the output), `--seed` and `--out DIR`."
        " It exits with 0 when every verdict holds or nothing was judged, 1 when one is VIOLATED, 2 on bad input,"
        f" 3 when verdicts are undecided or inapplicable, none holds.\n\n{table(('command', 'what it does'), rows)}\n"
        f"{''.join(_section(name, command) for name, command in alone.items())}"
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )


def _group_page(name: str, group: Any) -> str:
    rows = [(f"[`{inner}`](#fathometer-{name}-{inner})", _summary(one)) for inner, one in group.commands.items()]
    own = f"\n{_body(name, group)}" if list(_options(group)) else ""
    sections = "".join(_section(f"{name} {inner}", command) for inner, command in group.commands.items())
    return f"# fathometer {name}\n\n{own or _help(group)}\n{table(('command', 'what it does'), rows)}\n{sections}"


def _section(name: str, command: Any) -> str:
    return f"## fathometer {name}\n\n{_body(name, command)}"


def _body(name: str, command: Any) -> str:
    """Usage, help and options."""
    usage = " ".join(["fathometer", name, *map(_shown, _arguments(command)), "[OPTIONS]"])
    rows = list(_options(command))
    options = f"\n{table(('option', 'what it sets'), rows)}" if rows else ""
    return f"```text\n{usage}\n```\n\n{_help(command)}{options}\n"


def _help(command: Any) -> str:
    return escaped((command.help or "").strip()).replace("\\\n", "\n") + "\n"


def _arguments(command: Any) -> Iterator[Any]:
    return (parameter for parameter in command.params if parameter.param_type_name == "argument")


def _shown(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _options(command: Any) -> Iterator[tuple[str, str]]:
    for parameter in command.params:
        if parameter.param_type_name == "option" and not _EVERYWHERE & set(parameter.opts):
            names = ", ".join(code(name) for name in (*parameter.opts, *parameter.secondary_opts))
            value = f" {code(parameter.metavar)}" if parameter.metavar else ""
            default = parameter.default
            plain = isinstance(default, int | float | str) and not isinstance(default, bool) and default != ""
            yield names + value, escaped(parameter.help or "") + (f" Default: `{default}`." if plain else "")


def _summary(command: Any) -> str:
    return escaped(" ".join((command.help or "").strip().split("\n\n")[0].split()))
