#!/usr/bin/env python3
"""Whether two files hold the same records, whatever the spelling of their JSON: compare.py WANTED GOT."""
import json
import sys

wanted, got = ([json.loads(line) for line in open(path)] for path in sys.argv[1:])
# A map of headers (kafkajs) does not keep order among different names.
same = lambda record: (record["key"], record["value"], sorted(map(tuple, record["headers"])))
for index, (left, right) in enumerate(zip(wanted, got)):
    if same(left) != same(right):
        sys.exit(f"record {index}: wanted {str(left)[:200]}, got {str(right)[:200]}")
if len(wanted) != len(got):
    sys.exit(f"{len(wanted)} records wanted, {len(got)} came")
