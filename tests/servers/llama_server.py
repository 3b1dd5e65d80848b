"""A llama.cpp server for tests: POST /completion and GET /health, behaves or misbehaves.

A real HTTP server on a random loopback port, in threads of the caller. `mode` may be changed at
any time; beside those of `remote_detector` (text, long, endless, drip, hang, reset, banner, bomb,
headers, half, 400 … 503):

    good        a judgement as the schema wants it     thinking   the same after <think>…</think>
    unclosed    a thought that never ends              said       `content`, whatever it is
    limit       stop_type "limit"                      truncated  truncated true
    overflow    400 exceed_context_size_error while the prompt is longer than `room` characters
    loading     503 at both                            slow       good, once `release` is set
    echo        repeats the prompt as its summary      huge       100 MB
    wrong key   401 unless "Authorization: Bearer letmein42"

Usage by hand: llama_server.py [MODE]. Prints {"port": N}; ends when standard input closes.
"""

import json
import socket
import sys
import threading

from servers.remote_detector import KEY, RemoteServer, http_answer, read_request

JUDGEMENT = {
    "risk_score": 72,
    "risk_level": "low",  # not what 72 means: who asks must derive it
    "summary": "Smoke, then flame, at the boiler.",
    "reasoning": "Two independent sources.",
}
_OVERFLOW = {
    "error": {
        "code": 400,
        "message": "the request exceeds the available context size",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 9000,
        "n_ctx": 4096,
    }
}


class LlamaServer(RemoteServer):
    """Answers until closed; `with` closes it.

    Attributes:
        content: What the model says in the mode "said".
        room: Characters of the longest prompt that fits.
        questions: Body of each request to /completion.
        release: Lets the answers of the mode "slow" go.
    """

    def __init__(self, mode: str = "good") -> None:
        self.content, self.room = "", 100_000
        self.questions: list[dict[str, object]] = []
        self.release = threading.Event()
        super().__init__(mode)

    def close(self) -> None:
        self.release.set()
        super().close()

    def _answer(self, connection: socket.socket) -> None:
        method, path, headers, body = read_request(connection)
        with self._lock:
            self.asked.append(path)
        if (method, path) == ("GET", "/health"):
            loading = self.mode == "loading"
            found: dict[str, object] = {"error": {"code": 503}} if loading else {"status": "ok"}
            connection.sendall(_json(503 if loading else 200, found))
            return
        question = json.loads(body)
        with self._lock:
            self.questions.append(question)
        if self.mode == "slow":
            self.release.wait(30.0)
        self._complete(connection, str(question["prompt"]), headers.get("authorization", ""))

    def _complete(self, connection: socket.socket, prompt: str, authorization: str) -> None:
        mode, good = self.mode, json.dumps(JUDGEMENT)
        permitted = mode == "wrong key" and authorization == f"Bearer {KEY}"
        fits = mode == "overflow" and len(prompt) <= self.room
        said = {
            "good": good,
            "slow": good,
            "thinking": f'<think>Is 3 < 5?\n{{"risk_score": 1}}</think>\n{good}',
            "unclosed": f"<think>I wonder. {good}",
            "said": self.content,
            "echo": json.dumps({**JUDGEMENT, "summary": prompt}),
        }
        if mode in said or permitted or fits:
            connection.sendall(_json(200, _completion(said.get(mode, good))))
        elif mode in ("limit", "truncated"):
            stop = "limit" if mode == "limit" else "eos"
            connection.sendall(_json(200, _completion(good, stop, mode == "truncated")))
        elif mode == "overflow":
            connection.sendall(_json(400, _OVERFLOW))
        elif mode == "loading":
            connection.sendall(_json(503, {"error": {"code": 503}}))
        elif mode == "huge":
            self._send_huge(connection)
        else:
            self._misbehave(connection)

    def _send_huge(self, connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n{"content": "')
        for _ in range(10_000):
            if self._over.is_set():
                return
            connection.sendall(b"a" * 10_000)


def _completion(content: str, stop: str = "eos", truncated: bool = False) -> dict[str, object]:
    timings = {"predicted_per_second": 40.0}
    return {"content": content, "stop_type": stop, "truncated": truncated, "timings": timings}


def _json(status: int, found: dict[str, object]) -> bytes:
    return http_answer(status, json.dumps(found).encode())


def main() -> None:
    with LlamaServer(*sys.argv[1:2]) as server:
        sys.stdout.write(json.dumps({"port": server.port}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
