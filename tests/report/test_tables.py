import io

import pytest
from rich.console import Console

from fathometer.evidence import Answer, AtMost, Check, Estimate, judge
from fathometer.evidence.judging._judge import inapplicable
from fathometer.report import print_estimates, print_rows, print_verdicts


def printed(show, *arguments) -> str:
    text = io.StringIO()
    show(*arguments, Console(file=text, width=100))
    return text.getvalue()


def test_verdicts_are_grouped_and_the_tightest_case_is_shown():
    verdicts = [
        (f"case {m}", judge(AtMost(1.0), Estimate.enclosed(1 - m, 1 - m, 1 - m), "t")) for m in (0.5, 0.25, 0.75)
    ]
    verdicts.append(("other", judge(AtMost(1.0), Estimate.enclosed(1.0, 0.0, 2.0), "t")))
    text = printed(print_verdicts, verdicts)
    assert "HOLDS x 3  t, smallest margin 0.25" in text
    assert "case 0.25: 0.75" in text
    assert "case 0.5" not in text
    assert "UNDECIDED  t" in text
    assert "other: 1 [0, 2] measured" in text


def test_theorems_that_do_not_apply_for_one_reason_share_two_lines():
    failing = [Check("on the circle", Answer.FAILS, -1.0, "3 measured, required 2")]
    other = [Check("two tokens", Answer.FAILS, -6.0, "8 measured, required 2")]
    verdicts = [("run", inapplicable(failing, None, name, tuple(failing))) for name in ("a", "b")]
    text = printed(print_verdicts, [*verdicts, ("run", inapplicable(other, None, "c", tuple(other)))])
    assert "INAPPLICABLE  a, b\n    run: hypothesis 'on the circle' fails: 3 measured, required 2" in text
    assert "INAPPLICABLE  c, smallest margin -6" in text
    assert text.count("INAPPLICABLE") == 2


def test_estimates_show_their_interval_only_if_they_have_one():
    text = printed(print_estimates, {"a": Estimate.exact(1.5), "b": Estimate.enclosed(1.0, 0.5, 2.0)})
    lines = text.splitlines()
    assert lines[1].split() == ["a", "1.5", "exact"]
    assert lines[2].split() == ["b", "1", "[0.5,", "2]", "enclosed"]


def test_rows_keep_their_brackets():
    assert "[x]" in printed(print_rows, ("name",), [("[x]",)])


@pytest.mark.parametrize("width", [10, 40, 80])
def test_numbers_are_neither_cut_nor_folded(width):
    text = io.StringIO()
    rows = [
        ("maurer_seeger", "0.16447617783631721", "0.05556 [0.001405, 0.273]", "a risk of one network, in many words")
    ]
    print_rows(("bound", "value", "measured", "certifies"), rows, Console(file=text, width=width))
    for whole in ("maurer_seeger", "0.16447617783631721", "0.05556", "[0.001405, 0.273]"):
        assert whole in text.getvalue()


def test_ends_of_intervals_are_rounded_outward():
    text = printed(print_estimates, {"a": Estimate.enclosed(1 / 3, 1 / 3 - 1e-12, 1 / 3 + 1e-12)})
    assert "[0.3333333333, 0.3333333334]" in text
