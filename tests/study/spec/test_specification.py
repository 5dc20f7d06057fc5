"""Specifications: what they say, what they refuse, and the addresses of their cells."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.evidence import InputError
from fathometer.study import read_specification, specification_of
from fathometer.study.spec import _specification
from tests.study.computations import ADD, find

BETAS = st.floats(-100, 100).map(lambda number: float(f"{number:.6g}"))
WHOLE = st.integers(1, 1000)
SEEDS = st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=3, unique=True)


def spec(**tables):
    return specification_of({"computation": {"name": "add"}, **tables}, find)


def addresses(specification):
    return [cell.address for cell in specification.cells]


def one(parameters, seed=0):
    return addresses(spec(fixed=parameters, seeds=[seed]))[0]


@st.composite
def documents(draw):
    """Specifications of every shape."""
    tables = draw(st.permutations(["fixed", "grid", "sample"]))
    where = dict(zip(["beta", "n", "model"], tables, strict=True))
    values = {
        "fixed": {"beta": BETAS, "n": WHOLE, "model": st.sampled_from(["sa", "usa"])},
        "grid": {
            "beta": st.lists(BETAS, min_size=1, max_size=3, unique_by=lambda x: x + 0.0)
            | st.just({"from": 1, "to": 64, "count": 3, "scale": "log"}),
            "n": st.lists(WHOLE, min_size=1, max_size=3, unique=True) | st.just({"from": 2, "to": 9, "count": 4}),
            "model": st.just(["usa", "sa"]),
        },
        "sample": {
            "beta": st.just({"from": 0.5, "to": 2, "scale": "log"}) | st.just([1.0, 2.5]),
            "n": st.just({"from": 1, "to": 20}),
            "model": st.just(["sa", "usa"]),
        },
    }
    document = {"computation": {"name": "add"}, "title": draw(st.text(max_size=5)), "seeds": draw(SEEDS)}
    for name, table in where.items():
        document.setdefault(table, {})[name] = draw(values[table][name])
    document["sample"] |= {"count": draw(st.integers(1, 5)), "method": draw(st.sampled_from(["sobol", "random"]))}
    document["judge"] = {"theorems": ["at_most_ten"], "columns": [{"column": "total", "at_most": draw(BETAS)}]}
    document["limits"] = {"seconds": draw(st.floats(0.1, 10)), "memory": "2 GB"}
    return document


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(documents())
def test_a_specification_is_read_back_from_its_json_form(document):
    first = specification_of(document, find)
    again = specification_of(json.loads(json.dumps(first.to_json())), find)
    assert again.to_json() == first.to_json()
    assert addresses(again) == addresses(first)
    assert again.limits == first.limits
    assert again.judge == first.judge
    assert len(set(addresses(first))) == len(first.cells)


@settings(deadline=None, max_examples=30)
@given(BETAS, WHOLE, st.booleans())
def test_equal_parameters_have_one_address(beta, n, flag):
    given_parameters = {"beta": beta, "n": n, "flag": flag}
    turned = dict(reversed(given_parameters.items()))
    spelled = {"beta": int(beta) if beta == int(beta) else beta, "n": float(n), "flag": flag, "model": "sa"}
    in_grid = addresses(spec(grid={"n": [n], "beta": [beta]}, fixed={"flag": flag}))
    assert {one(given_parameters), one(turned), one(spelled), *in_grid} == {one(given_parameters)}


def test_zero_has_one_sign():
    assert one({"beta": -0.0}) == one({"beta": 0.0}) == one({"beta": 0})
    cell = spec(fixed={"beta": -0.0, "rows": [-0.0]}).cells[0]
    assert math.copysign(1, cell.parameters["beta"]) == math.copysign(1, cell.parameters["rows"][0]) == 1


@settings(deadline=None, max_examples=30)
@given(BETAS, BETAS, WHOLE, WHOLE, st.integers(0, 99), st.integers(0, 99))
def test_other_parameters_or_seeds_have_another_address(beta, other_beta, n, other_n, seed, other_seed):
    same = (beta, n, seed) == (other_beta, other_n, other_seed)
    assert (one({"beta": beta, "n": n}, seed) == one({"beta": other_beta, "n": other_n}, other_seed)) == same


def test_a_default_that_is_given_changes_nothing_and_lists_count():
    assert one({}) == one({"beta": 1.0, "n": 3, "model": "sa", "flag": False})
    assert len({one({"rows": rows}) for rows in ([1.0], [1.0, 2.0], [2.0, 1.0])} | {one({})}) == 4
    assert one({"rows": [1, 2]}) == one({"rows": [1.0, 2.0]})


def test_other_code_or_another_computation_has_another_address(monkeypatch):
    before = one({})
    monkeypatch.setattr(_specification, "code_version", lambda _: "0.1.0+other")
    assert one({}) != before
    poisoned = specification_of({"computation": {"name": "poisoned"}, "fixed": {"n": 3}}, find)
    assert addresses(poisoned) != [before]


def test_the_bytes_of_a_file_count_and_its_place_does_not(tmp_path):
    def of(folder, name, text):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(text)
        path = tmp_path / folder / "spec.toml"
        path.write_text(f'[computation]\nname = "sized"\n[grid]\nname = ["{name}"]\n')
        return read_specification(path, find)

    first = of("a", "x.csv", "1,2")
    assert first.cells[0].parameters["name"] == str(tmp_path / "a" / "x.csv")
    assert first.computation.compute(first.cells[0].parameters, 0).values["total"] == 3
    assert addresses(of("b", "y.csv", "1,2")) == addresses(first)
    assert addresses(of("c", "x.csv", "1,3")) != addresses(first)
    assert addresses(of("d", "x.txt", "1,2")) != addresses(first)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 50), st.floats(1.001, 100), st.integers(2, 40), st.sampled_from(["linear", "log"]))
def test_ranges_have_their_ends_and_rise(low, factor, count, scale):
    high = min(low * factor, 100.0)
    values = spec(grid={"beta": {"from": low, "to": high, "count": count, "scale": scale}}).space.axes["beta"]
    assert (values[0], values[-1], len(values)) == (low, high, count)
    steps = np.diff(np.log(values) if scale == "log" else values)
    assert np.all(steps >= 0)
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-6, atol=1e-9)


def test_ranges_of_whole_numbers_are_whole_and_have_each_once():
    axes = spec(grid={"n": {"from": 8, "to": 128, "count": 5, "scale": "log"}}).space.axes
    assert axes["n"] == (8, 16, 32, 64, 128)
    assert spec(grid={"n": {"from": 1, "to": 3, "count": 9}}).space.axes["n"] == (1, 2, 3)


def test_cells_are_counted_with_the_seed_fastest():
    cells = spec(grid={"beta": [1, 2], "n": [5, 6]}, seeds=2).cells
    seen = [(cell.parameters["beta"], cell.parameters["n"], cell.seed) for cell in cells]
    assert seen == [(b, n, s) for b in (1.0, 2.0) for n in (5, 6) for s in (0, 1)]
    assert [cell.address for cell in cells[2:5]] == [cells.address(k) for k in (2, 3, 4)]
    assert cells[-1] == cells[7]
    with pytest.raises(IndexError):
        cells[8]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 64), st.integers(0, 99), st.sampled_from(["sobol", "random"]))
def test_samples_lie_in_their_ranges_and_come_again(count, seed, method):
    table = {"count": count, "method": method, "seed": seed}
    table |= {"beta": {"from": 1, "to": 100, "scale": "log"}, "n": {"from": 3, "to": 5}}
    points = spec(sample=table).space.samples
    assert all(1 <= point["beta"] <= 100 and point["n"] in (3, 4, 5) for point in points)
    assert points == spec(sample=table).space.samples
    assert len(points) == count


def test_sobol_fills_the_range_evenly_and_log_ranges_by_factors():
    table = {"count": 64, "beta": {"from": 1, "to": 100, "scale": "log"}}
    logs = np.log([point["beta"] for point in spec(sample=table).space.samples]) / math.log(100)
    assert np.all(np.histogram(logs, 8, (0, 1))[0] == 8)


def test_equal_samples_count_once():
    assert len(spec(sample={"count": 50, "method": "random", "model": ["sa", "usa"]}).cells) == 2


BAD = [
    ({"colour": 1}, "a specification has no key 'colour'; known: title, seeds, computation"),
    ({"computation": {}}, r"must have \[computation\] with the key 'name'"),
    ({"computation": {"name": "add", "x": 1}}, r"\[computation\] has no key 'x'; known: name"),
    ({"computation": {"name": "subtract"}}, "no computation is called 'subtract'; known: add"),
    ({"computation": "add"}, r"\[computation\] must be a table, got 'add'"),
    ({"title": 3}, "title must be a text, got 3"),
    ({"fixed": {"gamma": 1}}, r"\[fixed\]: add has no parameter 'gamma'; known: beta, n, model, flag, rows"),
    ({"grid": {"gamma": [1]}}, r"\[grid\]: add has no parameter 'gamma'"),
    ({"sample": {"count": 2, "gamma": [1]}}, r"\[sample\]: add has no parameter 'gamma'"),
    ({"fixed": {"beta": 1}, "grid": {"beta": [1]}}, r"beta is in \[fixed\] and in \[grid\]"),
    ({"fixed": {"beta": 101}}, r"\[fixed\] beta must be a number from -100 to 100, got 101"),
    ({"fixed": {"beta": math.nan}}, "must be a number from -100 to 100, got nan"),
    ({"grid": {}}, r"\[grid\] is empty"),
    ({"grid": {"beta": []}}, r"\[grid\] beta has no value: the grid is empty"),
    ({"grid": {"beta": 1}}, r"\[grid\] beta must be a list or a range \{from, to, count\}, got 1"),
    ({"grid": {"beta": [1, 2, 1.0]}}, r"\[grid\] beta has 1.0 twice"),
    ({"grid": {"n": [1.5]}}, r"\[grid\] n must be a whole number from 1 to 1000, got 1.5"),
    ({"grid": {"beta": {"from": 1, "to": 2}}}, r"\[grid\] beta count must be"),
    ({"grid": {"beta": {"from": 1, "to": 2, "count": 1}}}, "count must be"),
    ({"grid": {"beta": {"to": 2, "count": 3}}}, r"\[grid\] beta must have the key 'from'"),
    ({"grid": {"beta": {"from": 2, "to": 1, "count": 3}}}, "must go from a smaller to a larger number, got 2 to 1"),
    ({"grid": {"beta": {"from": 1, "to": 2, "count": 3, "by": 1}}}, "has no key 'by'; known: from, to, count, scale"),
    ({"grid": {"beta": {"from": 0, "to": 2, "count": 3, "scale": "log"}}}, "must start above 0 where the scale is log"),
    ({"grid": {"beta": {"from": 1, "to": 2, "count": 3, "scale": "cubic"}}}, "scale must be one of linear, log"),
    ({"grid": {"beta": {"from": 1, "to": 200, "count": 3}}}, r"\[grid\] beta to must be a number from -100 to 100"),
    ({"grid": {"model": {"from": "a", "to": "b", "count": 2}}}, "model must be a list: only numbers have ranges"),
    ({"sample": {"count": 2}}, r"\[sample\] must have a range or a list for at least one parameter"),
    ({"sample": {"n": [1]}}, r"\[sample\] must have the key 'count'"),
    ({"sample": {"count": 0, "n": [1]}}, r"\[sample\] count must be"),
    ({"sample": {"count": 1, "n": []}}, r"\[sample\] n must be a range \{from, to, scale\} or a list"),
    ({"sample": {"count": 1, "n": [1], "method": "grid"}}, r"\[sample\] method must be one of sobol, random"),
    ({"sample": {"count": 1, "n": [1], "seed": -1}}, r"\[sample\] seed must be"),
    ({"seeds": 0}, "seeds must be a number from 1 to 10000000 or a list of seeds, got 0"),
    ({"seeds": []}, "seeds must be a number from 1"),
    ({"seeds": True}, "seeds must be a number from 1"),
    ({"seeds": [0, 0]}, r"seeds must be different from each other, got \[0, 0\]"),
    ({"seeds": [-1]}, r"seeds must be whole numbers from 0 to 9223372036854775807, got \[-1\]"),
    ({"seeds": ["a"]}, "seeds must be whole numbers from 0"),
    ({"seeds": 10**5, "grid": {"n": list(range(1, 102))}}, "a study has at most 10000000 cells, got 10100000"),
    ({"limits": {"seconds": 0}}, r"\[limits\] seconds must be a number above 0, got 0"),
    ({"limits": {"memory": "2 bananas"}}, r"\[limits\] memory must be a number of bytes or a size such as '2 GB'"),
    ({"limits": {"memory": 0}}, r"\[limits\] memory must be"),
    ({"limits": {"cores": 2}}, r"\[limits\] has no key 'cores'; known: seconds, memory"),
    ({"judge": {"theorem": "x"}}, r"\[judge\] has no key 'theorem'; known: theorems, columns"),
    ({"judge": {"theorems": []}}, r"\[judge\] theorems must be a list of names, got \[\]"),
    (
        {"judge": {"columns": [{"column": "size", "at_most": 1}]}},
        r"column must be one of total, count, even, got 'size'",
    ),
    (
        {"judge": {"columns": [{"column": "word", "at_most": 1}]}},
        "column must be one of total, count, even, got 'word'",
    ),
    ({"judge": {"columns": [{"column": "total"}]}}, "one of at_most, at_least, equals"),
    ({"judge": {"columns": [{"column": "total", "at_most": 1, "at_least": 0}]}}, "one of at_most, at_least, equals"),
    ({"judge": {"columns": [{"column": "total", "equals": "size"}]}}, "equals must be one of total, count, even"),
    ({"judge": {"columns": [{"column": "total", "at_most": [1]}]}}, r"at_most must be a number or a column, got \[1\]"),
    (
        {"judge": {"columns": [{"column": "total", "at_most": 1, "within": 1}]}},
        "within must be a number from 0, beside",
    ),
    ({"judge": {"columns": [{"column": "total", "below": 1}]}}, r"\[\[judge.columns\]\] has no key 'below'"),
    ({"judge": {"columns": [{"column": "total", "at_most": 1}] * 2}}, "has one comparison twice"),
    ({"judge": {"columns": {"column": "total"}}}, r"\[\[judge.columns\]\] must be tables"),
    ({"figure": {"z": "beta"}}, r"\[figure\] has no key 'z'; known: x, y, colour, lines, columns, log"),
    ({"figure": {"x": "gamma"}}, r"\[figure\] x must be one of beta, n, model, flag, rows, total"),
    ({"figure": {"columns": ["beta"]}}, r"\[figure\] columns must be one of total, count, even, word, seconds"),
    ({"figure": {"log": ["z"]}}, r"\[figure\] log must be one of x, y, colour, got 'z'"),
]


@pytest.mark.parametrize(("tables", "line"), BAD, ids=[line[:40] for _, line in BAD])
def test_bad_specifications_are_refused_in_one_line(tables, line):
    with pytest.raises(InputError, match=line) as refused:
        spec(**tables)
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_read_are_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match=r"spec.toml' cannot be read: No such file"):
        read_specification(tmp_path / "spec.toml", find)
    (tmp_path / "spec.toml").write_text("title = \n")
    with pytest.raises(InputError, match=r"spec.toml' is not TOML: Invalid value"):
        read_specification(tmp_path / "spec.toml", find)
    (tmp_path / "spec.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"spec.toml' is not TOML"):
        read_specification(tmp_path / "spec.toml", find)
    with pytest.raises(InputError, match=r"^'.*gone.csv' cannot be read: No such file"):
        specification_of({"computation": {"name": "sized"}, "fixed": {"name": "gone.csv"}}, find, base=tmp_path)


def test_limits_are_read_in_words():
    assert spec(limits={"memory": "1.5 GB"}).limits.memory == 1.5 * 2**30
    assert spec(limits={"memory": "300 MiB"}).limits.memory == 300 * 2**20
    assert spec(limits={"memory": 1e6, "seconds": 2}).limits.seconds == 2.0


def test_columns_with_one_name_are_refused():
    from dataclasses import replace

    for columns in ({"beta": ADD.columns["total"]}, {"seconds": ADD.columns["total"]}, {"step": ADD.columns["total"]}):
        clash = replace(ADD, columns=columns)
        with pytest.raises(InputError, match="has two columns called"):
            specification_of({"computation": {"name": "add"}}, lambda _, clash=clash: clash)
