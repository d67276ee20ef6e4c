#!/usr/bin/env python3
"""Prints the records that every client sends: one JSON object a line, bytes in base64."""
import base64
import json
import random

random.seed(20)


def b64(data):
    return None if data is None else base64.b64encode(data).decode()


def record(key, value, headers=()):
    pairs = [[name, b64(data)] for name, data in headers]
    print(json.dumps({"key": b64(key), "value": b64(value), "headers": pairs}))


record(b"key", b"value")
record(None, b"no key")
record(b"tombstone", None)
record(b"", b"")
record(b"\x00\xff\n", bytes(1000), [("trace", b"abc"), ("empty", b"")])
record(b"utf-8", "Grüße, 世界".encode(), [("naïve", b"\x00\x01")])
record(b"large", random.randbytes(1 << 20))
for n in range(200):
    record(f"key {n}".encode(), f"value {n} ".encode() * (n + 1))
