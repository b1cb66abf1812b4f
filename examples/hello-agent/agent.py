"""An agent in one file, with the standard library alone: gets a call of the agent contract, answers a deliverable."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Agent(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = call["payload"]["context"].get("name")
        if name:
            note = {"type": "note", "format": "text", "title": "Greeting", "content": f"Hello, {name}!"}
            self.answer(200, True, {"deliverable": note}, {"attempt": call["run"]["attemptNumber"]})
        else:  # a retry would fail again
            self.answer(422, False, {}, {"reason": "context.name is missing", "retryable": False})

    def answer(self, status: int, success: bool, content: dict[str, object], metadata: dict[str, object]) -> None:
        answer = {"success": success, "mode": "build", "payload": {"content": content, "metadata": metadata}}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8901"))
    print(f"The agent answers at http://127.0.0.1:{port}/", flush=True)
    ThreadingHTTPServer(("127.0.0.1", port), Agent).serve_forever()
