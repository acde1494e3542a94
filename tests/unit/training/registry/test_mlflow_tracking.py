import json

from models.ingest import SourceDigest


def test_a_password_in_a_sources_url_does_not_reach_mlflow() -> None:
    from training.registry.mlflow_tracking import dataset_input

    source = SourceDigest("orders", 'postgresql://reader:s3"cret@db.example/shop', "ab" * 32, 12)
    recorded = dataset_input(source).dataset
    assert "cret" not in recorded.source
    assert json.loads(recorded.source)["source"] == "postgresql://reader:***@db.example/shop"
    assert (recorded.name, recorded.digest) == ("orders", ("ab" * 32)[:36])
