"""aiokafka; called as tests/clients/README.md says."""
import asyncio
import base64
import json
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition


def load(path):
    raw = lambda text: None if text is None else base64.b64decode(text)
    with open(path) as lines:
        for line in map(json.loads, lines):
            yield raw(line["key"]), raw(line["value"]), [(k, raw(v)) for k, v in line["headers"]]


async def produce(bootstrap, topic, codec, path):
    codec = None if codec == "none" else codec
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, compression_type=codec, acks="all",
        enable_idempotence=True, max_request_size=8 << 20,
    )
    await producer.start()
    try:
        for key, value, headers in load(path):
            await producer.send(topic, value, key, partition=0, headers=headers)
        await producer.flush()
    finally:
        await producer.stop()


async def consume(bootstrap, topic, path):
    text = lambda data: None if data is None else base64.b64encode(data).decode()
    left = sum(1 for _ in open(path))
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest",
                                max_partition_fetch_bytes=4 << 20)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        while left:
            message = await asyncio.wait_for(consumer.getone(), 60)
            headers = [[k, text(v)] for k, v in message.headers]
            print(json.dumps({"key": text(message.key), "value": text(message.value), "headers": headers}))
            left -= 1
    finally:
        await consumer.stop()


mode, bootstrap, topic, codec, path = sys.argv[1:]
asyncio.run(produce(bootstrap, topic, codec, path) if mode == "produce" else consume(bootstrap, topic, path))
