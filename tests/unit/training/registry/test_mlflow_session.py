import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from training.registry.mlflow_session import PATHS, rehome


def database(path: Path, places: Sequence[str]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table experiments (name text, artifact_location text)")
        for table, column in PATHS:
            if table != "experiments":
                connection.execute(f"create table if not exists {table} (id integer)")
                connection.execute(f"alter table {table} add column {column} text")
        connection.execute("insert into experiments values ('tercet/shop', 'file:///old/ws/mlruns'), ('Default', '/x')")
        for place in places:
            connection.execute("insert into runs (artifact_uri) values (?)", (place,))


def places(path: Path, table: str, column: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(f"select {column} from {table}")]


def test_paths_below_the_old_place_follow_and_others_stay(tmp_path: Path) -> None:
    file, new = tmp_path / "mlflow.db", tmp_path / "mlruns"
    database(file, ["file:///old/ws/mlruns/ab/artifacts", "file:///old/ws/mlruns2/ab", "s3://bucket/ab"])
    rehome(file, "tercet/shop", new)
    assert places(file, "experiments", "artifact_location") == [new.as_uri(), "/x"]
    expected = [new.as_uri() + "/ab/artifacts", "file:///old/ws/mlruns2/ab", "s3://bucket/ab"]
    assert places(file, "runs", "artifact_uri") == expected


def test_what_has_not_moved_or_is_not_there_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    rehome(file, "tercet/shop", tmp_path / "mlruns")
    assert not file.exists()
    database(file, ["file:///old/ws/mlruns/ab"])
    rehome(file, "tercet/other", tmp_path / "mlruns")
    assert places(file, "runs", "artifact_uri") == ["file:///old/ws/mlruns/ab"]
