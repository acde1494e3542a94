"""The peers that are asked over HTTP, each started as its documentation says, with its defaults."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers.environment import FOLDER, peer_environment
from benchmarks.peers.plain_model import FEATURES, Row, plain_model, write_rows
from benchmarks.peers.served import served
from benchmarks.wrk import Asked
from tests.builders.running_service import free_port

HELLO, MLFLOW, MLFLOW_NAMED, MLSERVER = "BentoML hello", "mlflow serve", "mlflow serve, named columns", "MLServer"


@contextmanager
def bentoml_hello(folder: Path) -> Iterator[dict[str, Asked]]:
    """`bentoml serve` of a service that greets: no model, no look-up."""
    own, port = fresh(folder / "bentoml"), free_port()
    shutil.copy(FOLDER / "hello_service.py", own)
    bodies = own / "bodies"
    bodies.write_text("".join(f'{{"name":"C{number}"}}\n' for number in range(1000)), encoding="utf-8")
    command = [peer_environment("bentoml", folder) / "bentoml", "serve", "hello_service:Hello", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with served(command, own, f"{address}/readyz", {"BENTOML_DO_NOT_TRACK": "True"}):
        yield {HELLO: Asked(f"{address}/hello", bodies, ["Hello, C"])}


@contextmanager
def mlflow_serve(folder: Path) -> Iterator[dict[str, Asked]]:
    """`mlflow models serve` of the plain model, asked in two ways: by arrays alone, and with the columns' names."""
    own, port, bin_ = fresh(folder / "mlflow"), free_port(), peer_environment("mlflow", folder)
    save = [bin_ / "python", FOLDER / "saved_for_mlflow.py", plain_model(folder), own / "model"]
    subprocess.run([str(word) for word in save], check=True, capture_output=True)
    names = [f"Column_{place}" for place in range(FEATURES)]

    def named(row: Row) -> object:
        return {"dataframe_split": {"columns": names, "data": [row]}}

    arrays = write_rows(own / "arrays", lambda row: {"inputs": [row]})
    frames = write_rows(own / "frames", named)
    command = [bin_ / "mlflow", "models", "serve", "-m", "model", "--env-manager", "local", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with served(command, own, f"{address}/ping"):
        texts = ['{"predictions": [']
        url = f"{address}/invocations"
        yield {MLFLOW: Asked(url, arrays, texts), MLFLOW_NAMED: Asked(url, frames, texts)}


@contextmanager
def mlserver(folder: Path) -> Iterator[dict[str, Asked]]:
    """`mlserver start` of the plain model with its LightGBM runtime."""
    own = fresh(folder / "mlserver")
    shutil.copy(plain_model(folder), own)
    settings = {
        "name": "plain",
        "implementation": "mlserver_lightgbm.LightGBMModel",
        "parameters": {"uri": "./model.txt"},
    }
    (own / "model-settings.json").write_text(json.dumps(settings), encoding="utf-8")

    def infer(row: Row) -> object:
        return {"inputs": [{"name": "rows", "shape": [1, FEATURES], "datatype": "FP64", "data": row}]}

    ports = {f"MLSERVER_{kind}_PORT": str(free_port()) for kind in ("HTTP", "GRPC", "METRICS")}
    address = f"http://127.0.0.1:{ports['MLSERVER_HTTP_PORT']}/v2/models/plain"
    command = [peer_environment("mlserver", folder) / "mlserver", "start", "."]
    with served(command, own, f"{address}/ready", ports):
        bodies = write_rows(own / "bodies", infer)
        yield {MLSERVER: Asked(f"{address}/infer", bodies, ['"model_name":"plain"', '"data":['])}


def fresh(folder: Path) -> Path:
    """An empty folder in this place."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
