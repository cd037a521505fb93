"""The notebooks of nbformat, nbclient and nbconvert: opened and saved byte for byte, edited and still valid."""

import json
import os
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

import nbformat
import pytest

SOURCES = ("nbformat==5.11.1", "nbclient==0.11.0", "nbconvert==7.17.2")
ATELIER = os.environ["ATELIER_BIN"]


def atelier(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([ATELIER, "notebook", *map(str, arguments)], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> list[Path]:
    """All notebooks of the source distributions, kept between runs beside the tests' output."""
    kept = os.environ.get("ATELIER_TEST_OUTPUT")
    folder = Path(kept).parent / "notebook-corpus" if kept else tmp_path_factory.mktemp("corpus")
    done = folder / "complete"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        fetched = subprocess.run([*command, "--no-binary", ":all:", "--dest", folder, *SOURCES], capture_output=True, text=True)
        if fetched.returncode != 0:
            said = fetched.stderr.strip()
            unreachable = ("Connection", "NewConnectionError", "Temporary failure", "timed out", "No matching distribution")
            assert any(sign in said for sign in unreachable), said
            pytest.skip(f"PyPI cannot be reached: {said.splitlines()[-1]}")
        for archive in folder.glob("*.tar.gz"):
            with tarfile.open(archive) as opened:
                opened.extractall(folder, filter="data")
        done.touch()
    notebooks = sorted(folder.rglob("*.ipynb"))
    assert len(notebooks) > 50
    return notebooks


def version(notebook: Path) -> int:
    return json.loads(notebook.read_text(encoding="utf-8"))["nbformat"]


def is_valid(notebook: dict) -> bool:
    """As nbformat says, without the repairs that it makes on reading."""
    return not list(nbformat.validator.iter_validate(nbformat.from_dict(notebook)))


def test_saving_without_an_edit_gives_the_same_bytes(corpus, tmp_path, capsys):
    same, upgraded = [], []
    for notebook in corpus:
        out = tmp_path / "out.ipynb"
        done = atelier("save", notebook, "--to", out)
        assert done.returncode == 0, done.stderr
        if version(notebook) == 4:
            assert out.read_bytes() == notebook.read_bytes(), notebook
            same.append(notebook)
        else:
            new = json.loads(out.read_bytes())
            assert (new["nbformat"], new["nbformat_minor"]) == (4, 5) and is_valid(new), notebook
            assert "format 4.5" in done.stderr
            upgraded.append(notebook)
    with capsys.disabled():
        print(f" {len(same)} notebooks saved byte for byte, {len(upgraded)} upgraded from formats 2 and 3")
    assert len(same) > 50


class Door:
    """The studio's own calls."""

    def __init__(self, backend):
        self.address = backend.address
        self.token = json.loads((backend.home / "backend.json").read_text())["token"]

    def call(self, name: str, **request):
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        body = json.dumps(request).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.address}/studio/call/{name}", body, head), timeout=60) as answer:
            return json.load(answer)


def test_edits_change_only_what_they_touch_and_leave_notebooks_valid(backend, corpus, capsys):
    door = Door(backend)
    edited = 0
    for number, notebook in enumerate(corpus):
        path = f"corpus-{number}.ipynb"
        file = backend.home / "workspace" / path
        before = notebook.read_bytes()
        file.write_bytes(before)
        cells = door.call("OpenNotebook", path=path)["cells"]
        was_valid = version(notebook) != 4 or is_valid(json.loads(before))
        edits = [{"edit": "insert", "after": None, "id": "fresh001", "kind": "markdown", "source": "new\ncell"}]
        if cells:
            edits.append({"edit": "set_source", "cell": cells[-1]["id"], "source": cells[-1]["source"] + "\n# é"})
        door.call("EditNotebook", path=path, window="test", edits=edits)
        door.call("SaveNotebook", path=path)
        after = json.loads(file.read_bytes())
        assert after["cells"][0]["source"] == ["new\n", "cell"]
        assert not was_valid or is_valid(after), notebook
        if version(notebook) == 4:
            assert after.get("nbformat_minor") == json.loads(before).get("nbformat_minor")
            # Lines that went can only be of the cell that was edited, or lost or gained a comma.
            kept = set(file.read_text("utf-8").splitlines())
            gone = [line for line in before.decode("utf-8").splitlines() if line not in kept]
            assert len(gone) <= 3 or notebook.read_text("utf-8").count("\n") < 5, (notebook, gone)
            edited += 1
    with capsys.disabled():
        print(f" {edited} notebooks edited through the backend, each as valid as before")
    assert edited > 50


def cell(source: str, **more) -> dict:
    return {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None, "source": source} | more


def write(path: Path, *cells: dict) -> Path:
    path.write_text(json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_differences_are_shown_and_end_with_1(tmp_path):
    a, b = write(tmp_path / "a.ipynb", cell("1\n2")), write(tmp_path / "b.ipynb", cell("1\n3"))
    assert atelier("diff", a, a).returncode == 0
    differ = atelier("diff", a, b)
    assert differ.returncode == 1 and "-2\n+3\n" in differ.stdout and "\x1b" not in differ.stdout


def test_exports(tmp_path):
    picture = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>parent.x = 1</script>"}}
    notebook = write(tmp_path / "n.ipynb", cell("%matplotlib inline\nprint(1)", outputs=[picture]))
    for form in ("py", "rs", "html"):
        done = atelier("export", notebook, "--to", form)
        assert done.returncode == 0, done.stderr
    compile((tmp_path / "n.py").read_text(), "n.py", "exec")
    html = (tmp_path / "n.html").read_text()
    # The page's own script, for the height of frames, and no other.
    assert html.count("<script") == 1 and html.index("<script") < html.index("<body>")
    assert 'sandbox="allow-scripts"' in html
    assert "// print(1)" in (tmp_path / "n.rs").read_text()


def test_pdf_or_what_to_install(tmp_path):
    notebook = write(tmp_path / "n.ipynb", cell("print(1)"))
    done = atelier("export", notebook, "--to", "pdf", "--output", tmp_path / "out.pdf")
    if done.returncode == 0:
        assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    else:
        assert "install Chromium" in done.stderr, done.stderr


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b'{"nbformat": 9}', b"[" * 100_000], ids=["cut", "list", "bytes", "newer", "deep"])
def test_what_is_no_notebook_is_refused(tmp_path, content):
    bad = tmp_path / "bad.ipynb"
    bad.write_bytes(content)
    done = atelier("save", bad, "--to", tmp_path / "out.ipynb")
    assert done.returncode == 8 and "bad.ipynb" in done.stderr
    assert not (tmp_path / "out.ipynb").exists()
