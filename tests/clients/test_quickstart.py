"""The shipped notebook, run as `atelier run` runs it."""

import json
import os
import subprocess
import time
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
LIMIT_S = 60


def test_notebook_names_no_product():
    assert "atelier" not in NOTEBOOK.read_text().lower()


def test_quickstart_runs_against_a_running_backend(backend, tmp_path):
    output = tmp_path / "out.ipynb"
    started = time.monotonic()
    command = [os.environ["ATELIER_BIN"], "run", str(NOTEBOOK), "--home", str(backend.home), "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    took = time.monotonic() - started
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Endpoints left: 0" in done.stdout
    assert took < LIMIT_S, f"{took:.0f} s"
    cells = [cell for cell in json.loads(output.read_text())["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    kinds = [set(out.get("data", {})) for cell in cells for out in cell["outputs"]]
    assert any("image/png" in kind for kind in kinds), "the plot is missing"
    assert not json.loads(NOTEBOOK.read_text())["cells"][2]["outputs"], "the shipped notebook was changed"


def check_exit(backend, tmp_path, source: str, code: int) -> str:
    notebook = tmp_path / "n.ipynb"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
    notebook.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    command = [os.environ["ATELIER_BIN"], "run", str(notebook), "--home", str(backend.home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_failing_cell_is_exit_code_1(backend, tmp_path):
    assert "ZeroDivisionError" in check_exit(backend, tmp_path, "1 / 0", 1)


def test_dead_kernel_is_exit_code_10(backend, tmp_path):
    assert "kernel was killed" in check_exit(backend, tmp_path, "import os; os.kill(os.getpid(), 9)", 10)


def test_unreadable_notebook_is_exit_code_8(backend, tmp_path):
    (tmp_path / "n.ipynb").write_text("{")
    done = subprocess.run([os.environ["ATELIER_BIN"], "run", str(tmp_path / "n.ipynb"), "--home", str(backend.home)], capture_output=True, timeout=120)
    assert done.returncode == 8, done.stderr
