import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event_id, sent, signatures = (
            self.headers[f"webhook-{name}"] or "" for name in ("id", "timestamp", "signature")
        )
        signature = base64.b64encode(hmac.digest(KEY, f"{event_id}.{sent}.".encode() + body, hashlib.sha256))
        is_signed = any(hmac.compare_digest(b"v1," + signature, one.encode()) for one in signatures.split())
        is_good = is_signed and abs(time.time() - int(sent)) < 300
        self.send_response(204 if is_good else 401)
        self.end_headers()
        if is_good:
            print(json.loads(body)["type"], event_id, flush=True)


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()
