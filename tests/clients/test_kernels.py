"""Notebooks of nbclient's own tests, run by `atelier run` and by nbclient on the same Python: the same outputs."""

import json
import os
import re
import subprocess
from pathlib import Path

import nbclient
import nbformat
import pytest

from test_notebooks import corpus  # noqa: F401 (a fixture)

ATELIER = os.environ["ATELIER_BIN"]
# Left out: what shows another thing at each run, and what runs until it is interrupted.
NAMES = [
    "Clear Output.ipynb",
    "Disable Stdin.ipynb",
    "Empty Cell.ipynb",
    "Error.ipynb",
    "Factorials.ipynb",
    "HelloWorld.ipynb",
    "Inline Image.ipynb",
    "Output.ipynb",
    "Skip Exceptions with Cell Tags.ipynb",
    "Skip Exceptions.ipynb",
    "Skip Execution with Cell Tag.ipynb",
    "SVG.ipynb",
    "Unicode.ipynb",
    "UnicodePy3.ipynb",
    "update-display-id.ipynb",
]


@pytest.fixture(scope="session")
def python(tmp_path_factory) -> str:
    """The Python that kernels run on, as a kernelspec that nbclient finds."""
    told = subprocess.run([ATELIER, "prepare", "--json"], check=True, capture_output=True, text=True).stdout
    program = json.loads(told)["python"]
    folder = tmp_path_factory.mktemp("jupyter")
    spec = folder / "kernels" / "reference" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "reference", "language": "python"}))
    os.environ["JUPYTER_PATH"] = str(folder)
    return program


def run(home: Path, notebook: Path, output: Path, *options: str) -> subprocess.CompletedProcess:
    command = [ATELIER, "run", notebook, "--home", home, "--output", output, *options]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)


def shown(notebook) -> list:
    """Outputs by cell: one text a stream, without what differs from run to run."""
    cells = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        outputs = []
        for output in cell.outputs:
            text = json.dumps(output, sort_keys=True)
            text = re.sub(r"0x[0-9a-f]+|[0-9a-f]{32}", "id", re.sub(r"\\u001b\[[0-9;]*m", "", text))
            output = json.loads(text)
            if output["output_type"] == "stream" and outputs and outputs[-1].get("name") == output["name"]:
                outputs[-1]["text"] += output["text"]
            else:
                outputs.append(output)
        cells.append(outputs)
    return cells


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_nbclients(name, corpus, python, tmp_path):  # noqa: F811
    found = [path for path in corpus if path.name == name and "nbclient" in str(path)]
    if not found:
        pytest.skip(f"this nbclient has no {name}")
    ran = run(tmp_path / "home", found[0], tmp_path / "out.ipynb", "--allow-errors")
    assert ran.returncode == 0, ran.stderr
    reference = nbformat.read(found[0], as_version=4)
    nbclient.NotebookClient(reference, kernel_name="reference", allow_errors=True, timeout=120).execute(cwd=str(found[0].parent))
    ours = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert shown(ours) == shown(reference)


def notebook(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "x"}}), path)
    return path


@pytest.mark.parametrize(
    ("sources", "options", "code"),
    [
        (["1"], [], 0),
        (["1/0", "2"], [], 1),
        (["1/0", "2"], ["--allow-errors"], 0),
        (["while True: pass"], ["--timeout", "1.5"], 9),
        (["import os; os._exit(1)"], [], 10),
        (["1"], ["--kernel", "no-such-kernel"], 10),
    ],
)
def test_exit_codes_mean_something(sources, options, code, python, tmp_path):
    ran = run(tmp_path / "home", notebook(tmp_path / "n.ipynb", *sources), tmp_path / "out.ipynb", *options)
    assert ran.returncode == code, ran.stderr
    if "no-such-kernel" not in options:
        assert len(nbformat.read(tmp_path / "out.ipynb", as_version=4).cells) == len(sources)
