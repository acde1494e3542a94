"""What a score means: features, targets, explanations, segments. Knows neither mlflow nor bentoml nor HTTP."""
