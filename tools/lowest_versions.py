"""Print the lowest versions that pyproject.toml allows, as constraints: the other end of what is promised."""

import re
import tomllib
from pathlib import Path

_LOWER = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?>=([0-9][0-9.]*)")


def lowest_versions(pyproject: Path) -> list[str]:
    """Return `name==version` for every dependency with a lower limit, those of the extras included."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    return sorted({f"{found[1]}=={found[2]}" for one in asked if (found := _LOWER.match(one))})


if __name__ == "__main__":
    print("\n".join(lowest_versions(Path(__file__).parents[1] / "pyproject.toml")))
