"""Run the application under uvicorn: `python -m config.server --port 8000`."""

import argparse
import contextlib
import resource
import socket
import sys
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

APPLICATION = "config.asgi:application"
DEAD_PEER_MILLISECONDS = 30_000
MOST_FILES = 65_536


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    processes: int = 1,
    application: Any = APPLICATION,
) -> None:
    """Serve until told to stop (SIGTERM, Ctrl-C); then end within three seconds.

    processes: how many identical ones share the port; more than one needs PostgreSQL.
    application: a dotted path, or with one process also the application itself.
    Exits with a sentence if the address cannot be had.
    """
    # Threads that wait for the database get the processor back soon: with the usual
    # 5 ms an answer that holds SQLite's lock keeps the others waiting while boards are
    # rendered. Much less costs a tenth of the rate in switching.
    sys.setswitchinterval(0.002)
    raise_file_limit()
    try:
        listening = bind(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        sys.exit(f"Cannot listen on {host}, port {port}: {reason}.")
    config = configure(application, workers=processes)
    with listening:
        if processes > 1:
            Multiprocess(config, sockets=[listening]).run()
        else:
            with contextlib.suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=[listening])


def raise_file_limit() -> None:
    """Let this process have as many open connections as the machine allows it.

    Each phone holds one, and what most machines begin with is a thousand files.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    with contextlib.suppress(ValueError):  # a Mac may allow less than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def configure(application: Any = APPLICATION, **options: Any) -> uvicorn.Config:
    """Settle how uvicorn serves this application, the same everywhere."""
    return uvicorn.Config(
        application,
        interface="asgi3",
        lifespan="on",
        ws="none",
        # Above a proxy's own, or a phone's next answer meets a closed connection.
        timeout_keep_alive=75,
        # Streams end themselves when told to; this is for one that cannot.
        timeout_graceful_shutdown=2,
        # Seconds without a word after which a process is taken for dead and replaced;
        # one with much to do, or just starting on a busy machine, takes its time.
        timeout_worker_healthcheck=30,
        # Who the client is, behind proxies, is decided in one place, and not here.
        proxy_headers=False,
        server_header=False,
        # Addresses and paths of participants are nobody's business.
        access_log=False,
        log_config=None,
        **options,
    )


def bind(host: str, port: int) -> socket.socket:
    """Listen on host and port (0: any free one). Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=2048)
    listening.setblocking(False)
    # Accepted connections inherit these: a phone that walked out of the Wi-Fi is
    # forgotten after half a minute, with whatever was still to be sent to it.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MILLISECONDS
        )
    return listening


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--application", default=APPLICATION)
    options = parser.parse_args()
    serve(
        options.host,
        options.port,
        processes=options.processes,
        application=options.application,
    )


if __name__ == "__main__":
    main()
