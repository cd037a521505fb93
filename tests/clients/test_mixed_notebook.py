"""Notebooks whose cells run on several kernels: in order, through the bridge, each kernel with a life of its own."""

import json
import os
import re
import subprocess
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from backend import Backend

ATELIER = os.environ["ATELIER_BIN"]
RUST_KERNEL = Path(ATELIER).resolve().parent / "atelier-rust-kernel"
# Compiling on two loaded cores is slow, and the first Rust cell that uses tables links the crates for all.
LIMIT_S = 300

CELLS = [
    ("python3", "import atelier, json, os, pathlib\nimport polars as pl\natelier.put('numbers', pl.DataFrame({'n': [1, 2, 3]}))\nprint('put')", "put\n"),
    (
        "rust",
        'use polars::prelude::*;\nlet numbers: DataFrame = atelier::get("numbers")?;\nlet total: i64 = numbers.column("n")?.i64()?.sum().unwrap_or_default();\n'
        'atelier::put("total", &total)?;\nprintln!("{total}");',
        "6\n",
    ),
    ("python3", "print(atelier.get('total') * 7)", "42\n"),
    ("rust", 'let doubled = df!("n" => [2 * total, 4])?;\natelier::put("doubled", &doubled)?;\nprintln!("{}", doubled.height());', "2\n"),
    ("python3", "print(atelier.get('doubled', as_='polars')['n'].to_list())", "[12, 4]\n"),
    # Whoever put something is known by the notebook.
    (
        "python3",
        "for name in ('numbers', 'doubled'):\n    said = json.loads((pathlib.Path(os.environ['ATELIER_BRIDGE']) / f'{name}.json').read_text())\n"
        "    print(said['producer']['language'], pathlib.Path(said['producer']['notebook']).name)",
        "python mixed.ipynb\nrust mixed.ipynb\n",
    ),
]


def write(path: Path, cells: list[tuple[str, str]], kernel: str = "python3") -> Path:
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": kernel, "display_name": "x"}})
    for number, (its, source) in enumerate(cells):
        metadata = {} if its == kernel else {"atelier": {"kernel": its}}
        notebook.cells.append(nbformat.v4.new_code_cell(source, id=f"c{number}", metadata=metadata))
    nbformat.write(notebook, path)
    return path


def run(home: Path, notebook: Path, *options: str) -> subprocess.CompletedProcess:
    command = [ATELIER, "run", notebook, "--home", home, *options]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=LIMIT_S)


class Studio:
    """The wire of a window on one notebook."""

    def __init__(self, backend: Backend, path: str):
        self.backend, self.path = backend, path
        self.token = json.loads((backend.home / "backend.json").read_text())["token"]

    def call(self, name: str, **request):
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = json.dumps({"path": self.path} | request).encode()
        asked = urllib.request.Request(f"{self.backend.address}/studio/call/{name}", body, head)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def cells(self) -> list[dict]:
        return self.call("OpenNotebook")["cells"]

    def states(self) -> list[str]:
        return [cell["run"]["state"] for cell in self.cells()]

    def until(self, what: str, wanted):
        deadline = time.monotonic() + LIMIT_S
        while not (found := wanted()):
            assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT_S} s: {self.call('OpenNotebook')}\n{self.backend.tail()}"
            time.sleep(0.05)
        return found

    def rest(self) -> list[dict]:
        self.until("the end of all cells", lambda: not {"queued", "running"} & set(self.states()))
        return self.cells()


def printed(outputs: list[dict]) -> str:
    """What a cell wrote to its standard output; standard error may tell of crates that are linked."""
    return "".join(output["text"] for output in outputs if output.get("output") == "stream" and not output["stderr"])


def test_a_mixed_notebook_runs_from_the_command_line(tmp_path):
    notebook = write(tmp_path / "mixed.ipynb", [(kernel, source) for kernel, source, _ in CELLS])
    done = run(tmp_path / "home", notebook, "--output", tmp_path / "out.ipynb")
    assert done.returncode == 0, done.stdout + done.stderr
    cells = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
    texts = ["".join(output.text for output in cell.outputs if output.get("name") == "stdout") for cell in cells]
    assert texts == [text for _, _, text in CELLS]
    assert [cell.execution_count for cell in cells] == [1, 1, 2, 2, 3, 4]


def test_a_mixed_notebook_runs_in_the_studio(backend):
    write(backend.home / "workspace" / "mixed.ipynb", [(kernel, source) for kernel, source, _ in CELLS])
    studio = Studio(backend, "mixed.ipynb")
    studio.call("RunCells", cells=[])
    cells = studio.rest()
    assert [printed(cell["outputs"]) for cell in cells] == [text for _, _, text in CELLS]
    ended = [cell["run"]["ended_at"] for cell in cells]
    assert ended == sorted(ended)
    kernels = studio.call("OpenNotebook")["kernels"]
    assert [(kernel["name"], kernel["state"]) for kernel in kernels] == [("python3", "idle"), ("rust", "idle")]
    studio.call("StopKernel", kernel="rust")
    studio.call("StopKernel", kernel=None)


@pytest.mark.parametrize("end", ["StopKernel", "RestartKernel", "lost"])
def test_a_kernel_that_ends_takes_only_its_own_cells_with_it(end, backend, tmp_path):
    started, die = tmp_path / "started", tmp_path / "die"
    waits = (
        f"import os, pathlib, time\npathlib.Path({str(started)!r}).touch()\n"
        f"while not pathlib.Path({str(die)!r}).exists(): time.sleep(0.02)\nos._exit(1)"
    )
    cells = [("python3", waits), ("python3", "print('never')"), ("rust", 'println!("on");'), ("python3", "print('never')"), ("rust", 'println!("and on");')]
    path = f"ends-{end}.ipynb"
    write(backend.home / "workspace" / path, cells)
    studio = Studio(backend, path)
    studio.call("RunCells", cells=[])
    studio.until("the first cell", started.exists)
    if end == "lost":
        die.touch()
    else:
        studio.call(end, kernel=None)
    cells = studio.rest()
    assert [cell["run"]["state"] for cell in cells] == ["failed", "idle", "done", "idle", "done"]
    assert [printed(cell["outputs"]) for cell in cells] == ["", "", "on\n", "", "and on\n"]
    studio.call("StopKernel", kernel="rust")
    studio.call("StopKernel", kernel=None)


def rust_kernels(backend: Backend) -> list[int]:
    """The Rust kernels that this backend started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == backend.process.pid and str(RUST_KERNEL).encode() in arguments[:1]:
            found.append(int(folder.name))
    return found


def test_a_notebook_gets_the_rust_kernel_that_was_started_ahead(tmp_path, monkeypatch):
    monkeypatch.delenv("ATELIER_SPARE_KERNELS", raising=False)
    with Backend(tmp_path / "home") as backend:
        folder = backend.home / "workspace" / "a folder"
        folder.mkdir(parents=True)
        source = (
            'println!("{}", std::os::unix::process::parent_id());\nprintln!("{}", std::env::current_dir()?.display());\n'
            'println!("{}", std::env::var("JPY_SESSION_NAME")?);\nprintln!("{}", std::env::var("ATELIER_BRIDGE")?);'
        )
        write(folder / "rust.ipynb", [("rust", source)], kernel="rust")
        studio = Studio(backend, "a folder/rust.ipynb")
        studio.call("OpenNotebook")
        (spare,) = studio.until("a spare kernel", lambda: rust_kernels(backend))
        studio.call("RunCells", cells=[])
        (cell,) = studio.rest()
        lines = printed(cell["outputs"]).splitlines()
        assert lines[:3] == [str(spare), str(folder), str(folder / "rust.ipynb")], cell
        assert lines[3] == backend.environment["ATELIER_BRIDGE"]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> tuple[Path, str]:
    """A project with an environment of its own, and its kernelspec's name as the command line tells it."""
    told = subprocess.run([ATELIER, "prepare", "--json"], check=True, capture_output=True, text=True).stdout
    python = Path(json.loads(told)["python"])
    folder = tmp_path_factory.mktemp("project")
    (folder / "notebooks").mkdir()
    subprocess.run([python, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    # Packages are borrowed, so that nothing is installed.
    packages = lambda prefix: next((prefix / "lib").glob("python*/site-packages"))  # noqa: E731
    own, bundled = packages(folder / ".venv"), packages(python.parents[1])
    (own / "borrowed.pth").write_text(f"{bundled}\n")
    (own / "ipykernel").symlink_to(bundled / "ipykernel")
    refused = run(folder / "home", write(folder / "n.ipynb", [("python3", "1")]), "--kernel", "none")
    assert refused.returncode == 10
    found = re.search(rf"(env-\w+) +Python: {re.escape(folder.name)} \(\.venv\)", refused.stderr)
    assert found and "rust" in refused.stderr, refused.stderr
    return folder, found[1]


@pytest.mark.parametrize("place", [".", "notebooks"])
def test_a_projects_environment_is_found_from_its_notebooks(place, project):
    folder, kernel = project
    named = write(folder / place / "named.ipynb", [(kernel, "import sys; print(sys.prefix)")], kernel=kernel)
    other = write(folder / place / "other.ipynb", [("python3", "import sys; print(sys.prefix)")])
    for notebook, options in [(named, []), (other, ["--kernel", kernel])]:
        done = run(folder / "home", notebook, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        assert str(folder / ".venv") in done.stdout
