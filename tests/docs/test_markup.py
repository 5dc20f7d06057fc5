"""Plain text of statements, set with symbols: nothing of it gets lost."""

import re

import pytest
from docs.site.markup import GREEK, box, code, escaped, typeset

from fathometer.catalogue import theorems

BACK = {symbol: name for name, symbol in reversed(GREEK.items())} | {
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "⟨": "<",
    "⟩": ">",
    "√": "sqrt",
    "∑": "sum",
    "∏": "prod",
    "∬": "iint",
    "∫": "int",
    "−": "-",
}


def read_back(markdown: str) -> str:
    """The plain text that Markdown was set from."""
    text = re.sub(r"\[`([^`]*)`\]\([^)]*\)", r"\1", markdown).replace("`", "")
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    for mark, symbol in {"<sub>": "_", "<sup>": "^", "</sub>": "", "</sup>": "", **BACK}.items():
        text = text.replace(mark, symbol)
    return text


def bare(text: str) -> str:
    """A text without brackets that only hold an index or exponent together, and with powers of ten in one form."""
    text = re.sub(r"(?<![\w.])1e(?=-?\d)", "10^", text.replace("epsilon", "eps"))
    return re.sub(r"[{}() `]", "", re.sub(r"(?<=\d)e(?=-?\d)", "·10^", text))


@pytest.mark.parametrize(
    ("plain", "markdown"),
    [
        ("x_i", "x<sub>i</sub>"),
        ("W_{k+1}^T W_k", r"W<sub>k\+1</sub><sup>T</sup> W<sub>k</sub>"),
        ("|w|_F^2", r"\|w\|<sub>F</sub><sup>2</sup>"),
        ("(2/beta)^(d/2-1)", r"\(2\/β\)<sup>d\/2−1</sup>"),
        ("<x_i, w> >= 1 - eps", r"⟨x<sub>i</sub>\, w⟩ ≥ 1 − ε"),
        ("a < b and c > d", r"a \< b and c \> d"),
        ("to 1e-6", "to 10<sup>−6</sup>"),
        ("dtheta_i/dt", r"dθ<sub>i</sub>\/dt"),
        ("sqrt(m) sum_ij", r"√\(m\) ∑<sub>ij</sub>"),
        ("measure_two_token_time", "`measure_two_token_time`"),
        ("600-cell of Clopper-Pearson", r"600\-cell of Clopper\-Pearson"),
    ],
)
def test_formulae_get_symbols_indices_and_exponents(plain, markdown):
    assert typeset(plain) == markdown


def test_names_of_theorems_are_links_where_a_target_is_known():
    assert typeset("see smooth_gauss", {"smooth_gauss": "smooth_gauss.md"}) == "see [`smooth_gauss`](smooth_gauss.md)"


def test_a_statement_can_be_read_back_from_what_it_was_set_as():
    for theorem in theorems():
        for text in (theorem.statement, theorem.source.remark, *(form.statement for form in theorem.as_printed)):
            assert bare(read_back(typeset(text))) == bare(text), theorem.id


def test_escaped_text_has_no_markup():
    assert escaped("*a* [b](c) <d> `e`") == r"\*a\* \[b\]\(c\) \<d\> \`e\`"


def test_code_in_a_table_keeps_its_bars():
    assert code("|x|") == r"`\|x\|`"


def test_a_box_may_hold_boxes():
    assert box("outer", box("inner", "text")).startswith("::::{container} outer\n:::{container} inner")
