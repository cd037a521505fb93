"""The two studios, as a person starts them, and how a page of each says what it shows."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_mb(*processes: psutil.Process) -> float:
    """Proportional set size."""
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def with_children(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def browsers() -> list[psutil.Process]:
    """Every process of the browsers that this program's drivers started."""
    return [process for process in psutil.Process().children(recursive=True) if "chrom" in process.name()]


def page_mb() -> float:
    """The process of the one page that is open: a browser has others, for pages to come, and all are smaller."""
    return max(memory_mb(process) for process in browsers() if "--type=renderer" in process.cmdline())


class Atelier:
    name = "Atelier"
    cell = ".screen.is-on .cell[data-kind=code]"
    output = ".screen.is-on .cell [data-output]"
    editor = ".screen.is-on .cell[data-kind=code]"
    result = "[data-output=text]"
    home = ".screen.is-on[data-panel=home]"

    def __init__(self, work: Path, atelier: Path, ui: Path):
        self.folder, self.atelier, self.ui = work / "atelier" / "workspace", atelier, ui
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None

    def start(self) -> None:
        home = self.folder.parent
        self.process = subprocess.Popen(
            [self.atelier, "serve", "--home", home, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "ATELIER_UI_DIR": str(self.ui), "ATELIER_LOG": "warn"},
        )
        self.address = self.process.stdout.readline().split()[-1]
        self.window = re.search(r"http://\S+", self.process.stdout.readline()).group()
        self.token = self.window.split("#token=")[1]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def call(self, name: str, **request) -> dict:
        asked = urllib.request.Request(
            f"{self.address}/studio/call/{name}",
            json.dumps(request).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)

    def first_page(self) -> str:
        return self.window

    def page_of(self, notebook: str) -> str:
        """The address at which the window opens with this notebook in front, as it does after a restart."""
        address = f"atelier://file/{notebook}"
        self.call("PutWindowState", key="window", value=json.dumps({"tabs": [address], "active": address}))
        return self.window

    def complete(self, cells: int, outputs: bool) -> str:
        """Whether every cell can be gone to and every output is in the window: outputs are drawn only near the screen, so
        the notebook says what is missing, and the last one must be drawn when it is gone to."""
        jump = "cells[cells.length - 1].scrollIntoView(); return cells[cells.length - 1].querySelector('[data-output]')"
        return f"""() => {{
          const cells = document.querySelectorAll("{self.cell}");
          if (cells.length < {cells} || !document.querySelector(".screen.is-on [data-notebook][data-missing='0']")) return false;
          {jump if outputs else "return true"};
        }}"""

    def make_kernel_ready(self, page) -> None:
        page.wait_for_selector(".screen.is-on [data-kernel=idle]", timeout=120_000)


class JupyterLab:
    name = "JupyterLab"
    cell = ".jp-Notebook .jp-CodeCell"
    output = ".jp-Notebook .jp-OutputArea-output"
    editor = ".jp-Notebook .jp-CodeCell"
    result = ".jp-OutputArea-output"
    home = ".jp-Launcher"

    def __init__(self, work: Path):
        self.folder = work / "jupyterlab"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None

    def start(self) -> None:
        self.port = free_port()
        own = self.folder.parent / "jupyter-settings"
        folders = {f"JUPYTER_{kind}_DIR": str(own / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
        folders["JUPYTERLAB_SETTINGS_DIR"] = str(own / "lab")
        folders["JUPYTERLAB_WORKSPACES_DIR"] = str(own / "workspaces")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
            + [f"--ServerApp.port={self.port}", f"--ServerApp.root_dir={self.folder}", "--IdentityProvider.token="]
            + [f"--LabApp.app_dir={app_dir()}"],
            stdout=subprocess.DEVNULL,
            stderr=open(self.folder.parent / "jupyterlab.log", "a"),
            env={**os.environ, **folders},
        )
        self.address = f"http://127.0.0.1:{self.port}"
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{self.address}/lab", timeout=5).read()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def first_page(self) -> str:
        return f"{self.address}/lab?reset"

    def page_of(self, notebook: str) -> str:
        return f"{self.address}/lab/tree/{notebook}?reset"

    def complete(self, cells: int, outputs: bool) -> str:
        return f"() => document.querySelectorAll('{self.output if outputs else self.cell}').length >= {cells}"

    def make_kernel_ready(self, page) -> None:
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=120_000)


def app_dir() -> Path:
    """JupyterLab's page, installed beside its code rather than into the environment."""
    for folder in os.environ["PYTHONPATH"].split(os.pathsep):
        if (found := Path(folder) / "share" / "jupyter" / "lab").is_dir():
            return found
    raise SystemExit("JupyterLab's files are not beside its code")
