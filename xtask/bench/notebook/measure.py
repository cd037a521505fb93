"""Measures the notebook beside JupyterLab, in the same Chromium, in turns, and prints medians and their ratio."""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import documents
import kernels
import peers
import psutil
from playwright.sync_api import sync_playwright

options = argparse.ArgumentParser()
options.add_argument("--atelier", type=Path, required=True)
options.add_argument("--rust-kernel", type=Path, required=True)
options.add_argument("--ui", type=Path, required=True)
options.add_argument("--work", type=Path, required=True)
options.add_argument("--rounds", type=int, default=20)
options = options.parse_args()
options.work.mkdir(parents=True, exist_ok=True)

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
LONG_MS = 240_000
# Looks in the page itself, so that the driver's own way does not count; a time is that of the frame that shows it.
WATCH = """([shown, complete]) => new Promise(resolve => {
  const times = {};
  const all = eval(complete);
  const look = () => requestAnimationFrame(() => {
    const first = times.first === undefined && document.querySelector(shown);
    const last = all();
    const painted = new MessageChannel();
    painted.port1.onmessage = () => {
      const now = performance.timeOrigin + performance.now();
      if (first) times.first = now;
      if (!last) return look();
      times.all = now;
      resolve(times);
    };
    painted.port2.postMessage(null);
  });
  look();
})"""
# From the key going down to the frame that shows the new result: one that was not there before, with its text. No frame
# is asked for before there is one: a browser holds back what else it has to do while a frame is due after a key.
RUN = """([result, text, editor]) => {
  const cell = document.querySelector(editor);
  window.measured = new Promise(resolve => {
    addEventListener("keydown", () => {
      const started = performance.now();
      const old = new Set(cell.querySelectorAll(result));
      const isThere = () => [...cell.querySelectorAll(result)].some(found => !old.has(found) && found.textContent.trim() === text);
      const watch = new MutationObserver(() => {
        if (!isThere()) return;
        watch.disconnect();
        requestAnimationFrame(() => {
          const painted = new MessageChannel();
          painted.port1.onmessage = () => resolve(performance.now() - started);
          painted.port2.postMessage(null);
        });
      });
      watch.observe(cell, { childList: true, subtree: true, characterData: true });
    }, { capture: true, once: true });
  });
}"""


def median(values: list[float]) -> float:
    return statistics.median(values)


def report(what: str, unit: str, ours: list[float], theirs: list[float], goal: str) -> None:
    a, b = median(ours), median(theirs)
    print(f"{what:48} {a:9.2f} {unit:3} {b:9.2f} {unit:3} {b / a:7.1f} x   {goal}", flush=True)


def browser(play):
    """A browser with a profile, as a person's. Pages without one (Playwright's default) wait for a store of their own to be
    made, which takes a third of a second of a small machine and is no part of what is measured."""
    profile = tempfile.mkdtemp(dir=options.work)
    return play.chromium.launch_persistent_context(profile, executable_path=shutil.which("chromium"), args=CHROMIUM)


def first_screen(play, peer) -> float:
    chromium = browser(play)
    page = chromium.new_page()
    started = time.monotonic()
    peer.start()
    page.goto(peer.first_page())
    page.wait_for_selector(peer.home, timeout=LONG_MS)
    took = time.monotonic() - started
    chromium.close()
    peer.stop()
    return took


def opening(chromium, peer, name: str, shown: str, complete: str) -> tuple[float, float]:
    """Seconds from asking for the page until the first of what is looked for is painted, and until all is there."""
    page = chromium.new_page()
    page.set_default_timeout(LONG_MS)
    address = peer.page_of(name)
    started = time.time() * 1000
    page.goto(address, wait_until="commit")
    page.wait_for_load_state("domcontentloaded")
    times = page.evaluate(WATCH, [shown, complete])
    page.close()
    return (times["first"] - started) / 1000, (times["all"] - started) / 1000


def running(chromium, peer, name: str, times: int) -> tuple[list[float], float, float]:
    """Milliseconds from Ctrl+Enter to the painted result, and MB of the server without and with its kernels."""
    page = chromium.new_page()
    page.set_default_timeout(LONG_MS)
    page.goto(peer.page_of(name))
    page.wait_for_selector(peer.cell)
    page.click(peer.editor)
    page.keyboard.press("Control+Enter")
    peer.make_kernel_ready(page)
    took = []
    for _ in range(times + 1):
        time.sleep(0.3)
        page.evaluate(RUN, [peer.result, "2", peer.editor])
        page.keyboard.press("Control+Enter")
        took.append(page.evaluate("window.measured"))
    server = psutil.Process(peer.process.pid)
    memory = peers.memory_mb(server), peers.memory_mb(*peers.with_children(server))
    page.close()
    return took[1:], *memory


def main() -> None:
    ours = peers.Atelier(options.work, options.atelier, options.ui)
    theirs = peers.JupyterLab(options.work)
    both = [ours, theirs]
    print(f"\n{'':48} {'Atelier':>13} {'JupyterLab':>13}   ratio   goal")
    with sync_playwright() as play:
        found = {peer.name: [] for peer in both}
        for _ in range(options.rounds):
            for peer in both:
                found[peer.name].append(first_screen(play, peer))
        report("command to usable first screen", "s", found["Atelier"], found["JupyterLab"], "< 1.5 s")

        for peer in both:
            peer.start()
        chromium = browser(play)
        for title, make, wanted, goals in [
            ("300 code cells", documents.code_cells, 300, ("", "< 1 s")),
            ("20 MB with 1000 outputs", documents.many_outputs, 1000, ("< 0.5 s", "< 3 s")),
        ]:
            firsts, alls = {p.name: [] for p in both}, {p.name: [] for p in both}
            for turn in range(max(9, options.rounds)):
                for peer in both:
                    # Half a minute each, and its seconds vary less than our tenths.
                    if wanted == 1000 and peer is theirs and turn % 4:
                        continue
                    name = f"{wanted}-{turn}.ipynb"
                    (peer.folder / name).write_text(json.dumps(make(), indent=1))
                    outputs = wanted != 300
                    shown = peer.output if outputs else peer.cell
                    first, every = opening(chromium, peer, name, shown, peer.complete(wanted, outputs))
                    firsts[peer.name].append(first)
                    alls[peer.name].append(every)
            report(f"open {title}: first", "s", firsts["Atelier"], firsts["JupyterLab"], goals[0])
            report(f"open {title}: all", "s", alls["Atelier"], alls["JupyterLab"], goals[1])

        chromium.close()
        took, memory, every = {}, {}, {}
        for peer in both:
            # A server that has opened nothing else, and a browser of its own, so that its memory can be told apart.
            peer.stop()
            peer.start()
            chromium = browser(play)
            (peer.folder / "one.ipynb").write_text(json.dumps(documents.one_cell("1+1"), indent=1))
            took[peer.name], server, kernels_too = running(chromium, peer, "one.ipynb", options.rounds)
            page = chromium.new_page()
            page.goto(peer.page_of("one.ipynb"))
            page.wait_for_selector(peer.cell)
            time.sleep(3)
            memory[peer.name] = server + peers.page_mb()
            every[peer.name] = kernels_too + peers.memory_mb(*peers.browsers())
            chromium.close()
        report("Ctrl+Enter on 1+1 to the painted result", "ms", took["Atelier"], took["JupyterLab"], "< 25 ms")
        report("memory of server and page", "MB", [memory["Atelier"]], [memory["JupyterLab"]], "< 250 MB")
        report("  with kernels and the whole browser", "MB", [every["Atelier"]], [every["JupyterLab"]], "")
    through, raw = kernels.path(ours, options.rounds)
    report("1+1 through the backend, beside raw ZeroMQ", "ms", through, raw, "< 3 ms more")
    print(f"{'  what the backend adds':48} {median(through) - median(raw):9.2f} ms")
    kernels.rust(ours, options.rust_kernel, options.rounds)
    for peer in both:
        peer.stop()


main()
