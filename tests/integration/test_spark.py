"""`tercet score --engine spark`, on this machine: the files of the local engine, byte by byte."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from models.files.store_url import store_url
from models.ingest import wall_clock
from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from service.batch.spark.spark_session import SparkUnavailableError, spark_session
from service.store.database.engine import open_store
from service.store.logs.consent_log import record_consent
from tests.builders.decision_policy import write_policy
from tests.builders.small_workspace import FIRST_BUYER
from tests.builders.wall_clock import standing_clock
from tests.integration.test_batch import assert_same_files, contact_everyone, half_of, manifest_of

NEEDS_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17 or 21, and there is no java")


SETTINGS = """
    --master local[2] --conf spark.ui.enabled=false --conf spark.sql.adaptive.enabled=false
    --driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" pyspark-shell"""
"""Java compiles little here: of so short a life most would be spent on that."""


@pytest.fixture(scope="module")
def spark() -> Iterator[None]:
    """One session for all tests, since it takes seconds to start."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYSPARK_SUBMIT_ARGS", " ".join(SETTINGS.split()))
        patched.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        with spark_session():
            yield


def scored_by(engine: Literal["local", "spark"], shop: Path, out: Path, *, resume: bool = False) -> Path:
    """Score the shop in three blocks, as if for the first time."""
    shutil.rmtree(shop / "segments", ignore_errors=True)
    score_everyone(BatchOptions(shop, out, resume=resume, block=50, processes=1, engine=engine))
    return out


def refuse(shop: Path, customer: str) -> None:
    """Someone refuses to be profiled."""
    store = open_store(store_url(shop))
    record_consent(store, customer, {"profiling": False}, wall_clock(), "call", wall_clock())
    store.dispose()


@NEEDS_JAVA
@pytest.mark.usefixtures("spark")
def test_spark_and_this_machine_write_the_same_files(shop: Path, tmp_path: Path) -> None:
    write_policy(shop)
    refuse(shop, "C-077")
    contact_everyone(shop, scored_by("local", shop, tmp_path / "before"))
    with standing_clock(wall_clock() + 3 * 86_400_000_000):
        local = scored_by("local", shop, tmp_path / "local")
        spark = scored_by("spark", shop, tmp_path / "spark")
    assert len(manifest_of(spark)["parts"]) == 3
    assert_same_files(spark, local)
    assert {path.name for path in spark.iterdir()} == {"scores", "manifest.json", "segments.json"}


@NEEDS_JAVA
@pytest.mark.usefixtures("spark")
def test_spark_goes_on_with_a_run_that_was_interrupted_and_leaves_out_who_has_refused_since(
    shop: Path, tmp_path: Path
) -> None:
    half = half_of(scored_by("local", shop, tmp_path / "whole"))
    shutil.copytree(half, tmp_path / "spark")
    refuse(shop, FIRST_BUYER)
    local = scored_by("local", shop, half, resume=True)
    spark = scored_by("spark", shop, tmp_path / "spark", resume=True)
    assert_same_files(spark, local)
    assert manifest_of(spark)["statuses"]["not_scored"] == manifest_of(tmp_path / "whole")["statuses"]["not_scored"] + 1


def test_without_pyspark_it_is_said_how_to_get_it(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SparkUnavailableError, match="not installed") as told:
        scored_by("spark", shop, tmp_path / "out")
    assert told.value.fix == "pip install 'tercet[spark]'"
    assert not (tmp_path / "out").exists()
