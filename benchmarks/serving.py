"""How both sides are served: uvicorn, alike."""

import os
from typing import Any

import uvicorn


def serve(app: Any) -> None:
    """Serves on 127.0.0.1 until the process is stopped."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["POSTIL_PORT"]),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,  # as Postil does
    )
