"""`fathometer certify` and `fathometer recheck` from the outside."""

import json
import re

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from fathometer.cli import run

CERTIFY = "certify --data labels.csv --target y"
RECHECK = "recheck c.json --data labels.csv --target y"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A table with text labels, and files that cannot be certified."""
    monkeypatch.chdir(tmp_path)
    x, y = load_breast_cancer(return_X_y=True)
    names = np.where(y == 1, "benign", "malignant")
    lines = [",".join([*map(repr, row), name]) for row, name in zip(x[:300, :6].tolist(), names, strict=False)]
    (tmp_path / "labels.csv").write_text("a,b,c,d,e,f,y\n" + "\n".join(lines) + "\n")
    (tmp_path / "other.csv").write_text("a,b,c,d,e,f,y\n" + "\n".join(lines[::-1]) + "\n")
    (tmp_path / "short.csv").write_text("a,y\n1,u\n2,v\n")
    (tmp_path / "hole.csv").write_text("a,y\n1,u\n2,\n")
    (tmp_path / "torn.json").write_text('{"schema": ')
    rng = np.random.default_rng(0)
    tosses = [",".join([*map(repr, row), str(rng.integers(0, 2))]) for row in rng.normal(size=(60, 30)).tolist()]
    (tmp_path / "coins.csv").write_text(
        ",".join([*(f"x{k}" for k in range(30)), "y"]) + "\n" + "\n".join(tosses * 20) + "\n"
    )
    visits = [
        f"{row[0]!r},{row[1]!r},p{k // 3},{k // 3 % 2}" for k, row in enumerate(rng.normal(size=(270, 2)).tolist())
    ]
    (tmp_path / "visits.csv").write_text("a,b,patient,y\n" + "\n".join(visits) + "\n")
    return tmp_path


@pytest.mark.slow
def test_the_ledger_has_the_contract_keys(files, capsys):
    assert run([*CERTIFY.split(), "--delta", "0.1", "--json", "--out", "results"]) == 0
    result = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    assert {"ledger", "winner", "test_risk", "delta_total"} <= set(result)
    assert result["delta_total"] == 0.1
    bounds = [row["bound"] for row in result["ledger"]]
    assert bounds[0] == "test_binomial"
    assert {"test_betting", "test_kl", "output_conversion", "maurer_seeger", "w1_route_a"} <= set(bounds)
    for row in result["ledger"]:
        assert {"bound", "certifies", "value", "vacuous", "delta_spent", "terms"} <= set(row)
    assert 0.095 < sum(row["delta_spent"] for row in result["ledger"]) <= 0.1
    assert result["winner"] == result["ledger"][0]["bound"]
    estimate = {"value", "lower", "upper", "kind"}
    for name in ("test_risk", "training_risk", "majority_risk", "gap"):
        assert estimate <= set(result[name])
    assert set(result["overfitting"]) == {"status", "sentence"}
    assert result["predictor"] == {"certified_by": "test_binomial", "file": "results/certificate.skops"}
    assert result["data"]["classes"] == ["benign", "malignant"]
    assert json.loads((files / "results" / "certify.json").read_text()) == result


@pytest.mark.slow
def test_what_was_saved_is_confirmed_and_predicts(files, capsys):
    assert run([*CERTIFY.split(), "--save", "c.json", "--seed", "2", "--card", "card.md"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for piece in (
        "training risk",
        "held-out risk",
        "always the same answer",
        "predict with: fathometer predict c.json",
    ):
        assert piece in out
    assert {"c.json", "c.skops", "c.html", "c.rows.npy", "card.md"} <= {path.name for path in files.iterdir()}
    assert run([*RECHECK.split(), "--json", "--out", "results"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [verdict["status"] for verdict in result["verdicts"]] == ["HOLDS"]
    assert len(result["recomputed"]) == 14
    assert result["differences"] == []
    assert json.loads((files / "results" / "recheck.json").read_text()) == result
    assert run("predict c.json --data other.csv --target y --check --json --out p.csv".split()) == 0
    result = json.loads(capsys.readouterr().out)
    assert len(result["predictions"]) == result["rows"] == 300
    assert set(result["predictions"]) == {"benign", "malignant"}
    assert 0 < result["errors"] < 60
    assert (files / "p.csv").read_text().splitlines() == ["prediction", *result["predictions"]]


@pytest.fixture
def saved(files, capsys):
    assert run([*CERTIFY.split(), "--save", "c.json"]) == 0
    capsys.readouterr()
    return files


def test_another_predictor_in_the_file_is_refused(saved, capsys):
    (saved / "c.skops").write_bytes((saved / "c.skops").read_bytes() + b" ")
    for command in ("predict c.json --data labels.csv", RECHECK):
        assert run(command.split()) == 2
        assert "is not the predictor of this certificate: its SHA-256" in capsys.readouterr().err
    (saved / "c.skops").unlink()
    assert run("predict c.json --data labels.csv".split()) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert run(RECHECK.split()) == 3
    assert "stored answers only" in " ".join(capsys.readouterr().out.split())


def test_columns_are_found_by_name_and_missing_ones_are_refused(saved, capsys):
    rows = [line.split(",") for line in (saved / "labels.csv").read_text().splitlines()]
    (saved / "permuted.csv").write_text("\n".join(",".join([row[6], *row[5::-1]]) for row in rows) + "\n")
    (saved / "fewer.csv").write_text("\n".join(",".join(row[1:]) for row in rows) + "\n")
    answers = []
    for name in ("labels", "permuted"):
        assert run(f"predict c.json --data {name}.csv --json".split()) == 0
        answers.append(json.loads(capsys.readouterr().out)["predictions"])
    assert answers[0] == answers[1]
    assert run("predict c.json --data fewer.csv".split()) == 2
    assert "fewer.csv has no column 'a', which the predictor needs" in capsys.readouterr().err
    assert run("predict c.json --data labels.csv --target z".split()) == 2
    assert "no column 'z' with values" in capsys.readouterr().err
    moved = "\n".join(",".join([rows[0][k] if not i else str(1e3 * k) for k in range(6)]) for i in range(100))
    (saved / "moved.csv").write_text(moved + "\n")
    assert run("predict c.json --data moved.csv --check".split()) == 1
    assert "VIOLATED" in capsys.readouterr().out


@pytest.mark.slow
def test_copies_count_once_and_are_marked_where_they_are_allowed(files, capsys):
    """60 rows with coin-toss labels, 20 times each: what is certified stays above a half."""
    assert run("certify --data coins.csv --target y --save c.json --json".split()) == 0
    result = json.loads(capsys.readouterr().out)
    assert min(row["value"] for row in result["ledger"]) > 0.5
    assert result["sizes"]["held_out"] == 12
    assert result["copies"]["repeated"] == 1140
    assert not result["copies"]["allowed"]
    assert run("recheck c.json --data coins.csv --target y".split()) == 0
    capsys.readouterr()
    command = "certify --data coins.csv --target y --allow-copies --save c.json"
    assert run([*command.split(), "--json"]) == 0
    marked = json.loads(capsys.readouterr().out)
    assert min(row["value"] for row in marked["ledger"]) < 0.4
    assert marked["copies"]["allowed"]
    assert json.loads((files / "c.json").read_text())["certificate"]["copies"]["allowed"]
    assert run(command.split()) == 0
    assert "COPIES ALLOWED: 1140 rows repeat" in " ".join(capsys.readouterr().out.split())
    assert run("recheck c.json --data coins.csv --target y --json".split()) == 0
    assert "whether the copies that were allowed" in " ".join(json.loads(capsys.readouterr().out)["unseen"])


@pytest.mark.slow
def test_a_group_column_is_no_feature_and_is_never_split(files, capsys):
    assert run("certify --data visits.csv --target y --group patient --save c.json --json".split()) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["data"]["columns"] == 2
    assert (result["group"], result["copies"]["groups"]) == ("patient", 90)
    assert run("recheck c.json --data visits.csv --target y --group patient".split()) == 0
    capsys.readouterr()
    assert run("certify --data visits.csv --target y --group sex".split()) == 2
    assert "the group must be a column of visits.csv beside 'y', got 'sex'" in capsys.readouterr().err
    assert run("certify --data mnist:. --group a".split()) == 2


@pytest.mark.slow
def test_a_signed_certificate(files, capsys):
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    pem, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    plain = serialization.NoEncryption()
    (files / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (files / "pub.pem").write_bytes(key.public_key().public_bytes(pem, form))
    assert run([*CERTIFY.split(), "--save", "c.json", "--sign", "key.pem"]) == 0
    assert run([*RECHECK.split(), "--verify", "pub.pem"]) == 0
    assert run([*CERTIFY.split(), "--save", "c.json"]) == 0
    assert run([*RECHECK.split(), "--verify", "pub.pem"]) == 1
    assert "the file carries no signature" in capsys.readouterr().out
    assert run([*CERTIFY.split(), "--sign", "key.pem"]) == 2
    assert "--sign signs the file of --save, which is not given" in capsys.readouterr().err
    assert run([*RECHECK.split(), "--verify", "key.pem"]) == 2


@pytest.mark.slow
def test_the_same_seed_gives_the_same_certificate(files):
    for seed, name in ((4, "one"), (4, "two"), (5, "three")):
        run([*CERTIFY.split(), "--save", f"{name}.json", "--seed", str(seed), "--json"])
    one, two, three = (json.loads((files / f"{name}.json").read_text()) for name in ("one", "two", "three"))
    written = [saved["certificate"].pop(name) for saved in (one, two, three) for name in ("predictor", "reference")]
    assert all(file["name"].split(".")[0] in ("one", "two", "three") for file in written)
    assert one["certificate"] == two["certificate"] != three["certificate"]


@pytest.mark.slow
def test_tampering_and_other_data_are_violations(files, capsys):
    run([*CERTIFY.split(), "--save", "c.json", "--json"])
    capsys.readouterr()
    assert run("recheck c.json --data other.csv --target y --json".split()) == 1
    verdict = json.loads(capsys.readouterr().out)["verdicts"][0]
    assert verdict["status"] == "VIOLATED"
    assert verdict["explanation"].startswith("data.sha256 is ")
    text = (files / "c.json").read_text()
    (files / "c.json").write_text(
        re.sub(r'"value": 0\.\d+, "vacuous": false', '"value": 0.001, "vacuous": false', text, count=1)
    )
    assert run(RECHECK.split()) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "VIOLATED" in out
    assert "value is 0.001, recomputed" in out


NETWORK = "certify --data sklearn:iris --target target --steps 200 --save c.json --json --out results"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["linear --posterior", "mlp --hidden 8,8 --objective kl --prior-share 0.5"])
def test_networks_are_certified_saved_and_confirmed(files, capsys, model):
    assert run([*NETWORK.split(), "--model", *model.split()]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert sum(row["delta_spent"] for row in result["ledger"]) == pytest.approx(0.05)
    assert "literature" not in result
    assert err.splitlines()[-1] == "trained: posterior"
    assert len(list((files / "results" / "stages").iterdir())) == 6
    assert run("predict c.json --data sklearn:iris --target target --json".split()) == 0
    assert json.loads(capsys.readouterr().out)["errors"] < 75
    assert run("recheck c.json --data sklearn:iris --target target".split()) == 0
    assert "HOLDS" in capsys.readouterr().out
    text = re.sub(r'"seed": \d+', '"seed": 1', (files / "c.json").read_text())
    (files / "c.json").write_text(text)
    assert run("recheck c.json --data sklearn:iris --target target".split()) == 1


@pytest.mark.slow
def test_few_new_rows_leave_drift_undecided(files, capsys):
    assert run([*CERTIFY.split(), "--save", "c.json"]) == 0
    capsys.readouterr()
    (files / "few.csv").write_text("\n".join((files / "other.csv").read_text().split("\n")[:4]) + "\n")
    assert run("predict c.json --data few.csv --check --json".split()) == 3
    assert [verdict["status"] for verdict in json.loads(capsys.readouterr().out)["verdicts"]] == ["UNDECIDED"]
    assert run("predict c.json --data other.csv --check".split()) == 0
    assert "HOLDS" in capsys.readouterr().out


def test_a_predictor_of_the_users_own(files, capsys):
    (files / "mine_cli.py").write_text(
        "from sklearn.neighbors import KNeighborsClassifier\nfrom sklearn.linear_model import LinearRegression\n"
        "import numpy as np\n"
        "def three():\n    return KNeighborsClassifier(3)\ndef five():\n    return KNeighborsClassifier(25)\n"
        "def loaded():\n    return KNeighborsClassifier(1).fit(np.eye(6), np.arange(6))\n"
        "def line():\n    return LinearRegression()\ndef ends():\n    raise SystemExit(5)\n"
    )
    assert run([*CERTIFY.split(), "--model", "mine_cli:three", "--save", "c.json"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "test_betting" in out
    assert "fitted here on the training part alone" in out
    assert run(RECHECK.split()) == 0
    capsys.readouterr()
    assert run([*RECHECK.split(), "--model", "mine_cli:three"]) == 0
    assert run([*RECHECK.split(), "--model", "mine_cli:five"]) == 1
    assert "answers." in capsys.readouterr().out
    for name, message in (
        ("loaded", "the model is fitted already: KNeighborsClassifier; to certify a fit"),
        ("line", "LinearRegression is a regressor, and the target has classes; give a classifier"),
        ("ends", "the factory failed: SystemExit: 5"),
    ):
        assert run([*CERTIFY.split(), "--model", f"mine_cli:{name}"]) == 2
        assert message in capsys.readouterr().err


@pytest.mark.slow
def test_images_are_read_from_their_folder_and_stand_beside_the_literature_if_they_are_mnist(files, capsys):
    """Four small idx files, which are not MNIST: the test images are the test part, as given."""
    rng = np.random.default_rng(0)
    for part, rows in (("train", 200), ("t10k", 40)):
        labels = np.arange(rows, dtype=np.uint8) % 10
        images = (rng.random((rows, 28, 28)) * 60).astype(np.uint8)
        images[np.arange(rows), labels] += 120
        header = bytes([0, 0, 8, 3]) + b"".join(int(n).to_bytes(4, "big") for n in images.shape)
        (files / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        (files / f"{part}-labels-idx1-ubyte").write_bytes(
            bytes([0, 0, 8, 1]) + rows.to_bytes(4, "big") + labels.tobytes()
        )
    command = "certify --data mnist:. --model mlp --hidden 8 --steps 100 --save c.json"
    assert run([*command.split(), "--json"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert "mnist:. is not MNIST" in err
    assert result["source"] == "idx:., whose images are not those of MNIST"
    assert result["sizes"]["test"] == 40
    assert sum(result["sizes"].values()) == 240
    assert "literature" not in result
    assert run("recheck c.json --data idx:.".split()) == 0
    assert run("certify --data mnist:. --target digit".split()) == 2
    assert "the target of MNIST is 'label'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"{CERTIFY} --hidden 8", "--hidden needs --model mlp, got logistic"),
        (f"{CERTIFY} --model m:f --steps 8", "a Gaussian posterior needs --model linear, logistic, mlp, got 'm:f'"),
        (f"{CERTIFY} --posterior --model forest", "a Gaussian posterior needs --model .*, got 'forest'"),
        (f"{CERTIFY} --posterior --parts .6,.2,.2", "--parts does not go with a Gaussian posterior"),
        (f"{CERTIFY} --posterior --rows held_out", "--rows does not go with a Gaussian posterior"),
        (f"{CERTIFY} --posterior --shares 1", "--shares does not go with a Gaussian posterior"),
        (f"{CERTIFY} --posterior --stratify", "--stratify does not go with a Gaussian posterior"),
        (f"{CERTIFY} --parts 1,1,1", "each of parts must be > 0 and < 1, got 1"),
        (f"{CERTIFY} --parts .5,.5", "parts must be three shares, of training, certificate and test, got 2"),
        (f"{CERTIFY} --parts .5,.3,.3", "parts must add up to 1, got 1.1"),
        (f"{CERTIFY} --parts nan,.5,.5", "each of parts must be finite, got nan"),
        (f"{CERTIFY} --parts ,", "each of parts must be a number, got ''"),
        (f"{CERTIFY} --parts .999998,1e-6,1e-6", "part 'held_out' of 300 rows must hold at least one row"),
        (f"{CERTIFY} --shares 1", "shares need rows: name those that they are for"),
        (f"{CERTIFY} --rows held_out --shares .5,.5", "shares must be one for each of 1 rows, got 2"),
        (f"{CERTIFY} --rows held_out --shares 2", "each of shares must be > 0 and <= 1, got 2"),
        (f"{CERTIFY} --rows held_out --shares nan", "each of shares must be finite, got nan"),
        (f"{CERTIFY} --rows held_out,ramp --shares .6,.6", "shares must add up to at most 1, got 1.2"),
        (f"{CERTIFY} --rows held_out,held_out", "row 'held_out' is asked for twice"),
        (f"{CERTIFY} --rows smallest", "^fathometer: rows must be of held_out, test_betting.*, got 'smallest'"),
        (f"{CERTIFY} --saw none", "--saw belongs to a fitted model from a file"),
        (f"{CERTIFY} --model m:f --saw none", "--saw belongs to a fitted model from a file"),
        (f"{CERTIFY} --model absent.joblib", "nobody here can see which rows a model from a file was fitted on"),
        (f"{CERTIFY} --model absent.joblib --saw none", "'absent.joblib' cannot be read: FileNotFoundError"),
        (f"{CERTIFY} --model labels.joblib --saw absent.txt", "'absent.txt' cannot be read: FileNotFoundError"),
        (f"{CERTIFY} --clip 1", "--clip cuts off a loss of regression: give --loss"),
        (f"{CERTIFY} --loss absolute", "--loss absolute needs --clip, where it is cut off"),
        (f"{CERTIFY} --loss absolute --clip 0", "clip must be > 0, got 0"),
        (f"{CERTIFY} --loss absolute --clip 1", "column 'y' of labels.csv is not numeric: 'malignant' in row 1"),
        (f"{CERTIFY} --loss cubic --clip 1", "loss must be 0/1, absolute, squared or quantile, got 'cubic'"),
        (f"{CERTIFY} --loss quantile:2 --clip 1", "the quantile must be > 0 and < 1, got 2"),
        ("certify --data labels.csv --target a --loss squared --clip 1 --stratify", "only classes can be stratified"),
        (
            "certify --data labels.csv --target a --loss squared --clip 1 --model logistic",
            "predicts classes, and the t",
        ),
        (f"{CERTIFY} --card short.csv/card.md", "'short.csv' must be a folder that can be written to: it is a file"),
        (f"{CERTIFY} --card .", "'.' must be a file, and it is a folder"),
        (f"{CERTIFY} --model no_such_module:f", "module 'no_such_module' cannot be imported: ModuleNotFoundError"),
        (f"{CERTIFY} --model logistic --hidden 8", "--hidden needs --model mlp, got logistic"),
        (f"{CERTIFY} --model mlp --hidden 8,x", "hidden must be widths such as 300,100, got '8,x'"),
        (f"{CERTIFY} --model mlp --objective best", "objective must be quad, lambda, kl, got 'best'"),
        (f"{CERTIFY} --model mlp --prior-share 1", r"prior share must be >= 0.05 and <= 0.9, got 1"),
        (f"{CERTIFY} --model mlp --steps 0", "prior_steps must be >= 1, got 0"),
        (f"{CERTIFY} --model mlp --delta 2", "delta must be > 0 and < 1, got 2"),
        ("certify --data mnist:absent", "no file 'train-images-idx3-ubyte' in 'absent'"),
        ("certify --data sklearn:diabetes --target target", "214 different numbers .*: regression needs a loss"),
        (f"{CERTIFY} --sign absent.pem", "no key can be read from 'absent.pem'|signatures need cryptography"),
        (f"{CERTIFY} --model mlp --steps 1000000000000", "prior_steps must be at most 100000000, got 1e"),
        ("certify --data labels.csv --target a", "the target holds 265 different numbers in 300 rows, such as 6.981"),
        ("certify", "certify needs --data and --target"),
        ("certify --data labels.csv", "certify needs --data and --target"),
        ("certify --data labels.csv --target z", "no column 'z'"),
        (
            "certify --data labels.csv --target y --model tree",
            "model must be auto, linear, logistic, boosting, mlp, forest, module:factory or a file, got 'tree'",
        ),
        ("certify --data labels.csv --target y --delta 0", "delta must be > 0 and < 1, got 0"),
        ("certify --data labels.csv --target y --delta nan", "delta must be finite and > 0 and < 1, got nan"),
        ("certify --data short.csv --target y", "at least 60 rows"),
        ("certify --data hole.csv --target y", "no label .* in row 2"),
        ("predict absent.json --data labels.csv", "no file 'absent.json'"),
        ("predict torn.json --data labels.csv", "torn.json is not a JSON file"),
        ("recheck absent.json --data labels.csv --target y", "no file 'absent.json'"),
        ("recheck torn.json --data labels.csv --target y", "torn.json is not a JSON file"),
        ("recheck labels.csv --data labels.csv --target y", "labels.csv is not a JSON file"),
    ],
)
def test_bad_input_is_one_line_and_code_2(files, capsys, command, message):
    before = sorted(files.iterdir())
    save = ["--save", "c.json"] if command.startswith("certify") else []
    place = "p.csv" if command.startswith("predict") else "results"
    assert run([*command.split(), *save, "--json", "--out", place]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fathometer: ")
    assert err.count("\n") == 1
    assert re.search(message, err), err
    assert sorted(files.iterdir()) == before


@pytest.mark.slow
def test_coverage_counts_failures(files, capsys):
    command = "certify coverage --bounds test_binomial,occam --draws 2000"
    assert run([*command.split(), "--json", "--out", "results"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [row["bound"] for row in result["experiments"]] == ["test_binomial", "test_binomial", "occam"]
    assert [row["control"] for row in result["experiments"]] == [False, True, False]
    assert {verdict["status"] for verdict in result["verdicts"]} == {"HOLDS"}
    assert json.loads((files / "results" / "certify-coverage.json").read_text()) == result
    assert run(command.split()) == 0
    assert "control: best of 50 coins" in " ".join(capsys.readouterr().out.split())
    assert run("certify coverage --bounds nothing".split()) == 2
    assert "no bound is called 'nothing'" in capsys.readouterr().err
    assert run("certify coverage --draws 5".split()) == 2


@pytest.mark.slow
def test_the_bridge_is_drawn_with_its_numbers(files, capsys):
    command = "certify bridge --quick --repetitions 3 --format png --out pictures --json"
    assert run(command.split()) == 0
    result = json.loads(capsys.readouterr().out)
    rows = {row["quantity"]: (row["expected"], row["measured"]) for row in result["rows"]}
    known = [pair for pair in rows.values() if re.fullmatch(r"[-\d.e ]+", pair[0])]
    assert len(known) == 17
    for expected, measured in known:
        np.testing.assert_allclose(
            [float(word) for word in measured.split()], [float(word) for word in expected.split()], atol=6e-4
        )
    assert sum("smallest bound" in row["quantity"] for row in result["rows"]) == 15
    statuses = {verdict["theorem"]: verdict["status"] for verdict in result["verdicts"]}
    assert statuses == {"w1_route_a": "VACUOUS", "smooth_gauss": "HOLDS", "rademacher_linear": "HOLDS"}
    with np.load(files / "pictures" / "bridge.npz") as data:
        assert np.all(data["supremum_mean"] < data["gap_rademacher_linear"])
    assert (files / "pictures" / "bridge.png").stat().st_size > 20_000
    assert run("certify bridge --format gif".split()) == 2
    assert "format must be one of svg, png, pdf, got 'gif'" in capsys.readouterr().err
