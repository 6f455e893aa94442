"""A server of files on this machine that can go on in the middle, break off, and refuse."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """What is served, and what was asked.

    Attributes:
        files: Contents by path.
        asked: (path, range) of every request so far.
        breaks_after: Bytes after which an answer breaks off; None for never.
        goes_on: Whether it understands requests for a part of a file.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[tuple[str, str]] = []
        self.breaks_after: int | None = None
        self.goes_on = True
        self.address = ""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Server]:
    """Serve files under `address` for as long as it is open."""
    server = Server(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append((self.path, wanted))
            content = server.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted[6:-1]) if wanted and server.goes_on else 0
            if start and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start:][: server.breaks_after])

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
