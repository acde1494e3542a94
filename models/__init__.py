"""The scoring library: features, targets, score models, segments and decisions, without mlflow, bentoml or HTTP."""
