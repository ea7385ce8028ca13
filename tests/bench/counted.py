"""`tests.bench.counted:application`: the whole one, which counts what it renders.

/bench/renderings says as JSON how often each audience's board was rendered in this
process since it was last asked, and the seconds of processor that took.
"""

import json
import time
from collections import Counter
from typing import Any

from config.asgi import application as whole
from deliberation.live import board

times: Counter[str] = Counter()
cost: Counter[str] = Counter()
render = board.render


def counted(name: str) -> str:
    began = time.thread_time()
    try:
        return render(name)
    finally:
        audience = name.partition(":")[0]
        times[audience] += 1
        cost[audience] += time.thread_time() - began


board.render = counted


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http" or scope["path"] != "/bench/renderings":
        return await whole(scope, receive, send)
    body = json.dumps({name: [times[name], cost[name]] for name in times}).encode()
    times.clear()
    cost.clear()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return None
