"""Environments through the door, as the packages panel asks: found, made, changed, refused, and used by a kernel."""

import json
import time
import urllib.error
import urllib.request

import pytest

LIMIT_S = 120


@pytest.fixture(scope="module")
def workspace(backend):
    return backend.home / "workspace"


def call(backend, name: str, **request):
    """A call of the window's."""
    running = json.loads((backend.home / "backend.json").read_text())
    headers = {"Authorization": f"Bearer {running['token']}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{backend.address}/studio/call/{name}", json.dumps(request).encode(), headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.loads(answer.read())


def refused(backend, name: str, **request) -> str:
    with pytest.raises(urllib.error.HTTPError) as caught:
        call(backend, name, **request)
    return json.loads(caught.value.read())["message"]


def environment(backend, name: str) -> dict:
    found = [one for one in call(backend, "ListEnvironments")["environments"] if one["name"] == name]
    assert len(found) == 1, found
    return found[0]


def wait(backend, name: str, until) -> dict:
    deadline = time.monotonic() + LIMIT_S
    while not until(found := environment(backend, name)):
        assert time.monotonic() < deadline, f"{found}\n{backend.tail()}"
        time.sleep(0.05)
    return found


def packages(backend, kernel: str) -> dict:
    return {one["name"]: one["version"] for one in call(backend, "ListPackages", kernel=kernel)["packages"]}


def test_the_bundled_one_is_first_and_has_a_kernel(backend):
    first = call(backend, "ListEnvironments")["environments"][0]
    assert (first["kernel"], first["kind"], first["is_ready"], first["has_kernel"]) == ("python3", "bundled", True, True)
    held = packages(backend, "python3")
    assert {"boto3", "ipywidgets", "pandas", "polars", "pyarrow", "sagemaker"} <= held.keys()


def test_a_project_is_found_made_changed_and_offers_its_kernel(backend, workspace):
    folder = workspace / "forecast"
    folder.mkdir()
    (folder / "requirements.txt").write_text("iniconfig==2.1.0\n")
    name = "forecast (requirements.txt)"
    kernel = environment(backend, name)["kernel"]
    assert not environment(backend, name)["is_ready"]
    assert call(backend, "ChangePackages", kernel=kernel, install=[], remove=[])["task"]
    assert wait(backend, name, lambda one: one["is_ready"])["has_kernel"]
    assert packages(backend, kernel)["iniconfig"] == "2.1.0"
    assert kernel in [one["name"] for one in call(backend, "ListKernels")["available"]]
    call(backend, "ChangePackages", kernel=kernel, install=["six==1.16.0"], remove=[])
    deadline = time.monotonic() + LIMIT_S
    while packages(backend, kernel).get("six") != "1.16.0":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_no_package_is_refused(backend):
    for bad in ("--index-url=http://example.org", "-e .", "x @ https://example.org/x.whl", "../x.whl", "a b", ""):
        assert "cannot be installed" in refused(backend, "ChangePackages", kernel="python3", install=[bad], remove=[])
    assert "kernels run on" in refused(backend, "ChangePackages", kernel="python3", install=[], remove=["ipykernel"])
    assert "no environment" in refused(backend, "ListPackages", kernel="env-00000000")


def test_a_missing_module_has_its_package(backend):
    found = lambda module: call(backend, "FindPackage", module=module)["package"]  # noqa: E731
    assert (found("cv2"), found("sklearn.svm"), found("seaborn")) == ("opencv-python", "scikit-learn", "seaborn")
    assert (found("nunpy"), found("os"), found("no such")) == (None, None, None)


def test_a_task_that_is_not_there_can_be_cancelled(backend):
    assert call(backend, "CancelTask", task="none") == {}
