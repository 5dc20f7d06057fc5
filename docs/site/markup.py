"""Markdown of generated pages: escaping, tables, and statements set with symbols instead of their plain text."""

import re
from collections.abc import Iterable, Mapping, Sequence

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "eps": "ε",
    "epsilon": "ε",
    "eta": "η",
    "theta": "θ",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Sigma": "Σ",
}
_SYMBOLS = (
    (r"<=", "≤"),
    (r">=", "≥"),
    (r"!=", "≠"),
    (r"->", "→"),
    (r"<(\S|\S[^<>≤≥]*?\S)>", r"⟨\1⟩"),
    (r"\bsqrt\(", "√("),
    (r"\bsum_", "∑_"),
    (r"\bprod_", "∏_"),
    (rf"(?<![A-Za-z])(d?)({'|'.join(GREEK)})(?![A-Za-z])", lambda match: match[1] + GREEK[match[2]]),
    (r"(?<![\w.])1e(-?\d+)\b", r"10^{\1}"),
    (r"(?<![\w.])(\d[\d.]*)e(-?\d+)\b", r"\1·10^{\2}"),
    (r"\biint\b", "∬"),
    (r"\bint (?=f)", "∫ "),
    (r" - ", " − "),
    (r"(?<![^\W\d_])([^\W_]|\d+)-(?=\d|[^\W\d_]\b)", r"\1−"),
    (r"(?:^|(?<=[(\[{=,|^ ]))-(?=[\w(|√∑])", "−"),
)
_SCRIPT = re.compile(r"(?P<base>[^\W_]+|[)\]|⟩'*∑∏])(?P<mark>[_^])(?=(?P<open>[{(])|(?P<word>−?[^\W_]+|[*+]))")
_WORD = re.compile(r"−?[^\W_]+\*?|[*+]")
_CODE = re.compile(
    rf"`?\b(?!(?:{'|'.join(GREEK)}|sum|prod|min|max|grad)_)"
    r"(w1(?:_[a-z0-9]+)+|[a-z]{3,}_[a-z]{2,}(?:_[a-z0-9]+)*|[a-z]+\d?_[a-z]\w*_\w+)\b`?"
)
"""Names of code in a text, such as ids of theorems."""
_CLOSING = {"{": "}", "(": ")"}
_LONGEST_BASE = 3
"""Letters of a name that may have an index; longer words with an underscore are names of code."""


def escaped(text: str) -> str:
    """The text as Markdown that shows every character of it as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def typeset(text: str, links: Mapping[str, str] | None = None) -> str:
    """Plain text with formulae as Markdown with symbols, indices and exponents.

    Args:
        text: such as "sum_ij m_i m_j exp(beta (<x_i, x_j> - 1))".
        links: targets of words that are names, such as ids of theorems.
    """
    pieces = _CODE.split(text)
    return "".join(_name(piece, links or {}) if place % 2 else _formula(piece) for place, piece in enumerate(pieces))


def _name(word: str, links: Mapping[str, str]) -> str:
    return f"[`{word}`]({links[word]})" if word in links else f"`{word}`"


def _formula(text: str) -> str:
    for pattern, symbol in _SYMBOLS:
        text = re.sub(pattern, symbol, text)
    return _scripts(text)


def _scripts(text: str) -> str:
    """Indices and exponents as elements, from left to right; what they hold may have some of its own."""
    match = next(filter(_has_script, _SCRIPT.finditer(text)), None)
    if match is None:
        return escaped(text)
    inner, end = _argument(text, match)
    element = {"_": "sub", "^": "sup"}[match["mark"]]
    rest = text[end:]
    joined = f"{match['base'][-1:]}{rest}" if rest[:1] in "_^" and rest else ""
    following = _scripts(joined)[len(escaped(joined[:1])) :] if joined else _scripts(rest)
    return f"{escaped(text[: match.end('base')])}<{element}>{_scripts(inner)}</{element}>{following}"


def _has_script(match: re.Match[str]) -> bool:
    short = len(match["base"]) <= _LONGEST_BASE or len(match["word"] or "") == 1
    return match["mark"] == "^" or match["open"] == "{" or short


def _argument(text: str, match: re.Match[str]) -> tuple[str, int]:
    """What stands in an index or exponent, and where it ends."""
    opening = match["open"]
    if not opening:
        word = _WORD.match(text, match.end())
        return (word[0], word.end()) if word else ("", match.end())
    depth = 0
    for place in range(match.end(), len(text)):
        depth += (text[place] == opening) - (text[place] == _CLOSING[opening])
        if depth == 0:
            return text[match.end() + 1 : place], place + 1
    return text[match.end() :], len(text)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def front_matter(**values: str) -> str:
    """What Sphinx is told about a page, at its top."""
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in values.items()) + "---\n\n"


def code(text: str) -> str:
    """A name or formula as code, also in a table."""
    return f"`{text}`".replace("|", "\\|")


def box(name: str, body: str) -> str:
    """A block of a class, for the style sheet; it may hold others."""
    fence = ":" * (1 + max(map(len, re.findall(r"^:{3,}", body, re.MULTILINE)), default=2))
    return f"{fence}{{container}} {name}\n{body}\n{fence}\n"
