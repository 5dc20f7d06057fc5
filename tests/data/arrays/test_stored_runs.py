import json

import numpy as np
import pytest

from fathometer.attention import UNIT_ENERGY, ParticleSystem, read_hidden, record, simulate
from fathometer.data import check_store, load_array, read_stored, store_run
from fathometer.evidence import InputError

HIDDEN = np.random.default_rng(0).standard_normal((4, 5, 3))


@pytest.fixture(scope="module")
def run():
    """Recorded layers: nothing is integrated."""
    return record(HIDDEN, 2.0)


@pytest.mark.parametrize("suffix", [".npz", ".zarr"])
def test_a_stored_run_is_read_back_bit_by_bit(tmp_path, run, suffix):
    path = tmp_path / "deep" / f"run{suffix}"
    store_run(path, run)
    store_run(path, run)  # in the place of the earlier one
    hidden, control = read_hidden(path)
    assert np.array_equal(hidden, run.states["points"])
    assert control is None
    assert np.array_equal(load_array(path, 2), run.states["points"][-1])
    assert np.array_equal(load_array(path, 3), run.states["points"])
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_folder_opens_in_xarray_with_names_and_problem(tmp_path, run):
    xarray = pytest.importorskip("xarray")
    store_run(tmp_path / "run.zarr", run)
    with xarray.open_dataset(tmp_path / "run.zarr", engine="zarr") as stored:
        assert stored.points.dims == ("layer", "token", "coordinate")
        assert np.array_equal(stored.layer, np.arange(4.0))
        assert json.loads(stored.attrs["problem"])["beta"] == 2.0
    assert set(read_stored(tmp_path / "run.zarr")) == {"points", "layer"}


@pytest.mark.slow
def test_a_run_becomes_a_labelled_data_set_with_its_error_bars():
    pytest.importorskip("xarray")
    run = simulate(ParticleSystem.uniform(5, 3, 1.0, "sa", seed=0), [0.0, 0.5, 1.0])
    data, energy = run.to_xarray([UNIT_ENERGY]), run.observe(UNIT_ENERGY)
    assert data.points.dims == ("time", "token", "coordinate")
    assert np.array_equal(data.unit_energy, energy.value)
    assert np.array_equal(data.unit_energy_lower, energy.lower)
    assert np.array_equal(data.unit_energy_upper, energy.upper)
    assert data.unit_energy.attrs["kind"] == str(energy.kind)
    assert float(data.unit_energy.sel(time=0.5)) == np.asarray(energy.value)[1]
    assert json.loads(data.attrs["problem"])["beta"] == 1.0


def test_names_of_other_kinds_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a run is stored as \*.npz or \*.zarr, got 'run.h5'"):
        check_store(tmp_path.relative_to(tmp_path) / "run.h5")
    with pytest.raises(InputError, match=r"no folder '.*absent.zarr'"):
        load_array(tmp_path / "absent.zarr", 2)
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(InputError, match="is not a zarr folder of arrays"):
        load_array(tmp_path / "empty.zarr", 2)


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet", "npz", "npy"])
def test_a_cloud_is_read_from_files_of_every_kind(tmp_path, form):
    pandas = pytest.importorskip("pandas")
    points, path = HIDDEN[0], tmp_path / f"cloud.{form}"
    frame = pandas.DataFrame(points, columns=["x", "y", "z"])
    write = {
        "csv": lambda: frame.to_csv(path, index=False),
        "tsv": lambda: frame.to_csv(path, index=False, sep="\t"),
        "parquet": lambda: frame.to_parquet(path, index=False),
        "npz": lambda: np.savez(path, points=points, masses=np.ones(5)),
        "npy": lambda: np.save(path, points),
    }
    write[form]()
    assert np.allclose(load_array(path, 2), points, rtol=1e-15, atol=0)


def test_masses_are_one_column(tmp_path):
    (tmp_path / "m.csv").write_text("mass\n1\n2.5\n")
    assert load_array(tmp_path / "m.csv", 1).tolist() == [1.0, 2.5]
    (tmp_path / "two.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"must hold one column, got 2 columns"):
        load_array(tmp_path / "two.csv", 1)
    (tmp_path / "text.csv").write_text("a,b\n1,x\n")
    with pytest.raises(InputError, match=r"column 'b' of .*text.csv"):
        load_array(tmp_path / "text.csv", 2)


def test_an_archive_of_several_says_which_it_has(tmp_path):
    np.savez(tmp_path / "two.npz", a=np.ones((2, 2)), b=np.ones((2, 2)))
    with pytest.raises(InputError, match=r"must hold one array with 2 dimensions, or one called 'points' or 'hidden'"):
        load_array(tmp_path / "two.npz", 2)
