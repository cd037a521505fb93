"""The backend and the kernel killed at every step of saving and running a notebook: what was acknowledged is there afterwards."""

import json
import os
import signal
import time
import urllib.error
import urllib.request

import nbformat
import pytest

from backend import LIMIT_S, Backend

# As crates/notebook/src/file/crash.rs has them, in the order in which a save passes them.
POINTS = [
    "notebook:before-journal",
    "notebook:after-journal",
    "notebook:after-intent",
    "notebook:after-draft",
    "notebook:after-sync",
    "notebook:after-rename",
    "notebook:after-folder",
    "notebook:after-commit",
]
PATH = "n.ipynb"


def call(backend: Backend, name: str, **request):
    token = json.loads((backend.home / "credentials.json").read_text())["token"]
    asked = urllib.request.Request(
        f"{backend.address}/studio/call/{name}",
        data=json.dumps(request).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=LIMIT_S) as answer:
        return json.load(answer)


def cell(backend: Backend):
    return call(backend, "GetCells", path=PATH, cells=["c0"])["cells"][0]


def edit(backend: Backend, source: str) -> None:
    call(backend, "EditNotebook", path=PATH, window="w", edits=[{"edit": "set_source", "cell": "c0", "source": source}])


@pytest.fixture
def home(tmp_path):
    """A home whose workspace has a notebook with one cell."""
    workspace = tmp_path / "home" / "workspace"
    workspace.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("old", id="c0")], metadata={"kernelspec": {"name": "python3", "display_name": "x"}}
    )
    nbformat.write(notebook, workspace / PATH)
    return tmp_path / "home"


def wait(condition, what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT_S} s"
        time.sleep(0.02)


@pytest.mark.parametrize("point", POINTS)
def test_a_save_that_dies_loses_nothing(point, home):
    with Backend(home, crash_at=point) as backend:
        call(backend, "OpenNotebook", path=PATH)
        try:
            # The backend may save by itself before it is asked to, and die of that.
            edit(backend, "new")
            call(backend, "SaveNotebook", path=PATH)
        except (urllib.error.URLError, ConnectionError, OSError):
            pass
        assert backend.wait_until_dead() and backend.reached(point), backend.tail()
    on_disk = nbformat.read(home / "workspace" / PATH, as_version=4)
    nbformat.validate(on_disk)
    assert on_disk.cells[0].source in ("old", "new")
    with Backend(home) as backend:
        notebook = call(backend, "OpenNotebook", path=PATH)
        # Before the journal the save was never acknowledged; from there on it is finished.
        assert notebook["cells"][0]["source"] == "new" or point == POINTS[0]
        assert notebook["conflict"] is None
        call(backend, "SaveNotebook", path=PATH)
        saved = nbformat.read(home / "workspace" / PATH, as_version=4)
        assert saved.cells[0].source == notebook["cells"][0]["source"]
    assert [path.name for path in (home / "workspace").iterdir() if "atelier-" in path.name] == []


@pytest.mark.parametrize("step", ["queued", "running", "output", "ended", "saved"])
def test_a_backend_killed_while_a_cell_runs_leaves_a_notebook_that_runs_again(step, home, tmp_path):
    code = "import pathlib, time\npathlib.Path(WHERE).touch()\nprint('out', flush=True)\n"
    started = tmp_path / "started"
    # It waits for ever where it is to be killed before its end.
    goes_on = "" if step in ("ended", "saved") else "while True: time.sleep(1)"
    source = code.replace("WHERE", repr(str(started))) + goes_on
    with Backend(home) as backend:
        call(backend, "OpenNotebook", path=PATH)
        edit(backend, source)
        call(backend, "SaveNotebook", path=PATH)
        call(backend, "RunCells", path=PATH, cells=["c0"])
        if step in ("running", "output"):
            wait(started.exists, "the cell's start")
        if step in ("output", "ended", "saved"):
            wait(lambda: cell(backend)["outputs"], "an output")
        if step in ("ended", "saved"):
            wait(lambda: cell(backend)["run"]["state"] == "done", "the cell's end")
        if step == "saved":
            call(backend, "SaveNotebook", path=PATH)
        backend.kill()
    on_disk = nbformat.read(home / "workspace" / PATH, as_version=4)
    nbformat.validate(on_disk)
    assert on_disk.cells[0].source == source, "a save was acknowledged"
    if step == "saved":
        assert on_disk.cells[0].outputs[0].text == "out\n" and on_disk.cells[0].execution_count == 1
    with Backend(home) as backend:
        notebook = call(backend, "OpenNotebook", path=PATH)
        assert notebook["kernels"] == [] and notebook["cells"][0]["run"]["state"] == "idle"
        edit(backend, "print('again')")
        call(backend, "RunCells", path=PATH, cells=["c0"])
        wait(lambda: cell(backend)["run"]["state"] == "done", "the cell's second run")
        assert cell(backend)["outputs"] == [{"output": "stream", "stderr": False, "text": "again\n", "num_left_out": 0}]


@pytest.mark.parametrize("step", ["running", "output", "idle"])
def test_a_kernel_killed_at_any_step_keeps_what_it_said_and_is_replaced(step, home, tmp_path):
    started = tmp_path / "started"
    goes_on = "while True: time.sleep(1)" if step != "idle" else ""
    prints = "print('out', flush=True)" if step != "running" else ""
    source = f"import os, pathlib, time\npathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n{prints}\n{goes_on}"
    kernel = lambda: call(backend, "OpenNotebook", path=PATH)["kernels"][0]  # noqa: E731
    with Backend(home) as backend:
        call(backend, "OpenNotebook", path=PATH)
        edit(backend, source)
        call(backend, "RunCells", path=PATH, cells=["c0"])
        wait(lambda: started.exists() and started.read_text(), "the cell's start")
        if step == "output":
            wait(lambda: cell(backend)["outputs"], "an output")
        if step == "idle":
            wait(lambda: cell(backend)["run"]["state"] == "done", "the cell's end")
        os.kill(int(started.read_text()), signal.SIGKILL)
        wait(lambda: kernel()["state"] == "dead", "the kernel's end")
        assert "SIGKILL" in kernel()["problem"]
        assert cell(backend)["run"]["state"] == ("done" if step == "idle" else "failed")
        texts = [output["text"] for output in cell(backend)["outputs"]]
        assert texts == ([] if step == "running" else ["out\n"])
        call(backend, "SaveNotebook", path=PATH)
        edit(backend, "print('again')")
        call(backend, "RunCells", path=PATH, cells=["c0"])
        wait(lambda: cell(backend)["run"]["state"] == "done", "the cell's second run")
        assert [output["text"] for output in cell(backend)["outputs"]] == ["again\n"]
