"""Check that built pages load nothing from elsewhere: `python -m docs.site.outbound FOLDER`.

Links that a reader may follow are allowed; scripts, styles, fonts, pictures, frames and requests of scripts are not.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

_LOADS = {
    ".html": (
        r"<(?:script|img|iframe|source|video|audio|embed|object|input)\b[^>]*"
        r"\b(?:src|srcset|data|poster)=[\"'](?:https?:)?//",
        r"<link\b(?![^>]*\brel=[\"'](?:canonical|author|license|next|prev|search)[\"'])[^>]*\bhref=[\"'](?:https?:)?//",
        r"\bstyle=[\"'][^\"']*url\([\"']?(?:https?:)?//",
        r"<use\b[^>]*href=[\"'](?:https?:)?//",
        r"<meta\b[^>]*http-equiv=[\"']refresh[\"'][^>]*//",
    ),
    ".css": (r"url\(\s*[\"']?(?:https?:)?//", r"@import\s+[\"'](?:https?:)?//"),
    ".js": (
        r"\b(?:fetch|import|importScripts|open|WebSocket|EventSource|sendBeacon)\(\s*[\"'`](?:https?:|wss?:)?//",
        r"\.src\s*=\s*[\"'`](?:https?:)?//",
    ),
    ".svg": (r"<(?:image|use|script)\b[^>]*href=[\"'](?:https?:)?//", r"url\(\s*[\"']?(?:https?:)?//"),
}


def outbound(folder: Path) -> Iterator[str]:
    """Loads from elsewhere in all files of a folder.

    Yields:
        A line for each.
    """
    for path in sorted(folder.rglob("*")):
        for pattern in _LOADS.get(path.suffix, ()):
            for match in re.finditer(pattern, path.read_text("utf-8", errors="replace"), re.IGNORECASE):
                yield f"{path}: {match[0][:120]}"


def main(arguments: list[str]) -> int:
    """Print what is loaded from elsewhere, and return whether anything is."""
    folder = Path(arguments[0])
    lines = list(outbound(folder))
    pages = len(list(folder.rglob("*.html")))
    print("".join(f"{line}\n" for line in lines) + f"{pages} pages in {folder}, {len(lines)} loads from elsewhere")
    return int(bool(lines) or not pages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
