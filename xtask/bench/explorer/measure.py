"""Measures the data explorer beside Polars, which it calls, and pandas, and prints medians."""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flights
import pandas
import polars as pl
import psutil
from playwright.sync_api import sync_playwright

options = argparse.ArgumentParser()
options.add_argument("--atelier", type=Path, required=True)
options.add_argument("--ui", type=Path, required=True)
options.add_argument("--work", type=Path, required=True)
options.add_argument("--rounds", type=int, default=20)
options = options.parse_args()
chosen = random.Random(5)


class Backend:
    def __init__(self) -> None:
        home = options.work / "home"
        self.folder = home / "workspace"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [options.atelier, "serve", "--home", home, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "ATELIER_UI_DIR": str(options.ui), "ATELIER_LOG": "warn", "ATELIER_SPARE_KERNELS": "0"},
        )
        self.address = self.process.stdout.readline().split()[-1]
        self.window = re.search(r"http://\S+", self.process.stdout.readline()).group()
        self.token = self.window.split("#token=")[1]

    def call(self, name: str, **request) -> dict:
        asked = urllib.request.Request(
            f"{self.address}/studio/call/{name}",
            json.dumps(request).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer)

    def memory_mb(self) -> float:
        return psutil.Process(self.process.pid).memory_full_info().pss / 2**20

    def complete(self, source: str, **more) -> dict:
        """The view once all has been read."""
        view = self.call("OpenView", source=source, **more)
        while not view["complete"]:
            time.sleep(0.02)
            view = self.call("GetView", view=view["view"])
        return view


def milliseconds(work, times: int) -> float:
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def line(what: str, ours: float, limit: float | None, pandas_took: float | None, goal: str) -> None:
    show = lambda value: f"{value:10.1f} ms" if value is not None else f"{'':13}"
    print(f"{what:44} {show(ours)} {show(limit)} {show(pandas_took)}   {goal}", flush=True)


def engine(backend: Backend, size: str) -> None:
    """One size: pages, filter, sort, statistics, each beside the same call of Polars and of pandas."""
    parquet, csv = flights.write(options.work, size)
    for path in (parquet, csv):
        target = backend.folder / path.name
        target.unlink(missing_ok=True)
        os.link(path, target)
    print(f"\n{size} rows × 19{'':32} {'atelier':>13} {'polars':>13} {'pandas':>13}   goal")
    few = max(3, options.rounds // 4)
    resident = backend.memory_mb()
    started = time.perf_counter()
    view = backend.call("OpenView", source=parquet.name)
    backend.call("GetRows", view=view["view"], offset=0, limit=100)
    opened = (time.perf_counter() - started) * 1000
    line("open Parquet, first 100 rows", opened, milliseconds(lambda: pl.scan_parquet(parquet).head(100).collect(), few), None, "< 150 ms to paint")
    started = time.perf_counter()
    first = backend.call("OpenView", source=csv.name)
    backend.call("GetRows", view=first["view"], offset=0, limit=100)
    line("open CSV, first 100 rows", (time.perf_counter() - started) * 1000, milliseconds(lambda: pl.scan_csv(csv).head(100).collect(), few), None, "< 300 ms to paint")
    backend.call("DropView", view=first["view"])
    view = backend.complete(parquet.name)
    rows = view["num_rows"]
    frame, other = pl.read_parquet(parquet), pandas.read_parquet(parquet)

    def page() -> None:
        backend.call("GetRows", view=view["view"], offset=chosen.randrange(rows - 100), limit=100)

    line("any 100 rows", milliseconds(page, options.rounds), milliseconds(lambda: frame.slice(chosen.randrange(rows), 100).rows(), options.rounds), milliseconds(lambda: other.iloc[chosen.randrange(rows - 100) :][:100].to_dict("records"), few), "< 16 ms to paint")

    carriers = ["UA", "AA", "DL", "B6", "EV", "US", "WN", "MQ", "9E", "VX"]

    def keep() -> None:
        # Another value each time: the same filter again costs nothing.
        value = carriers.pop() if carriers else chosen.choice("ABCDEFGH")
        test = {"is": "column", "column": "carrier", "test": {"op": "equals", "value": value}}
        kept = backend.call("OpenView", source=parquet.name, filter={"is": "all", "of": [test]})
        backend.call("GetRows", view=kept["view"], offset=0, limit=100)

    line("filter, first 100 rows", milliseconds(keep, few), milliseconds(lambda: frame.filter(pl.col("carrier") == "UA"), few), milliseconds(lambda: other[other["carrier"] == "UA"], few), "< 100 ms")

    columns = ["arr_delay", "distance", "air_time", "dep_time", "tailnum"]

    def order() -> None:
        sorted_view = backend.call("OpenView", source=parquet.name, sort=[{"column": columns.pop(), "descending": True}])
        backend.call("GetRows", view=sorted_view["view"], offset=0, limit=100)

    line("sort, first 100 rows", milliseconds(order, min(few, 4)), milliseconds(lambda: frame.select(pl.col("arr_delay").arg_sort(descending=True)), 3), milliseconds(lambda: other.sort_values("arr_delay"), 1), "< 1,000 ms")
    started = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda column: backend.call("GetStats", view=view["view"], column=column["name"]), view["columns"]))
    stats = (time.perf_counter() - started) * 1000
    line("statistics of all columns", stats, milliseconds(lambda: [frame.select(pl.col(name).n_unique()) for name in frame.columns], 1), milliseconds(lambda: other.nunique(), 1), "< 3,000 ms")
    growth, needed = backend.memory_mb() - resident, frame.estimated_size("mb")
    print(f"  memory that the backend took: {growth:,.0f} MB; Polars needs {needed:,.0f} MB for the table in memory", flush=True)
    del frame, other


# Scrolls the grid in the page and waits for the painted rows, without the driver between.
SCROLL = """async (times) => {
  const grid = document.querySelector(".screen.is-on .grid-scroll");
  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const took = [];
  for (let turn = 0; turn < times; turn++) {
    const started = performance.now();
    grid.scrollTop = Math.random() * (grid.scrollHeight - grid.clientHeight);
    do await painted(); while (grid.querySelector("td.waits"));
    took.push(performance.now() - started);
    await new Promise(done => setTimeout(done, 60));
  }
  return took;
}"""
FRAMES = """async (milliseconds) => {
  const grid = document.querySelector(".screen.is-on .grid-scroll");
  const gaps = [];
  const ended = performance.now() + milliseconds;
  let last = performance.now();
  while (performance.now() < ended) {
    await new Promise(requestAnimationFrame);
    gaps.push(performance.now() - last);
    last = performance.now();
    grid.scrollTop += 24;
  }
  return gaps;
}"""


def window(backend: Backend, size: str) -> None:
    parquet, csv = (path.name for path in flights.write(options.work, size))
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        print(f"\nIn the window, {size} rows")
        for what, name, goal in [("Parquet", parquet, 150), ("CSV", csv, 300)]:
            took = []
            for _ in range(max(3, options.rounds // 4)):
                page = chromium.new_page()
                page.goto(backend.window)
                page.wait_for_selector("[data-app=atelier]")
                page.click("[data-rail=files]")
                page.wait_for_selector(f".screen.is-on [data-file='{name}']")
                took.append(page.evaluate(OPEN, name))
                page.close()
            print(f"  open {what} to first rows painted: {statistics.median(took):8.1f} ms   < {goal} ms", flush=True)
        page = chromium.new_page()
        page.goto(backend.window)
        page.click("[data-rail=files]")
        page.click(f".screen.is-on [data-file='{parquet}']")
        page.wait_for_selector(".screen.is-on td[data-c]")
        gaps = page.evaluate(FRAMES, 2000)
        print(f"  frames while the headers fill: {1000 / statistics.median(gaps):5.0f} a second, longest {max(gaps):.0f} ms")
        took = page.evaluate(SCROLL, options.rounds)
        print(f"  a jump anywhere to painted rows: {statistics.median(took):6.1f} ms   < 16 ms (one frame is 16.7)")
        chromium.close()


OPEN = """name => new Promise(resolve => {
  const started = performance.now();
  document.querySelector(`.screen.is-on [data-file='${name}']`).click();
  const look = () => document.querySelector(".screen.is-on td[data-c]:not(.waits)")
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)))
    : requestAnimationFrame(look);
  look();
})"""


def main() -> None:
    options.work.mkdir(parents=True, exist_ok=True)
    for size in flights.SIZES:
        backend = Backend()
        try:
            engine(backend, size)
            if size == "5 M":
                window(backend, size)
        finally:
            backend.process.terminate()
            backend.process.wait()


main()
