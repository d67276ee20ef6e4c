// franz-go; called as tests/clients/README.md says.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type line struct {
	Key     *string      `json:"key"`
	Value   *string      `json:"value"`
	Headers [][2]*string `json:"headers"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func raw(text *string) []byte {
	if text == nil {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(*text)
	check(err)
	if data == nil {
		data = []byte{}
	}
	return data
}

func text(data []byte) *string {
	if data == nil {
		return nil
	}
	s := base64.StdEncoding.EncodeToString(data)
	return &s
}

func load(path string) (lines []line) {
	file, err := os.Open(path)
	check(err)
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var one line
		check(json.Unmarshal(scanner.Bytes(), &one))
		lines = append(lines, one)
	}
	check(scanner.Err())
	return lines
}

func main() {
	mode, bootstrap, topic, codec, path := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	records := load(path)
	if mode == "produce" {
		codecs := map[string]kgo.CompressionCodec{
			"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
			"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
		}
		client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ProducerBatchCompression(codecs[codec]),
			kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(4<<20),
			kgo.AllowAutoTopicCreation())
		check(err)
		defer client.Close()
		for _, one := range records {
			record := &kgo.Record{Topic: topic, Partition: 0, Key: raw(one.Key), Value: raw(one.Value)}
			for _, header := range one.Headers {
				record.Headers = append(record.Headers, kgo.RecordHeader{Key: *header[0], Value: raw(header[1])})
			}
			client.Produce(ctx, record, func(_ *kgo.Record, err error) { check(err) })
		}
		check(client.Flush(ctx))
		return
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.FetchMaxPartitionBytes(4<<20),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))
	check(err)
	defer client.Close()
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for left := len(records); left > 0; {
		fetches := client.PollFetches(ctx)
		check(fetches.Err())
		fetches.EachRecord(func(record *kgo.Record) {
			if left == 0 {
				return
			}
			one := line{Key: text(record.Key), Value: text(record.Value), Headers: [][2]*string{}}
			for _, header := range record.Headers {
				key := header.Key
				one.Headers = append(one.Headers, [2]*string{&key, text(header.Value)})
			}
			check(encoder.Encode(one))
			left--
		})
	}
	check(out.Flush())
}
