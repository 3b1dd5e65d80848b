# ruff: noqa: S311, T201 - chance spreads reconnections only; it talks to a terminal
"""A small device of protocol version 2, written from device-protocol.md alone. Python 3.11.

    python device_client.py STATE HOST PORT SECONDS [ENROLMENT_TEXT_FILE]

STATE is the file that survives a loss of power; the enrolment text is needed once, to make it. It
sends one packet of made-up values a second and keeps what the server has not stored. Left out:
TLS, thermal frames, room that is kept for alarms, firmware updates.
"""

import hashlib
import hmac
import json
import os
import random
import re
import socket
import sys
import time
from collections import deque
from pathlib import Path

WINDOW, ROOM = 64, 256  # messages under way, messages kept
GREETING, SILENT = 10.0, 30.0  # s
NUMBER, MAC = r"(0|[1-9]\d{0,18})", r"([0-9a-f]{32})"
FORMS = {
    "challenged": f"#ch2:([0-9a-f]{{16}}):{NUMBER}:{NUMBER}:{NUMBER}:{MAC}!",
    "stored": f"#a2:{NUMBER}:{MAC}!",
    "judged": f"#r2:{NUMBER}:{MAC}!",
    "commanded": f"#c2:{NUMBER}:{NUMBER}:{MAC}:([ -~]+)!",
}


def code(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def derive(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def first_memory(text):
    """The memory of a new device; section 9."""
    head, check = text.strip().rsplit(":", 1)
    kind, device, kid, secret = head.split(":")
    if kind != "ee2" or hashlib.sha256(head.encode()).hexdigest()[:8] != check:
        raise SystemExit("the enrolment text was mistyped")
    return {"device": device, "boot": 0, "keys": [[kid, secret]]}


class Device:
    """Key, queue and clock of one device. `keys` has the old key first, a new one behind it."""

    def __init__(self, path, memory):
        self.path, self.memory = Path(path), memory
        self.offset = None  # ms between the running clock and UTC
        self.queue, self.newest = deque(), 0  # (seq, running ms, body) not stored by the server
        self.fresh, self.turn, self.open = True, 0, False
        self.start_boot(memory["boot"] + 1)

    def start_boot(self, boot):
        """Save the new boot first, then number from 1; section 4."""
        self.memory["boot"] = boot
        self.save()
        self.queue = deque((n, ms, body) for n, (_, ms, body) in enumerate(self.queue, 1))
        self.newest, self.receipt = len(self.queue), 0  # receipt: judged up to here in this boot

    def save(self):
        new = self.path.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.memory, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)

    def measured(self, body):
        if len(self.queue) >= ROOM and self.queue[0][0] <= self.receipt:
            self.queue.popleft()  # judged already: what is new matters more
        if len(self.queue) < ROOM:  # else it is full: stop measuring
            self.newest += 1
            self.queue.append((self.newest, uptime(), body))

    def hello(self):
        keys = self.memory["keys"]
        self.turn = (self.turn + 1) % len(keys)  # with two keys: the new one first, then in turn
        self.kid, secret = keys[self.turn]
        self.key, self.nonce = bytes.fromhex(secret), os.urandom(8).hex()
        # Of this connection: the last number sent, answered, obeyed.
        self.open, self.sent, self.answered, self.obeyed = False, 0, 0, 0
        device, boot = self.memory["device"], self.memory["boot"]
        return f"#hi2:{device}:{self.kid}:{boot}:{self.nonce}:0.1!"

    def take(self, packet):
        """One whole packet from the server; True: close the connection and greet again at once."""
        for name, form in FORMS.items():
            if found := re.fullmatch(form, packet):
                return getattr(self, name)(*found.groups())
        return False

    def challenged(self, nonce, ms, boot, seq, mac):
        if self.open:
            return False
        mine = self.memory["boot"]
        context = f"{self.memory['device']}|{self.kid}|{mine}|{self.nonce}|{nonce}"
        from_server = derive(self.key, f"ee2|s2c|{context}")
        if not hmac.compare_digest(mac, code(from_server, f"#ch2:{nonce}:{ms}:{boot}:{seq}:")):
            return False
        self.context, self.from_server = context, from_server
        self.to_server = derive(self.key, f"ee2|c2s|{context}")
        if len(self.memory["keys"]) > 1 and self.turn:  # the new key is good: forget the old one
            self.memory["keys"], self.turn = [self.memory["keys"][1]], 0
            self.save()
        if self.offset is None:
            self.offset = int(ms) - uptime()
        boot, seq, fresh, self.fresh = int(boot), int(seq), self.fresh, False
        if boot > mine or (boot == mine and (fresh or seq > self.newest)):
            self.start_boot(boot + 1)  # the counter was lost
            return True
        self.forget(seq if boot == mine else 0)
        self.open = True
        return False

    def genuine(self, seq, mac, covered):
        """An answer with a right code to something that was sent."""
        good = self.open and hmac.compare_digest(mac, code(self.from_server, covered))
        return good and int(seq) <= self.newest

    def stored(self, seq, mac):
        if self.genuine(seq, mac, f"#a2:{seq}:"):
            self.forget(int(seq))
        return False

    def judged(self, seq, mac):
        """Not on the disk, so it is kept, but it makes room for what is new."""
        if self.genuine(seq, mac, f"#r2:{seq}:"):
            self.answered = max(self.answered, int(seq))
            self.receipt = max(self.receipt, int(seq))
        return False

    def forget(self, seq):
        self.answered = max(self.answered, seq)
        while self.queue and self.queue[0][0] <= seq:
            self.queue.popleft()

    def commanded(self, seq, ms, mac, text):
        good = self.open and hmac.compare_digest(
            mac, code(self.from_server, f"#c2:{seq}:{ms}:{text}")
        )
        if not good or int(seq) <= self.obeyed:
            return False
        self.obeyed = int(seq)
        name, *rest = text.split(":")
        if name == "TIME":
            self.offset = int(rest[0]) - uptime()
        elif name == "KEY" and rest[0] != self.kid:
            mask = derive(self.key, f"ee2|key|{self.context}|{rest[0]}")
            new = bytes(a ^ b for a, b in zip(mask, bytes.fromhex(rest[1]), strict=True))
            self.memory["keys"] = [[self.kid, self.key.hex()], [rest[0], new.hex()]]
            self.turn = 0
            self.save()
            return True
        print("obeyed", name, flush=True)
        return False

    def outgoing(self):
        """What may be sent now: at most WINDOW messages without acknowledgement."""
        first = self.queue[0][0] if self.queue else 0
        last = max(self.answered, first - 1) + WINDOW
        for seq, ms, body in list(self.queue):
            if self.open and max(self.sent, self.answered) < seq <= last:
                head = f"#m2:{seq}:{ms + self.offset}:"
                self.sent = seq
                yield f"{head}{code(self.to_server, head + body)}:{body}!"


def uptime():
    return time.monotonic_ns() // 1_000_000


def converse(device, line, until, measure):
    """One connection; True: greet again at once."""
    line.settimeout(0.2)
    line.sendall(device.hello().encode())
    began = moved = time.monotonic()
    heard = b""
    while time.monotonic() < until:
        measure()
        line.sendall("".join(device.outgoing()).encode())
        try:
            chunk = line.recv(4096)
            if not chunk:
                return False
        except TimeoutError:
            chunk = b""
        answered = device.answered
        *packets, heard = (heard + chunk).split(b"!")
        heard = heard[-4096:]
        for packet in packets:
            text = "#" + packet.rpartition(b"#")[2].decode("ascii", "replace") + "!"
            if device.take(text):
                return True
        now = time.monotonic()
        if device.answered > answered or device.sent <= device.answered:
            moved = now
        if now - moved > SILENT or (not device.open and now - began > GREETING):
            return False
    return False


def main(state, host, port, seconds, enrolment=None):
    path = Path(state)
    if path.exists():
        memory = json.loads(path.read_text())
    else:
        memory = first_memory(Path(enrolment).read_text())
    device, due, pause = Device(path, memory), [time.monotonic()], 1.0
    until = time.monotonic() + float(seconds)

    def measure():
        while due[0] <= time.monotonic():
            due[0] += 1.0
            device.measured(f"Sensor{memory['device']}:ADC1=269,ADC2=1310,ADC3=3,DIO=0")

    while time.monotonic() < until:
        at_once = False
        try:
            with socket.create_connection((host, int(port)), timeout=5.0) as line:
                at_once = converse(device, line, until, measure)
        except OSError as error:
            print(error, file=sys.stderr)
        if device.open:
            pause = 1.0
        if not at_once:
            measure()
            time.sleep(min(pause * random.uniform(1.0, 1.2), max(0.0, until - time.monotonic())))
            pause = min(pause * 2, 30.0)
    print(f"sent up to {device.newest}, {len(device.queue)} not stored", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
