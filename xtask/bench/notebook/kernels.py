"""What the way to a kernel costs: through the backend beside raw ZeroMQ, and what Rust cells take."""

import asyncio
import json
import time
from pathlib import Path

import documents
import websockets
from jupyter_client.manager import KernelManager


def path(atelier, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds from asking for `1+1` to its end: through the backend's call and events, and raw."""
    return asyncio.run(through(atelier, times)), raw(times)


async def through(atelier, times: int) -> list[float]:
    name = "path.ipynb"
    (atelier.folder / name).write_text(json.dumps(documents.one_cell("1+1"), indent=1))
    atelier.call("OpenNotebook", path=name)
    address = atelier.address.replace("http:", "ws:") + "/studio/events"
    took = []
    async with websockets.connect(address, subprotocols=["atelier", atelier.token], max_size=None) as events:
        for _ in range(times + 3):
            started = time.perf_counter()
            await asyncio.to_thread(atelier.call, "RunCells", path=name, cells=["cell-000000"])
            while True:
                event = json.loads(await events.recv())
                change = event.get("change", {})
                if change.get("change") == "run" and change["run"]["state"] in ("done", "failed"):
                    took.append((time.perf_counter() - started) * 1000)
                    break
            await asyncio.sleep(0.1)
    return took[3:]


def raw(times: int) -> list[float]:
    manager = KernelManager(kernel_name="python3", transport="ipc")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    took = []
    for _ in range(times + 3):
        took.append(execute(client, "1+1"))
        time.sleep(0.1)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return took[3:]


def execute(client, code: str) -> float:
    """Milliseconds until both the reply and the end on iopub are there."""
    started = time.perf_counter()
    asked = client.execute(code)
    while True:
        said = client.get_iopub_msg(timeout=600)
        if said["parent_header"].get("msg_id") == asked and said["msg_type"] == "error":
            raise SystemExit("\n".join(said["content"]["traceback"]))
        if said["parent_header"].get("msg_id") == asked and said["content"].get("execution_state") == "idle":
            break
    while client.get_shell_msg(timeout=600)["parent_header"].get("msg_id") != asked:
        pass
    return (time.perf_counter() - started) * 1000


# What a person takes to read what was opened; a spare kernel is ready by then.
READING_S = 8


async def rust_starts(atelier, times: int) -> list[float]:
    """Seconds from running `1+1` in a Rust notebook, opened a little before, until it is done: its kernel starts for it."""
    address = atelier.address.replace("http:", "ws:") + "/studio/events"
    took = []
    async with websockets.connect(address, subprotocols=["atelier", atelier.token], max_size=None) as events:

        async def until(wanted) -> None:
            while (event := json.loads(await events.recv())).get("path") != name or not wanted(event["change"]):
                pass

        for turn in range(times):
            name = f"rust-{turn}.ipynb"
            (atelier.folder / name).write_text(json.dumps(documents.one_rust_cell("1+1"), indent=1))
            atelier.call("OpenNotebook", path=name)
            await asyncio.sleep(READING_S)
            started = time.perf_counter()
            await asyncio.to_thread(atelier.call, "RunCells", path=name, cells=["cell-000000"])
            await until(lambda change: change["change"] == "run" and change["run"]["state"] in ("done", "failed"))
            took.append(time.perf_counter() - started)
            atelier.call("StopKernel", path=name, kernel=None)
    return took


def rust(atelier, program: Path, times: int) -> None:
    """Started for a notebook, and by hand as JupyterLab would start it."""
    warm_starts = asyncio.run(rust_starts(atelier, max(3, times // 4)))
    starts, first_lets, warm = [], [], []
    for _ in range(max(3, times // 4)):
        manager = KernelManager(transport="ipc")
        manager._kernel_spec = spec(program)
        started = time.perf_counter()
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=300)
        starts.append(time.perf_counter() - started)
        # A spare has had this time: it is started ahead.
        execute(client, "1+1")
        first_lets.append(execute(client, "let x = 5;") / 1000)
        warm.extend(execute(client, "1+1") / 1000 for _ in range(5))
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    for what, values, goal in [
        ("Rust kernel: warm start with its first 1+1", warm_starts, "< 0.2 s + 0.25 s"),
        ("Rust kernel: started by hand, until it answers", starts, ""),
        ("Rust kernel: warm 1+1", warm, "< 0.25 s"),
        ("Rust kernel: first let", first_lets, "< 0.5 s"),
    ]:
        values.sort()
        print(f"{what:48} {values[len(values) // 2]:9.2f} s   {'':24} {goal}")


def spec(program: Path):
    from jupyter_client.kernelspec import KernelSpec

    argv = [str(program), "--connection-file", "{connection_file}"]
    return KernelSpec(argv=argv, display_name="Rust", language="rust", interrupt_mode="message")
