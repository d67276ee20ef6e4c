// kafkajs; called as tests/clients/README.md says.
const fs = require('fs');
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require('kafkajs');

const codecs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');
// kafkajs brings gzip only; none of these needs a compiler.
const lz4 = require('lz4-napi');
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: async (data) => lz4.decompressFrame(data),
});
const zstd = new Promise((resolve) => require('zstd-codec').ZstdCodec.run((z) => resolve({ simple: new z.Simple(), streaming: new z.Streaming() })));
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from((await zstd).simple.compress(encoder.buffer)),
  decompress: async (data) => Buffer.from((await zstd).streaming.decompress(data)),
});

const raw = (text) => (text === null ? null : Buffer.from(text, 'base64'));
const text = (data) => (data === null || data === undefined ? null : Buffer.from(data).toString('base64'));
const load = (path) => fs.readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

async function main() {
  const [mode, bootstrap, topic, codec, path] = process.argv.slice(2);
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.ERROR });
  const records = load(path);
  if (mode === 'produce') {
    const producer = kafka.producer({ idempotent: true });
    await producer.connect();
    const messages = records.map((r) => ({
      key: raw(r.key), value: raw(r.value), partition: 0,
      headers: Object.fromEntries(r.headers.map(([k, v]) => [k, raw(v)])),
    }));
    await producer.send({ topic, acks: -1, compression: codecs[codec], messages });
    await producer.disconnect();
    return;
  }
  const consumer = kafka.consumer({ groupId: `node-${topic}-${Date.now()}`, maxBytesPerPartition: 4 << 20 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let left = records.length;
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${left} records did not come`)), 60000);
    consumer.run({
      eachMessage: async ({ message }) => {
        if (left === 0) return;
        const headers = Object.entries(message.headers || {}).map(([k, v]) => [k, text(v)]);
        process.stdout.write(JSON.stringify({ key: text(message.key), value: text(message.value), headers }) + '\n');
        left -= 1;
        if (left === 0) { clearTimeout(timer); resolve(); }
      },
    }).catch(reject);
  });
  await consumer.disconnect();
}

main().catch((error) => { console.error(error); process.exit(1); });
