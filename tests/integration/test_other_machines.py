"""Two small shops, trained as on two machines: other kernels of linear algebra, other threads, other order of rows.

`python -m benchmarks other_machines` does the same for fifty shops and eight machines.
"""

from pathlib import Path

import pytest

from benchmarks.other_machines import Machine, agreement, trained_on

MACHINES = (Machine("Haswell", 1, shuffled=False), Machine("Prescott", 2, shuffled=True))
"""Kernels that every x86 processor with AVX2 can run; others pass over the names and train the same twice."""


def test_another_machine_trains_the_same_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    first, other = trained_on(MACHINES, (1, 11), tmp_path)
    found = agreement(first, other)
    assert found.differing == ()
    assert found.scores == found.choices == found.grades == 6
    assert found.customers > 700
    assert found.same == found.customers
