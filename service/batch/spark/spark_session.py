"""Spark session from Spark's own configuration; local where it names no master."""

import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.compute.cores import cores
from models.errors import TercetError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JVM_OPTIONS, JVM_CORES = "SPARK_SUBMIT_OPTS", "-XX:ActiveProcessorCount"
"""The variable by which Spark's launcher takes options for Java, and the option that says how many cores there are."""
OF_PANDAS = "PySpark does not yet fully support pandas"
"""PySpark 4.3 warns so of pandas 3, of which nothing here goes through it."""


class SparkUnavailableError(TercetError):
    """Spark is requested but not installed."""


def check_installed() -> None:
    """Raise SparkUnavailableError unless PySpark is installed."""
    if importlib.util.find_spec("pyspark") is None:
        raise SparkUnavailableError("PySpark is not installed", fix="pip install 'tercet[spark]'")


@contextmanager
def spark_session() -> Iterator["SparkSession"]:
    """The session that is running, or one of its own, which ends with the block.

    The master is what `spark-submit`, `spark-defaults.conf` or SPARK_REMOTE says; without any of them this machine, as
    many tasks at once as this process may use cores. Executors run this Python unless PYSPARK_PYTHON names another.
    Raises SparkUnavailableError if it does not start.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=OF_PANDAS, category=FutureWarning)
        from pyspark.errors import PySparkException  # noqa: PLC0415  (an extra, which most do without)
        from pyspark.sql import SparkSession  # noqa: PLC0415  (the same extra)

        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        tell_cores()
        running = SparkSession.getActiveSession()
        try:
            session = running or SparkSession.builder.appName("tercet score").getOrCreate()
        except PySparkException as error:
            fix = "install Java 17 or 21 and see what Spark wrote above"
            raise SparkUnavailableError("Spark does not start", fix=fix) from error
        session.conf.set("spark.sql.session.timeZone", "UTC")
        try:
            yield session
        finally:
            if running is None:
                session.stop()


def tell_cores() -> None:
    """Have the Java that is to be started take as many cores as this process may: `local[*]` is that many threads."""
    options = os.environ.get(JVM_OPTIONS, "")
    if JVM_CORES not in options:
        os.environ[JVM_OPTIONS] = f"{options} {JVM_CORES}={cores()}".strip()
