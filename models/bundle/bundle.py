"""A bundle: everything that serving needs, in one immutable folder named by the digest of its content.

    manifest.json                   format, versions, workspace, SHA-256 of every file, one line a score
    scores/<score>/score.json       declared features, vocabularies, calibration, quantiles, profile, grade, figures
    scores/<score>/model.txt        the booster, as LightGBM's text (absent for a baseline)
    golden.json                     made-up rows with their scores

No pickle, no customer rows. The digest is the manifest's SHA-256.
"""

import hashlib
import importlib.metadata
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.bundle.golden_rows import golden_rows
from models.errors import BundleError
from models.features.language.specification import specification_hash
from models.score.score_model import ScoreModel
from models.score.score_model_json import from_json, plain, to_json
from models.tree_shap.booster_text import check_booster_text
from models.tree_shap.stored_booster import StoredBooster

FORMAT = 2
RETRAIN = "train again, or promote another version"


@dataclass(frozen=True)
class Bundle:
    """Read-only: where it lies, its digest (64 hex digits), its manifest and its models by score."""

    directory: Path
    digest: str
    manifest: Mapping[str, Any]
    models: Mapping[str, ScoreModel]

    @property
    def cut_off(self) -> int:
        """The newest data cut-off of its models, microseconds."""
        return max(model.cut_off for model in self.models.values())


def write_bundle(parent: Path, models: Sequence[ScoreModel], *, workspace: str) -> Bundle:
    """Write the models as `parent/<first 16 digits of the digest>` and read them back; whole or not at all."""
    parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=parent))
    try:
        for model in models:
            folder = draft / "scores" / model.score
            folder.mkdir(parents=True)
            write_json(folder / "score.json", to_json(model))
            if model.booster is not None:
                (folder / "model.txt").write_text(model.booster.model_to_string(), encoding="utf-8")
        write_json(draft / "golden.json", {model.score: plain(golden_rows(model)) for model in models})
        names = sorted(p.relative_to(draft).as_posix() for p in draft.rglob("*") if p.is_file())
        manifest = {
            "format": FORMAT,
            "tercet": importlib.metadata.version("tercet"),
            "lightgbm": importlib.metadata.version("lightgbm"),
            "workspace": workspace,
            "scores": {model.score: summary(model) for model in models},
            "files": {name: hashlib.sha256((draft / name).read_bytes()).hexdigest() for name in names},
        }
        write_json(draft / "manifest.json", manifest)
        digest = hashlib.sha256((draft / "manifest.json").read_bytes()).hexdigest()
        place = parent / digest[:16]
        if place.exists():  # the same content is already here, or a damaged copy of it is
            shutil.rmtree(place)
        draft.chmod(0o755)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return read_bundle(place)


def summary(model: ScoreModel) -> dict[str, Any]:
    """What the manifest says of a score: the run that trained it, its cut-off, its grade, the hash of its features."""
    features = specification_hash(model.declarations)
    return {"run_id": model.run_id, "cut_off": model.cut_off, "grade": model.grade, "features": features}


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Sorted, so that equal content has equal bytes; on disk before it counts."""
    with path.open("w", encoding="utf-8") as file:
        json.dump(document, file, sort_keys=True, indent=1, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())


def read_bundle(directory: Path) -> Bundle:
    """Check hashes and structure, then load. BundleError says what is damaged; LightGBM never sees a damaged file.

    For a bundle from elsewhere use `models.bundle.bundle_verification.verify_bundle`, which loads it in a child process
    first.
    """
    digest, manifest = read_manifest(directory)
    return Bundle(directory, digest, manifest, {score: read_score(directory, score) for score in manifest["scores"]})


def read_manifest(directory: Path) -> tuple[str, dict[str, Any]]:
    """The digest and the manifest, once every file has been found to have the hash that it promises."""
    path = directory / "manifest.json"
    try:
        content = path.read_bytes()
        manifest: dict[str, Any] = json.loads(content)
        promised = dict(manifest["files"])
        known_format = manifest["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError("the bundle has no readable manifest", where=str(path), fix=RETRAIN) from error
    if not known_format:
        raise BundleError(
            f"the bundle's format is {manifest['format']}, this version reads {FORMAT}", where=str(path), fix=RETRAIN
        )
    there = {p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file()} - {"manifest.json"}
    if there != set(promised):
        odd = sorted(there ^ set(promised))
        raise BundleError(f"files are missing or unknown: {', '.join(odd)}", where=str(directory), fix=RETRAIN)
    for score in manifest["scores"]:
        if f"scores/{score}/score.json" not in promised:
            raise BundleError(f"the score {score} has no description", where=str(directory), fix=RETRAIN)
    for name, promise in promised.items():
        if hashlib.sha256((directory / name).read_bytes()).hexdigest() != promise:
            raise BundleError(
                "the file is damaged: its SHA-256 is not the manifest's", where=str(directory / name), fix=RETRAIN
            )
    return hashlib.sha256(content).hexdigest(), manifest


def read_score(directory: Path, score: str) -> ScoreModel:
    """One score's model, its booster checked."""
    folder = directory / "scores" / score
    where = str(folder / "score.json")
    try:
        document = json.loads((folder / "score.json").read_text(encoding="utf-8"))
        boosted, width = document["model"] == "boosted", len(document["declarations"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError("the score's description cannot be read", where=where, fix=RETRAIN) from error
    if not boosted:
        return from_json(document, None, where)
    try:
        text = (folder / "model.txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(
            "the score has no readable model file", where=str(folder / "model.txt"), fix=RETRAIN
        ) from error
    check_booster_text(text, width, str(folder / "model.txt"))
    return from_json(document, StoredBooster(text), where)
