"""Views that leave processes, threads and tasks behind."""

import asyncio
import concurrent.futures
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from .table import Kit, misbehaves

LEFT: list[Any] = []
SLEEP = ["/bin/sleep", "300"]


@misbehaves(bad="same")
def fork_a_sleeper(kit: Kit) -> Any:
    if os.fork() == 0:
        time.sleep(300)
        os._exit(0)
    return "forked"


@misbehaves()
def fork_and_return_in_both(kit: Kit) -> Any:
    os.fork()
    return "who am I?"


@misbehaves(bad="failed")
def fork_and_die(kit: Kit) -> Any:
    if os.fork() == 0:
        time.sleep(300)
        os._exit(0)
    os._exit(9)


@misbehaves(bad="failed", ways=("in process", "servers"))
def fork_and_hang(kit: Kit) -> Any:
    os.fork()
    time.sleep(300)


@misbehaves(bad="same", ways=("in process", "servers"))
def fork_and_raise_in_the_child(kit: Kit) -> Any:
    if os.fork() == 0:
        raise SystemExit(7)
    return "parent"


@misbehaves(bad="same")
def daemon_of_the_old_kind(kit: Kit) -> Any:
    if (child := os.fork()) == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(300)
        os._exit(0)
    os.waitpid(child, 0)
    return "daemon"


@misbehaves(bad="same", ways=("in process", "servers"))
def daemon_that_changes_its_folder(kit: Kit) -> Any:
    if (child := os.fork()) == 0:
        os.setsid()
        os.chdir("/")
        if os.fork() == 0:
            for number in range(3, 256):
                try:
                    os.close(number)
                except OSError:
                    continue
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            time.sleep(300)
        os._exit(0)
    os.waitpid(child, 0)
    return "daemon"


@misbehaves(bad="same", ways=("in process", "servers"))
def twenty_children(kit: Kit) -> Any:
    LEFT.extend(subprocess.Popen(SLEEP) for _ in range(20))
    return "twenty"


@misbehaves(bad="same")
def program_that_keeps_the_pipes_open(kit: Kit) -> Any:
    LEFT.append(subprocess.Popen(SLEEP, close_fds=False))
    return "left"


@misbehaves(bad="same", ways=("in process", "servers"))
def program_in_a_session_of_its_own(kit: Kit) -> Any:
    LEFT.append(subprocess.Popen(SLEEP, start_new_session=True))
    return "left"


@misbehaves(bad="same", ways=("in process", "servers"))
def program_in_the_background_of_a_shell(kit: Kit) -> Any:
    os.system("nohup sleep 300 >/dev/null 2>&1 &")
    return "left"


@misbehaves(bad="same", ways=("in process", "servers"))
def program_that_ignores_signals(kit: Kit) -> Any:
    LEFT.append(subprocess.Popen(["/bin/sh", "-c", "trap '' TERM INT HUP; sleep 300"]))
    return "left"


@misbehaves(bad="same", ways=("in process", "servers"))
def program_that_is_stopped(kit: Kit) -> Any:
    child = subprocess.Popen(SLEEP)
    child.send_signal(signal.SIGSTOP)
    LEFT.append(child)
    return "left"


@misbehaves(bad="same", ways=("in process", "servers"))
def program_that_starts_programs(kit: Kit) -> Any:
    script = "for i in 1 2 3 4 5 6 7 8 9; do sleep 300 & done; wait"
    LEFT.append(subprocess.Popen(["/bin/sh", "-c", script]))
    return "left"


@misbehaves(bad="same", ways=("in process", "servers"))
def program_without_environment(kit: Kit) -> Any:
    LEFT.append(subprocess.Popen(SLEEP, env={}))
    return "left"


@misbehaves(bad="same", ways=("in process", "servers"))
def zombies(kit: Kit) -> Any:
    for _ in range(10):
        os.spawnv(os.P_NOWAIT, "/bin/true", ["true"])
    return "never waited for"


@misbehaves(bad="same")
def process_that_is_joined_at_exit(kit: Kit) -> Any:
    multiprocessing.get_context("fork").Process(target=time.sleep, args=(300,)).start()
    return "started"


@misbehaves(ways=("in process", "servers"))
def process_that_is_spawned(kit: Kit) -> Any:
    context = multiprocessing.get_context("spawn")
    context.Process(target=time.sleep, args=(300,)).start()
    return "started"


@misbehaves(ways=("in process", "servers"))
def pool_of_processes(kit: Kit) -> Any:
    pool = multiprocessing.get_context("fork").Pool(2)
    LEFT.append(pool)
    return str(pool.apply(abs, (-3,)))


@misbehaves(ways=("in process", "servers"))
def executor_of_processes(kit: Kit) -> Any:
    context = multiprocessing.get_context("fork")
    executor = concurrent.futures.ProcessPoolExecutor(2, context)
    LEFT.append(executor)
    LEFT.append(executor.submit(time.sleep, 300))
    return str(executor.submit(abs, -3).result())


@misbehaves(bad="same")
def thread_that_is_joined_at_exit(kit: Kit) -> Any:
    threading.Thread(target=time.sleep, args=(300,)).start()
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def thread_that_is_a_daemon(kit: Kit) -> Any:
    threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def two_hundred_threads(kit: Kit) -> Any:
    for _ in range(200):
        threading.Thread(target=time.sleep, args=(300,)).start()
    return "started"


def _busy() -> None:
    while True:
        pass


@misbehaves()
def thread_that_is_busy(kit: Kit) -> Any:
    threading.Thread(target=_busy).start()
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def thread_that_raises(kit: Kit) -> Any:
    threading.Thread(target=_busy, args=(1,)).start()
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def thread_that_starts_threads(kit: Kit) -> Any:
    def more() -> None:
        time.sleep(0.05)
        threading.Thread(target=more).start()

    more()
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def executor_of_threads(kit: Kit) -> Any:
    executor = concurrent.futures.ThreadPoolExecutor(1)
    executor.submit(time.sleep, 300)
    executor.submit(time.sleep, 300)
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def default_executor_of_the_loop(kit: Kit) -> Any:
    if kit.name == "quart":
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 300)
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def task_that_never_ends(kit: Kit) -> Any:
    if kit.name == "quart":
        LEFT.append(asyncio.ensure_future(asyncio.sleep(300)))
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def task_that_swallows_cancellation(kit: Kit) -> Any:
    async def forever() -> None:
        while True:
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    if kit.name == "quart":
        LEFT.append(asyncio.ensure_future(forever()))
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def background_task_that_never_ends(kit: Kit) -> Any:
    if kit.name == "quart":
        kit.framework.current_app.add_background_task(asyncio.sleep, 300)
    return "started"


@misbehaves(bad="same", ways=("in process", "servers"))
def server_left_listening(kit: Kit) -> Any:
    server = socket.create_server(("127.0.0.1", 0))
    LEFT.append(server)
    threading.Thread(target=server.accept).start()
    return "listening"


@misbehaves(bad="same", ways=("in process", "servers"))
def http_server_in_a_program(kit: Kit) -> Any:
    LEFT.append(
        subprocess.Popen(
            [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "0"]
        )
    )
    return "listening"
