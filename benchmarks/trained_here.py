"""Trains workspaces and tells what was chosen and everyone's scores: `other_machines` runs it as other machines.

python -m benchmarks.trained_here OUT.json WORKSPACE...
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from models.ingest import read_history
from models.workspace import load_workspace
from training.trained_score import TrainedScore
from training.training_run import train_scores


def told(score: TrainedScore) -> dict[str, Any]:
    """The shape of a score, its grade, a digest of its trees, and the scores of everyone at the cut-off."""
    model = score.model
    trees = model.booster.model_to_string() if model.booster is not None else ""
    scores = model.scores(score.sample) if score.sample is not None else np.array(model.reference.values)
    return {
        "choices": {
            "model": model.model,
            "features": model.features,
            "second voice": score.parameters.get("second_voice", "none"),
            "windows": score.snapshots,
            "interval groups": len(model.interval.low) if model.interval is not None else 0,
            "findings": sorted({finding.code for finding in score.findings}),
        },
        "grade": model.grade,
        "trees": hashlib.sha256(trees.encode()).hexdigest(),
        "scores": scores.tolist(),
    }


def trained(folder: Path) -> dict[str, Any]:
    """What is told of each score of a workspace; of one that could not be trained, why."""
    workspace = load_workspace(folder)
    ingested = read_history(workspace)
    run = train_scores(workspace, ingested.history, ingested.as_of)
    missing = {
        finding.subject: {"choices": finding.code, "grade": "", "trees": "", "scores": []} for finding in run.missing
    }
    return {score.model.score: told(score) for score in run.scores} | missing


def kernel() -> str:
    """The kernels that OpenBLAS runs on."""
    found = {str(one["architecture"]) for one in threadpool_info() if one.get("internal_api") == "openblas"}
    return ", ".join(sorted(found))


def main() -> None:
    """Train each workspace; write what is told, by the workspace's name."""
    out, *folders = map(Path, sys.argv[1:])
    shops = {folder.name: trained(folder) for folder in folders}
    out.write_text(json.dumps({"kernel": kernel(), "shops": shops}), encoding="utf-8")


if __name__ == "__main__":
    main()
