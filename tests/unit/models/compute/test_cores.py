"""How many cores a process may use, from what the system says in the forms that containers leave of it."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.compute.cores import cores, limit_threads, thread_limits, threads_for_arrays
from models.errors import SettingsError

V2 = "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"
V1 = "33 31 0:29 {} /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:11 - cgroup cgroup rw,cpu,cpuacct"
OTHERS = "34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n22 1 8:1 / / rw - ext4 /dev/sda1 rw"
MIXED = f"{V1.format('/')}\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n{OTHERS}"
V1_GROUPS = "12:memory:{0}\n5:cpu,cpuacct:{0}\n1:name=systemd:{0}\n0::/"
V1_FOLDER = "cpu,cpuacct"


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of 16 cores, which nothing has been said about."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    for name in ("TERCET_CORES", *thread_limits(1)):
        monkeypatch.delenv(name, raising=False)


def system(root: Path, groups: str, mounts: str, files: Mapping[str, str]) -> Path:
    """What lies in /proc and /sys; files: by their path in /sys/fs/cgroup."""
    told = {"proc/self/cgroup": groups, "proc/self/mountinfo": mounts}
    for name, text in (told | {f"sys/fs/cgroup/{path}": text for path, text in files.items()}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    return root


def v1(folder: str, quota: int, period: int = 100_000) -> dict[str, str]:
    path = f"{V1_FOLDER}/{folder}".rstrip("/")
    return {f"{path}/cpu.cfs_quota_us": str(quota), f"{path}/cpu.cfs_period_us": str(period)}


@pytest.mark.parametrize(
    ("quota", "found"),
    [
        ("50000 100000", 1),
        ("100000 100000", 1),
        ("100001 100000", 2),
        ("250000 100000", 3),
        ("1000 1000000", 1),
        ("3200000 100000", 16),
        ("max 100000", 16),
        ("", 16),
        ("much 100000", 16),
        ("50000 0", 16),
    ],
)
def test_a_quota_of_version_2_is_rounded_up(tmp_path: Path, quota: str, found: int) -> None:
    assert cores({}, system(tmp_path, "0::/", f"{V2}\n{OTHERS}", {"cpu.max": quota})) == found


def test_the_smallest_quota_of_the_group_and_of_those_around_it_counts(tmp_path: Path) -> None:
    files = {"a/cpu.max": "300000 100000", "a/b/cpu.max": "max 100000", "a/b/c/cpu.max": "700000 100000"}
    files |= {"another/cpu.max": "10000 100000", "a/b/c/below/cpu.max": "10000 100000"}
    assert cores({}, system(tmp_path, "0::/a/b/c", V2, files)) == 3
    files["a/b/c/cpu.max"] = "150000 100000"
    assert cores({}, system(tmp_path, "0::/a/b/c", V2, files)) == 2


@pytest.mark.parametrize("group", ["/docker/1f", "/../elsewhere"])
def test_a_container_that_sees_its_group_as_the_top_is_limited_by_it(tmp_path: Path, group: str) -> None:
    """The path is the host's, or leads out of what the container sees; what is mounted is the container's own group."""
    mounts = V2.replace("0:30 / ", f"0:30 {group} ")
    assert cores({}, system(tmp_path / "same", f"0::{group}", mounts, {"cpu.max": "200000 100000"})) == 2
    assert cores({}, system(tmp_path / "other", f"0::{group}", V2, {"cpu.max": "200000 100000"})) == 2


@pytest.mark.parametrize(("quota", "found"), [(50_000, 1), (250_000, 3), (-1, 16), (0, 16)])
def test_a_quota_of_version_1_counts(tmp_path: Path, quota: int, found: int) -> None:
    groups = V1_GROUPS.format("/docker/1f")
    on_host = v1("", -1) | v1("docker", -1) | v1("docker/1f", quota)
    assert cores({}, system(tmp_path / "host", groups, MIXED, on_host)) == found
    in_container = f"{V1.format('/docker/1f')}\n{OTHERS}"
    assert cores({}, system(tmp_path / "container", groups, in_container, v1("", quota))) == found
    of_others = v1("", -1) | v1("docker", 400_000) | v1("docker/1f", quota) | v1("docker/2a", 10_000)
    assert cores({}, system(tmp_path / "in-one", groups, MIXED, of_others)) == min(found, 4)


def test_a_system_that_tells_nothing_has_the_cores_of_its_affinity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cores({}, tmp_path) == 16
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5})
    assert cores({}, system(tmp_path, "0::/", V2, {"cpu.max": "800000 100000"})) == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores({}, tmp_path / "nothing") == 1


@pytest.mark.parametrize(("said", "found"), [("1", 1), (" 64 ", 64), ("", 1), ("  ", 1)])
def test_what_is_said_holds_whatever_the_quota(tmp_path: Path, said: str, found: int) -> None:
    root = system(tmp_path, "0::/", V2, {"cpu.max": "50000 100000"})
    assert cores({"TERCET_CORES": said}, root) == found


@pytest.mark.parametrize("said", ["0", "-1", "1.5", "two", "+2", "²", "٢", "1_0"])
def test_what_is_no_number_of_cores_is_named(said: str) -> None:
    with pytest.raises(SettingsError, match="TERCET_CORES") as told:
        cores({"TERCET_CORES": said})
    assert said in str(told.value)
    assert "docs/operations/settings.md" in str(told.value)


@pytest.mark.parametrize(("said", "found"), [("3", 3), ("4,2", 4), ("", 5), ("0", 5), ("all", 5)])
def test_openmp_s_own_variable_holds_for_large_arrays(said: str, found: int) -> None:
    assert threads_for_arrays({"TERCET_CORES": "5", "OMP_NUM_THREADS": said}) == found


def test_libraries_take_as_many_threads_unless_they_were_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in thread_limits(1):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)  # so that it is as before afterwards
    monkeypatch.setenv("TERCET_CORES", "3")
    monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
    limit_threads()
    found = {name: os.environ[name] for name in thread_limits(3)}
    assert found == {"OMP_NUM_THREADS": "3", "NUMBA_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}
