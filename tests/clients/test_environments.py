"""Environments through the door, as the packages panel asks: found, made, changed, refused, and used by a kernel."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
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


def printed(backend, path: str, kernel: str, source: str) -> str:
    """What a notebook's only cell prints in this kernel."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": kernel, "display_name": "x"}})
    notebook.cells.append(nbformat.v4.new_code_cell(source, id="only"))
    nbformat.write(notebook, backend.home / "workspace" / path)
    call(backend, "RunCells", path=path, cells=["only"])
    deadline = time.monotonic() + LIMIT_S
    while (cell := call(backend, "OpenNotebook", path=path)["cells"][0])["run"]["state"] not in ("done", "failed"):
        assert time.monotonic() < deadline, f"{cell}\n{backend.tail()}"
        time.sleep(0.05)
    call(backend, "StopKernel", path=path, kernel=None)
    assert cell["run"]["state"] == "done", cell
    return "".join(output["text"] for output in cell["outputs"] if output["output"] == "stream" and not output["stderr"])


@pytest.fixture(scope="module")
def prepared() -> dict:
    """Where the bundled Python and uv are."""
    told = subprocess.run([os.environ["ATELIER_BIN"], "prepare", "--json"], check=True, capture_output=True, text=True)
    return json.loads(told.stdout.splitlines()[-1])


def test_a_conda_environment_is_found_and_runs(backend, workspace, prepared):
    # As conda lays one out; what it would have installed is borrowed.
    folder = workspace / "analysis" / "env"
    (folder / "conda-meta").mkdir(parents=True)
    (folder / "conda-meta" / "python-3.11.9-h955ad1f_0.json").write_text("{}")
    (folder / "bin").mkdir()
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nOF_CONDA=yes exec {prepared["python"]} "$@"\n')
    python.chmod(0o755)
    library = Path(prepared["python"]).parents[1] / "lib"
    (folder / "lib").symlink_to(library)
    found = environment(backend, "conda: env")
    assert (found["kind"], found["python"], found["is_ready"], found["has_kernel"]) == ("conda", "3.11.9", True, True)
    assert "pandas" in packages(backend, found["kernel"])
    said = printed(backend, "conda.ipynb", found["kernel"], "import os, atelier; print(os.environ['OF_CONDA'])")
    assert said == "yes\n"


def test_a_locked_project_keeps_its_files_true(backend, workspace, prepared):
    folder = workspace / "locked"
    folder.mkdir()
    project = '[project]\nname = "locked"\nversion = "0.1.0"\nrequires-python = ">=3.10"\ndependencies = ["ipykernel", "iniconfig==2.1.0"]\n'
    (folder / "pyproject.toml").write_text(project)
    python = prepared["python"]
    subprocess.run([prepared["uv"], "lock", "--quiet", "--python", python], cwd=folder, check=True, capture_output=True)
    name = "locked (pyproject.toml)"
    kernel = environment(backend, name)["kernel"]
    assert not environment(backend, name)["is_ready"]
    call(backend, "ChangePackages", kernel=kernel, install=[], remove=[])
    assert wait(backend, name, lambda one: one["is_ready"] and one["has_kernel"])
    assert (folder / ".venv" / "pyvenv.cfg").is_file()
    # uv's own files say what was added.
    call(backend, "ChangePackages", kernel=kernel, install=["six==1.16.0"], remove=[])
    deadline = time.monotonic() + LIMIT_S
    while packages(backend, kernel).get("six") != "1.16.0":
        assert time.monotonic() < deadline, backend.tail()
        time.sleep(0.05)
    assert "six==1.16.0" in (folder / "pyproject.toml").read_text()
    assert 'name = "six"' in (folder / "uv.lock").read_text()
    said = printed(backend, "locked/uses.ipynb", kernel, "import six, sys; print(six.__version__, sys.prefix)")
    assert said == f"1.16.0 {folder / '.venv'}\n"


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
