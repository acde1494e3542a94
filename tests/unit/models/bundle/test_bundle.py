"""Bundles: what is written is read back, and what is damaged is refused before LightGBM sees it."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from models.bundle.bundle import Bundle, read_bundle, write_bundle
from models.bundle.bundle_verification import verify_bundle
from models.errors import BundleError
from models.features.language.specification import specification_hash
from models.tree_shap.booster_text import check_booster_text
from tests.builders.tiny_models import tiny_churn, tiny_clv_baseline, tiny_matrix


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    parent = tmp_path_factory.mktemp("bundles")
    return write_bundle(parent, [tiny_churn(), tiny_clv_baseline()], workspace="shop")


@pytest.fixture
def copy(bundle: Bundle, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle.directory, tmp_path / "bundle"))


def forge(directory: Path, name: str, content: str) -> None:
    """Write a file and its hash, as someone would who can write the manifest too."""
    import hashlib

    (directory / name).write_text(content)
    manifest = json.loads((directory / "manifest.json").read_text())
    manifest["files"][name] = hashlib.sha256(content.encode()).hexdigest()
    (directory / "manifest.json").write_text(json.dumps(manifest))


def test_a_bundle_gives_back_every_field_and_the_same_scores(bundle: Bundle) -> None:
    for written in (tiny_churn(), tiny_clv_baseline()):
        read = read_bundle(bundle.directory).models[written.score]
        for field in fields(written):
            if field.name not in {"booster", "metrics"}:
                assert getattr(read, field.name) == getattr(written, field.name), field.name
        assert set(read.metrics) == set(written.metrics)
    X = tiny_matrix(seed=5)
    np.testing.assert_array_equal(bundle.models["churn"].scores(X), tiny_churn().scores(X))
    np.testing.assert_array_equal(bundle.models["churn"].contributions(X), tiny_churn().contributions(X))


def test_equal_content_has_an_equal_digest(bundle: Bundle, tmp_path: Path) -> None:
    again = write_bundle(tmp_path, [tiny_churn(), tiny_clv_baseline()], workspace="shop")
    assert again.digest == bundle.digest
    assert again.directory.name == bundle.digest[:16]


def test_the_manifest_tells_the_run_cut_off_grade_and_features_of_every_score(bundle: Bundle) -> None:
    churn = tiny_churn()
    told = {
        "run_id": "run-1",
        "cut_off": churn.cut_off,
        "grade": "A",
        "features": specification_hash(churn.declarations),
    }
    assert bundle.manifest["scores"]["churn"] == told


def test_nothing_but_the_bundle_is_left_behind(bundle: Bundle) -> None:
    assert [path.name for path in bundle.directory.parent.iterdir()] == [bundle.digest[:16]]


@pytest.mark.slow
def test_a_sound_bundle_is_verified(bundle: Bundle) -> None:
    assert verify_bundle(bundle.directory).digest == bundle.digest


@pytest.mark.parametrize("name", ["scores/churn/model.txt", "scores/churn/score.json", "golden.json"])
def test_a_truncated_file_is_refused_by_its_hash(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(BundleError, match="SHA-256"):
        read_bundle(copy)


def test_a_missing_and_an_unknown_file_are_named(copy: Path) -> None:
    (copy / "golden.json").unlink()
    (copy / "extra.pkl").write_text("")
    with pytest.raises(BundleError, match=r"extra\.pkl, golden\.json"):
        read_bundle(copy)


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"format": 99, "files": {}}'])
def test_an_unreadable_manifest_is_refused(copy: Path, content: str) -> None:
    (copy / "manifest.json").write_text(content)
    with pytest.raises(BundleError):
        read_bundle(copy)


def test_a_score_outside_the_bundle_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["scores"]["../../elsewhere"] = {}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="no description"):
        read_bundle(copy)


DAMAGE: dict[str, Callable[[str], str]] = {
    "a child that does not exist": lambda text: swap_first_number(text, "left_child=", "77"),
    "a cycle": lambda text: swap_first_number(text, "left_child=", "0"),
    "a feature that does not exist": lambda text: swap_first_number(text, "split_feature=", "9"),
    "one split too many": lambda text: text.replace("threshold=", "threshold=1 ", 1),
    "a missing leaf": lambda text: text.replace("num_leaves=6", "num_leaves=7", 1),
    "no last tree": lambda text: text[: text.index("Tree=5")],
    "a word for a number": lambda text: swap_first_number(text, "right_child=", "x"),
    "a tree of another length": lambda text: swap_first_number(text, "tree_sizes=", "7"),
    "another number of features": lambda text: text.replace("max_feature_idx=2", "max_feature_idx=3", 1),
    "several margins a row": lambda text: text.replace("num_tree_per_iteration=1", "num_tree_per_iteration=3", 1),
    "a count too few": lambda text: swap_first_number(text, "internal_count=", ""),
    "a leaf without a count": lambda text: text.replace("leaf_count=", "leaf_count=-", 1),
    "a split without rows": lambda text: swap_first_number(text, "internal_count=", "0"),
    "a threshold that is no number": lambda text: swap_first_number(text, "threshold=", "nan"),
    "a leaf that is not finite": lambda text: swap_first_number(text, "leaf_value=", "nan"),
    "digits of another script": lambda text: swap_first_number(text, "leaf_value=", "\u0663"),
    "a number with a grouping sign": lambda text: swap_first_number(text, "leaf_value=", "1_0"),
    "a missing field": lambda text: text.replace("decision_type=", "decision_tape=", 1),
    "no trees": lambda text: text[: text.index("Tree=0")],
}


def swap_first_number(text: str, key: str, number: str) -> str:
    """Put another first number behind the first `key`."""
    start = text.index(key) + len(key)
    end = min(i for i in (text.find(" ", start), text.find("\n", start)) if i > 0)
    return text[:start] + number + text[end:]


def resized(text: str) -> str:
    """The text with the lengths of its trees as they are now."""
    trees = re.split(r"^(?=Tree=)", text.partition("end of trees")[0], flags=re.MULTILINE)[1:]
    sizes = " ".join(str(len(tree)) for tree in trees)
    return re.sub(r"tree_sizes=.*", f"tree_sizes={sizes}", text)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_model_file_is_refused_before_it_is_loaded(bundle: Bundle, damage: str) -> None:
    text = (bundle.directory / "scores/churn/model.txt").read_text()
    check_booster_text(text, 3, "model.txt")
    with pytest.raises(BundleError, match="damaged"):
        check_booster_text(DAMAGE[damage](text), 3, "model.txt")


@pytest.mark.slow
def test_a_forged_leaf_is_caught_by_the_golden_rows(copy: Path) -> None:
    text = (copy / "scores/churn/model.txt").read_text()
    leaf = text[text.index("leaf_value=") :].split("=", 1)[1].split(" ", 1)[0]
    other = leaf.translate(str.maketrans("0123456789", "9876543210"))  # as long, since LightGBM cuts by length
    forge(copy, "scores/churn/model.txt", text.replace(leaf, other, 1))
    with pytest.raises(BundleError, match="golden rows"):
        verify_bundle(copy)


@pytest.mark.slow
def test_a_model_that_kills_its_process_leaves_this_one_alive(copy: Path) -> None:
    # linear trees are LightGBM's own to predict, and it reads whatever lies where their leaves point
    text = (copy / "scores/churn/model.txt").read_text()
    leaves = int(text.split("num_leaves=", 1)[1].split("\n", 1)[0])
    linear = {"leaf_const": "0", "num_features": "1", "leaf_features": "999999999 ", "leaf_coeff": "1 "}
    lines = "".join(f"\n{name}={' '.join([value] * leaves)}" for name, value in linear.items())
    forge(copy, "scores/churn/model.txt", resized(text.replace("is_linear=0", f"is_linear=1{lines}", 1)))
    with pytest.raises(BundleError, match="failed its verification: it ended with status -"):
        verify_bundle(copy)


def test_golden_rows_are_made_up_and_reproduced(bundle: Bundle) -> None:
    golden = json.loads((bundle.directory / "golden.json").read_text())
    rows = np.array([[np.nan if v is None else v for v in row] for row in golden["churn"]["rows"]])
    np.testing.assert_allclose(bundle.models["churn"].scores(rows), golden["churn"]["scores"], rtol=1e-12)


def test_a_registered_model_of_0_1_is_refused_with_a_sentence_where_it_cannot_bring_its_own_modules() -> None:
    with pytest.raises(ImportError, match=r"made by Tercet 0\.1.*or train again"):
        exec("from models.bundle import Bundle, read_bundle")
