"""Measures the data explorer beside Polars, which it calls, and pandas, and prints medians."""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import flights
import numpy
import pandas
import polars as pl
import psutil
from playwright.sync_api import sync_playwright

options = argparse.ArgumentParser()
options.add_argument("--atelier", type=Path, required=True)
options.add_argument("--ui", type=Path, required=True)
options.add_argument("--step-cost", type=Path, required=True, help="the example of this name")
options.add_argument("--work", type=Path, required=True)
options.add_argument("--rounds", type=int, default=20)
options.add_argument("--sizes", nargs="*", choices=list(flights.SIZES), help="only these")
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


# Measure -> size -> (ours, Polars, pandas).
found: dict[str, dict[str, tuple]] = {}


def line(size: str, what: str, ours: float, limit: float | None, pandas_took: float | None, goal: str) -> None:
    found.setdefault(what, {})[size] = (ours, limit, pandas_took)
    show = lambda value: f"{value:10,.1f} ms" if value is not None else f"{'-':>10}   "
    ratio = f"{ours / limit:6.2f}" if limit else f"{'-':>6}"
    print(f"{what:44} {show(ours)} {show(limit)} {show(pandas_took)} {ratio}   {goal}", flush=True)


def numbers_of_polars(frame: pl.DataFrame) -> None:
    """What a header says, by Polars: missing, distinct, bounds, moments, quantiles, bins or the most frequent values."""
    column, q = pl.col, (0.05, 0.25, 0.5, 0.75, 0.95)
    asked = []
    for name, dtype in frame.schema.items():
        own = [column(name).null_count(), column(name).n_unique(), column(name).min(), column(name).max()]
        if dtype.is_numeric():
            own += [column(name).mean(), column(name).std(), column(name).skew(), *(column(name).quantile(share, "linear") for share in q)]
        asked += [one.alias(f"{name} {i}") for i, one in enumerate(own)]
    frame.lazy().select(asked).collect()
    for name, dtype in frame.schema.items():
        if dtype.is_numeric():
            frame[name].hist(bin_count=24)
        else:
            frame[name].value_counts().top_k(10, by="count")


def numbers_of_pandas(frame: pandas.DataFrame) -> None:
    for name in frame.columns:
        column = frame[name]
        column.isna().sum(), column.nunique()
        if pandas.api.types.is_numeric_dtype(column):
            column.describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95]), column.skew()
            numpy.histogram(column.dropna(), 24)
        else:
            column.value_counts().head(10)


def all_statistics(backend: Backend, view: dict) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda column: backend.call("GetStats", view=view["view"], column=column["name"]), view["columns"]))


def pages_meanwhile(backend: Backend, view: dict, work) -> list[float]:
    """The milliseconds of pages anywhere in the view while `work` is done."""
    rows, took = view["num_rows"], []
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(work)
        while not busy.done():
            took.append(milliseconds(lambda: backend.call("GetRows", view=view["view"], offset=chosen.randrange(rows - 100), limit=100), 1))
            time.sleep(0.05)  # nobody jumps faster, and the pages' own work is not what is measured
        busy.result()
    return took


READ = """import sys, polars, psutil
process = psutil.Process()
before = process.memory_full_info().pss
frame = polars.read_parquet(sys.argv[1])
print((process.memory_full_info().pss - before) / 2**20)"""


def polars_mb(parquet: Path) -> float:
    """What a process takes for the table in memory."""
    return float(subprocess.run([sys.executable, "-c", READ, parquet], check=True, capture_output=True, text=True).stdout)


def step_costs(parquet: Path, times: int) -> list[dict]:
    """What steps take in the panel and as bare Polars calls, both of this build: Python's Polars is another one."""
    said = subprocess.run([options.step_cost, parquet, str(times)], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in said.splitlines()]


def engine(backend: Backend, size: str) -> None:
    """One size: pages, filter, sort, statistics, each beside the same call of Polars and of pandas."""
    parquet, csv = flights.write(options.work, size)
    for path in (parquet, csv):
        target = backend.folder / path.name
        target.unlink(missing_ok=True)
        os.link(path, target)
    # A second table of the same rows: another file, so that it is opened for itself.
    beside = backend.folder / f"beside-{parquet.name}"
    beside.unlink(missing_ok=True)
    os.link(parquet, beside)
    print(f"\n{size} rows × 19{'':32} {'atelier':>13} {'polars':>13} {'pandas':>13} {'ratio':>6}   goal")
    few = max(3, options.rounds // 4)
    started = time.perf_counter()
    first = backend.call("OpenView", source=csv.name)
    backend.call("GetRows", view=first["view"], offset=0, limit=100)
    line(size, "open CSV, first 100 rows", (time.perf_counter() - started) * 1000, milliseconds(lambda: pl.scan_csv(csv, infer_schema_length=10_000).head(100).collect(), few), None, "< 300 ms to paint")
    # Its reading would go on beside what is measured next.
    backend.call("DropView", view=first["view"])
    resident = backend.memory_mb()
    started = time.perf_counter()
    view = backend.call("OpenView", source=parquet.name)
    backend.call("GetRows", view=view["view"], offset=0, limit=100)
    opened = (time.perf_counter() - started) * 1000
    line(size, "open Parquet, first 100 rows", opened, milliseconds(lambda: pl.scan_parquet(parquet).head(100).collect(), few), None, "< 150 ms to paint")
    # Asked as soon as the table is open, as the grid's headers do; pages are asked for meanwhile.
    started = time.perf_counter()
    meanwhile = pages_meanwhile(backend, view, lambda: all_statistics(backend, view))
    stats = (time.perf_counter() - started) * 1000
    took, needed = backend.memory_mb() - resident, polars_mb(parquet)
    frame = pl.read_parquet(parquet)
    other = pandas.read_parquet(parquet) if flights.SIZES[size] <= 6_000_000 else None  # its texts would not fit
    beside_pandas = lambda work, times: milliseconds(work, times) if other is not None else None
    read = milliseconds(lambda: numbers_of_polars(pl.read_parquet(parquet)), 1)
    line(size, "statistics of all columns, from the file", stats, read, beside_pandas(lambda: numbers_of_pandas(other), 1), "< 3,000 ms")
    line(size, "any 100 rows meanwhile, median", statistics.median(meanwhile), None, None, "< 16 ms to paint")
    line(size, "any 100 rows meanwhile, slowest", max(meanwhile), None, None, "")
    rows = view["num_rows"]

    def page() -> None:
        backend.call("GetRows", view=view["view"], offset=chosen.randrange(rows - 100), limit=100)

    line(size, "any 100 rows", milliseconds(page, options.rounds), milliseconds(lambda: frame.slice(chosen.randrange(rows), 100).rows(), options.rounds), beside_pandas(lambda: other.iloc[chosen.randrange(rows - 100) :][:100].to_dict("records"), few), "< 16 ms to paint")

    carriers = ["UA", "AA", "DL", "B6", "EV", "US", "WN", "MQ", "9E", "VX"]

    def keep() -> None:
        # Another value each time: the same filter again costs nothing.
        value = carriers.pop() if carriers else chosen.choice("ABCDEFGH")
        test = {"is": "column", "column": "carrier", "test": {"op": "equals", "value": value}}
        kept = backend.call("OpenView", source=parquet.name, filter={"is": "all", "of": [test]})
        backend.call("GetRows", view=kept["view"], offset=0, limit=100)

    line(size, "filter, first 100 rows", milliseconds(keep, few), milliseconds(lambda: frame.filter(pl.col("carrier") == "UA"), few), beside_pandas(lambda: other[other["carrier"] == "UA"], few), "< 100 ms")

    columns = ["arr_delay", "distance", "air_time", "dep_time", "tailnum"]

    def order() -> None:
        sorted_view = backend.call("OpenView", source=parquet.name, sort=[{"column": columns.pop(), "descending": True}])
        backend.call("GetRows", view=sorted_view["view"], offset=0, limit=100)

    line(size, "sort, first 100 rows", milliseconds(order, min(few, 4)), milliseconds(lambda: frame.sort("arr_delay", descending=True), 3), beside_pandas(lambda: other.sort_values("arr_delay"), 1), "< 1,000 ms")
    # Each round keeps what it made, and of 20 M rows a dozen do not fit.
    for cost in step_costs(parquet, max(few, 15) if rows < 6_000_000 else few):
        line(size, f"a step of the panel: {cost['step']}", cost["panel_ms"], cost["bare_ms"], None, "ratio < 1.1")
    print(f"  memory that the open Parquet took: {took:,.0f} MB; Polars needs {needed:,.0f} MB: {took / needed:.2f} (< 1.5)", flush=True)
    alone = statistics.median(milliseconds(page, 1) for _ in range(options.rounds))
    second = backend.call("OpenView", source=beside.name)
    together = statistics.median(pages_meanwhile(backend, view, lambda: all_statistics(backend, second)))
    print(f"  any 100 rows while a second table's headers are computed: {together:.1f} ms; alone {alone:.1f} ms", flush=True)
    del frame, other


# Waits for what is looked for and for the frame that shows it. No frame is asked for before it is there: a browser holds
# back what else it has to do while one is due.
PAINTED = """const painted = isThere => new Promise(done => {
    const show = () => requestAnimationFrame(() => {
      const frame = new MessageChannel();
      frame.port1.onmessage = () => done(performance.now());
      frame.port2.postMessage(null);
    });
    const watch = new MutationObserver(() => {
      if (!isThere()) return;
      watch.disconnect();
      show();
    });
    watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class", "data-row"] });
  });"""
# Goes anywhere in the grid and waits for the painted rows, without the driver between: by the scroll bar, where the clock
# starts when the page learns where it was scrolled to, or by a row's number, where it starts with the Enter key. Each turn
# gives the milliseconds until the rows are in the page, and until the frame that shows them.
JUMPS = """async ([byNumber, times]) => {
  const grid = document.querySelector(".screen.is-on .grid-scroll");
  const field = document.querySelector(".screen.is-on .toolbar form input");
  const numRows = Number(grid.querySelector("table").ariaRowCount);
  PAINTED
  const took = [];
  for (let turn = 0; turn < times; turn++) {
    const first = () => grid.querySelector("tr[data-row]").dataset.row;
    const old = first();
    let here;
    const isHere = () => first() !== old && !grid.querySelector("td.waits") && (here = performance.now(), true);
    const scrolled = new Promise(done => grid.addEventListener("scroll", () => done(performance.now()), { once: true, capture: true }));
    let started = performance.now();
    let ended;
    if (byNumber) {
      field.value = "#" + (1 + Math.floor(Math.random() * numRows));
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise(done => setTimeout(done, 20 + Math.random() * 17));  // a person's hand knows nothing of frames
      started = performance.now();
      ended = painted(isHere);
      field.form.requestSubmit();
    } else {
      grid.scrollTop = Math.random() * (grid.scrollHeight - grid.clientHeight);
      ended = painted(isHere);
      started = await scrolled;
    }
    const end = await ended;
    took.push([here - started, end - started]);
    await new Promise(done => setTimeout(done, 60));
  }
  return took;
}""".replace("PAINTED", PAINTED)
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
        # With a profile, as a person's browser has one.
        profile = tempfile.mkdtemp(dir=options.work)
        arguments = ["--no-sandbox", "--disable-gpu"]
        chromium = play.chromium.launch_persistent_context(profile, executable_path=shutil.which("chromium"), args=arguments)
        print(f"\nIn the window, {size} rows")
        for what, name, goal in [("Parquet", parquet, 150), ("CSV", csv, 300)]:
            took = []
            for _ in range(max(3, options.rounds // 4)):
                # A window whose tabs hold no table yet.
                home = "atelier://home"
                backend.call("PutWindowState", key="window", value=json.dumps({"tabs": [home], "active": home}))
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
        print(f"  frames while the headers fill: {1000 * len(gaps) / sum(gaps):5.0f} a second, longest {max(gaps):.0f} ms")
        time.sleep(3)  # until they are full
        for how, by_number in [("scroll bar", False), ("a row's number", True)]:
            here, painted = zip(*page.evaluate(JUMPS, [by_number, options.rounds]))
            print(f"  by {how} to any rows: here after {statistics.median(here):5.1f} ms, painted after {statistics.median(painted):5.1f} ms   < 16 ms (one frame is 16.7)")
        chromium.close()


OPEN = """async name => {
  PAINTED
  const started = performance.now();
  const ended = painted(() => document.querySelector(".screen.is-on td[data-c]:not(.waits)"));
  document.querySelector(`.screen.is-on [data-file='${name}']`).click();
  return await ended - started;
}""".replace("PAINTED", PAINTED)


def growth(sizes: list[str]) -> None:
    """What of a measure grows with the rows."""
    print(f"\n{'Growth, atelier in ms':44}" + "".join(f"{size:>12}" for size in sizes))
    for what, by_size in found.items():
        print(f"{what:44}" + "".join(f"{by_size[size][0]:12,.1f}" if size in by_size else f"{'':12}" for size in sizes))


def main() -> None:
    options.work.mkdir(parents=True, exist_ok=True)
    sizes = options.sizes or list(flights.SIZES)
    for size in sizes:
        backend = Backend()
        try:
            engine(backend, size)
            if size == "5 M":
                window(backend, size)
        finally:
            backend.process.terminate()
            backend.process.wait()
    growth(sizes)


main()
