"""Writes a LightGBM model file as an MLflow model; it runs in the environment of `mlflow.txt`.

python saved_for_mlflow.py MODEL.txt FOLDER
"""

import sys

import lightgbm
import mlflow.lightgbm

if __name__ == "__main__":
    mlflow.lightgbm.save_model(lightgbm.Booster(model_file=sys.argv[1]), sys.argv[2])
