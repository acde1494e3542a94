"""Run by woodelf's own environment: explains the rows of a file, again for every line that it is sent.

    python explained_by_woodelf.py MODEL.txt ROWS.npy

A line is how many of the rows to explain; it answers with the mean size of their contributions. The explainer is made
once; woodelf then prepares the trees anew in every call, whatever the number of rows.
"""

import sys

import lightgbm
import numpy
import pandas
from woodelf.explainer import WoodelfExplainer

booster = lightgbm.Booster(model_file=sys.argv[1])
rows = pandas.DataFrame(numpy.load(sys.argv[2]), columns=booster.feature_name())
explainer = WoodelfExplainer(booster, feature_perturbation="tree_path_dependent")
for line in sys.stdin:
    contributions = explainer.shap_values(rows[: int(line)], verbose=False)
    print(float(numpy.abs(contributions).mean()), flush=True)
