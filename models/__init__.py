"""What a score means: features, targets, explanations, segments; it knows neither mlflow nor bentoml nor HTTP."""
