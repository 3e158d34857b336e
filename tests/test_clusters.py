"""What `deploy/ray` sets up, held against the rules that docs/many-machines.md states; none of it is run here."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.painting.pulse import Activity
from engine.service.config import TOKEN_VARIABLE, RayConfig
from engine.workers.vigil import LIMITS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "many-machines.md").read_text(encoding="utf-8")
WARM_UP_SECONDS = LIMITS[Activity.LOADING] + LIMITS[Activity.MEASURING]  # at most


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "ray" / name).read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def kuberay() -> dict[str, Any]:
    spec: dict[str, Any] = read("kuberay.yaml")["spec"]
    return spec


def groups(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [spec["headGroupSpec"], *spec["workerGroupSpecs"]]


def test_the_cluster_file_passes_rays_own_check_and_its_head_paints_nothing() -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    cluster = prepare_config(read("cluster.yaml"))
    validate_config(cluster)
    (start,) = (line for line in cluster["head_start_ray_commands"] if "ray start" in line)
    assert "--num-cpus=0 --num-gpus=0" in start
    starts = [start, *(line for line in cluster["worker_start_ray_commands"] if "ray start" in line)]
    assert all("RAY_AUTH_MODE=token" in line for line in starts)
    assert cluster["idle_timeout_minutes"] * 60 > WARM_UP_SECONDS
    (install,) = (line for line in cluster["setup_commands"] if "pip install" in line)
    assert "[engine-gpu,ray]" in install


def test_the_head_in_kubernetes_paints_nothing_and_asks_for_a_token(kuberay: dict[str, Any]) -> None:
    parameters = kuberay["headGroupSpec"]["rayStartParams"]
    assert (parameters["num-cpus"], parameters["num-gpus"]) == ("0", "0")
    assert kuberay["authOptions"] == {"mode": "token"}
    assert kuberay["rayVersion"] == version("ray")


def test_in_kubernetes_limits_are_requests_and_nobody_is_revived(kuberay: dict[str, Any]) -> None:
    for group in groups(kuberay):
        pod = group["template"]["spec"]
        assert pod["restartPolicy"] == "Never"
        for container in pod["containers"]:
            assert container["resources"]["limits"] == container["resources"]["requests"]


def test_a_pod_has_one_gpu_and_time_to_get_warm(kuberay: dict[str, Any]) -> None:
    for group in kuberay["workerGroupSpecs"]:
        (container,) = group["template"]["spec"]["containers"]
        limits = container["resources"]["limits"]
        assert limits["nvidia.com/gpu"] == group["rayStartParams"]["num-gpus"] == "1"
        assert int(limits["cpu"]) >= RayConfig().num_cpus
    assert kuberay["autoscalerOptions"]["idleTimeoutSeconds"] > WARM_UP_SECONDS


def test_the_engine_in_kubernetes_is_one_and_joins_with_nothing_to_paint_with() -> None:
    text = (ROOT / "deploy" / "ray" / "engine.yaml").read_text(encoding="utf-8")
    _, deployment = yaml.safe_load_all(text)
    spec = deployment["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    (container,) = spec["template"]["spec"]["containers"]
    command = container["args"][0]
    assert "while true; do grep -qsx raylet /proc/[0-9]*/comm || ray start" in command  # again, if need be
    assert command.endswith("& exec python -m engine serve --config config/config.toml --host 0.0.0.0")
    assert "--num-cpus=0 --num-gpus=0" in command
    assert container["resources"]["limits"] == container["resources"]["requests"]
    names = {each["name"]: each for each in container["env"]}
    assert names["RAY_AUTH_MODE"]["value"] == "token"
    assert {"RAY_AUTH_TOKEN", TOKEN_VARIABLE} <= set(names)


def test_the_page_names_files_and_settings_that_are_there() -> None:
    for path in re.findall(r"\]\(\.\./([\w./-]+)\)", PAGE):
        assert (ROOT / path).exists(), path
    settings = set(re.findall(r"`(\w+)`", PAGE)) & {"workers", "namespace", "num_cpus", "num_gpus", "address"}
    assert settings <= set(RayConfig.model_fields)
    assert (ROOT / "Dockerfile").read_text().count(" AS ray\n") == 1
