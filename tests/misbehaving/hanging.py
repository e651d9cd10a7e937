"""Views that never come back, or hold the interpreter."""

import asyncio
import ctypes
import fcntl
import itertools
import os
import queue
import re
import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .table import Kit, misbehaves

LONG = 10**6


@misbehaves(bad="failed")
def sleep_forever(kit: Kit) -> Any:
    time.sleep(LONG)


@misbehaves(bad="failed", sides=("flask",))
def sleep_flask_only(kit: Kit) -> Any:
    time.sleep(LONG)


@misbehaves(bad="failed", sides=("quart",))
def sleep_quart_only(kit: Kit) -> Any:
    time.sleep(LONG)


@misbehaves(bad="failed")
def await_forever(kit: Kit) -> Any:
    return asyncio.sleep(LONG) if kit.name == "quart" else time.sleep(LONG)


@misbehaves(bad="failed")
def busy_loop(kit: Kit) -> Any:
    while True:
        pass


@misbehaves(bad="failed")
def catastrophic_regex(kit: Kit) -> Any:
    return str(re.match("(a+)+$", "a" * 60 + "!"))


@misbehaves(bad="failed", sides=("quart",))
def catastrophic_regex_quart_only(kit: Kit) -> Any:
    return str(re.match("(a+)+$", "a" * 60 + "!"))


@misbehaves(bad="failed")
def sum_in_c(kit: Kit) -> Any:
    return str(sum(itertools.repeat(1, 10**12)))


@misbehaves(bad="failed")
def sleep_in_c_with_the_gil(kit: Kit) -> Any:
    ctypes.PyDLL(None).sleep(300)


@misbehaves(bad="failed", ways=("in process", "servers"))
def huge_power(kit: Kit) -> Any:
    return str(len(str(3 ** (10**8))))


@misbehaves(bad="failed")
def deadlock(kit: Kit) -> Any:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


@misbehaves(bad="failed", ways=("in process", "servers"))
def async_deadlock(kit: Kit) -> Any:
    if kit.name == "flask":
        return deadlock(kit)

    async def wait() -> None:
        lock = asyncio.Lock()
        await lock.acquire()
        await lock.acquire()

    return wait()


SHARED = threading.Lock()


@misbehaves(bad="any", after="same", ways=("in process", "servers"))
def lock_not_released_before_the_next_request(kit: Kit) -> Any:
    got = SHARED.acquire(timeout=0.2)
    return f"{got}"


@misbehaves(bad="failed", ways=("in process", "servers"))
def empty_queue(kit: Kit) -> Any:
    queue.Queue[int]().get()


@misbehaves(bad="failed", ways=("in process", "servers"))
def event_never_set(kit: Kit) -> Any:
    threading.Event().wait()


@misbehaves(bad="failed", ways=("in process", "servers"))
def join_a_thread(kit: Kit) -> Any:
    thread = threading.Thread(target=time.sleep, args=(LONG,))
    thread.start()
    thread.join()


@misbehaves(bad="failed", ways=("in process", "servers"))
def accept_without_client(kit: Kit) -> Any:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()


@misbehaves(bad="failed", ways=("in process", "servers"))
def read_an_empty_pipe(kit: Kit) -> Any:
    reading, _ = os.pipe()
    os.read(reading, 1)


@misbehaves(bad="failed", ways=("in process", "servers"))
def open_a_fifo(kit: Kit) -> Any:
    path = Path(f"fifo-{kit.name}-{os.getpid()}")
    os.mkfifo(path)
    path.read_bytes()


@misbehaves(bad="failed", ways=("in process", "servers"))
def locked_file(kit: Kit) -> Any:
    path = Path(f"locked-{kit.name}-{os.getpid()}")
    with path.open("w") as first, path.open("w") as second:
        fcntl.flock(first, fcntl.LOCK_EX)
        fcntl.flock(second, fcntl.LOCK_EX)


@misbehaves(bad="failed", ways=("in process", "servers"))
def wait_for_a_signal(kit: Kit) -> Any:
    signal.sigwait({signal.SIGUSR2})


@misbehaves(ways=("in process", "servers"))
def read_standard_input(kit: Kit) -> Any:
    return input("name? ")


@misbehaves(bad="failed")
def wait_for_a_program(kit: Kit) -> Any:
    subprocess.run(["/bin/sleep", "300"], check=False)


@misbehaves(bad="failed")
def swallow_everything(kit: Kit) -> Any:
    while True:
        with suppress(BaseException):
            time.sleep(0.05)


@misbehaves(bad="failed")
def swallow_cancellation(kit: Kit) -> Any:
    if kit.name == "flask":
        return swallow_everything(kit)

    async def wait() -> None:
        while True:
            with suppress(BaseException):
                await asyncio.sleep(0.05)

    return wait()


@misbehaves(bad="failed")
def ignore_signals_and_hang(kit: Kit) -> Any:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with suppress(ValueError):
            signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
    time.sleep(LONG)


@misbehaves(bad="failed", ways=("in process", "servers"))
def nested_loop_forever(kit: Kit) -> Any:
    thread = threading.Thread(target=asyncio.new_event_loop().run_forever)
    thread.start()
    thread.join()


@misbehaves(bad="failed", ways=("in process", "servers"))
def hang_in_another_thread_of_the_loop(kit: Kit) -> Any:
    if kit.name == "flask":
        time.sleep(LONG)
    return asyncio.to_thread(time.sleep, LONG)


@misbehaves(bad="same", ways=("in process", "servers"))
def slow_but_in_time(kit: Kit) -> Any:
    time.sleep(0.3)
    return "slow"


@misbehaves(bad="failed", ways=("in process", "servers"))
def hang_in_a_finaliser(kit: Kit) -> Any:
    class Mine:
        def __del__(self) -> None:
            time.sleep(LONG)

    Mine()
    return "unreachable"


@misbehaves(ways=("in process", "servers"))
def variable_that_hangs_when_displayed(kit: Kit) -> Any:
    class Mine:
        def __repr__(self) -> str:
            time.sleep(LONG)
            return ""

    mine = Mine()
    return f"{mine is not None}"


@misbehaves(ways=("in process", "servers"))
def variable_that_exits_when_displayed(kit: Kit) -> Any:
    class Mine:
        def __repr__(self) -> str:
            os._exit(0)

    mine = Mine()
    return f"{mine is not None}"


@misbehaves(ways=("in process", "servers"))
def variable_that_is_huge_when_displayed(kit: Kit) -> Any:
    class Mine:
        def __repr__(self) -> str:
            return "x" * 50_000_000

    mine = Mine()
    return f"{mine is not None}"


@misbehaves(bad="any", ways=("in process", "servers"))
def many_lines(kit: Kit) -> Any:
    total = 0
    for number in range(300_000):
        total += number
    return str(total)


@misbehaves(bad="failed", ways=("in process", "servers"))
def hang_while_sockets_stay_open(kit: Kit) -> Any:
    kept = [socket.create_server(("127.0.0.1", 0)) for _ in range(20)]
    time.sleep(LONG)
    return str(len(kept))
