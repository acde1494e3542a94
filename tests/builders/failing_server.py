"""A server that fails before it answers, for tests of who asks it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def stumbling(answers: list[tuple[int, str]]) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server that gives these answers in turn (status and Retry-After), then the last; key and body it was sent."""
    requests: list[tuple[str, bytes]] = []

    class Stumbling(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            requests.append((self.headers["idempotency-key"], self.rfile.read(length)))
            status, after = answers[min(len(requests), len(answers)) - 1]
            body = json.dumps({"status": status}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            if after:
                self.send_header("retry-after", after)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing to the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Stumbling) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()
