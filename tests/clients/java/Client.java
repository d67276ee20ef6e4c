// kafka-clients; called as tests/clients/README.md says.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Client {
  static final ObjectMapper JSON = new ObjectMapper();

  static byte[] raw(JsonNode text) {
    return text.isNull() ? null : Base64.getDecoder().decode(text.asText());
  }

  static String text(byte[] data) {
    return data == null ? null : Base64.getEncoder().encodeToString(data);
  }

  public static void main(String[] args) throws Exception {
    String mode = args[0], bootstrap = args[1], topic = args[2], codec = args[3];
    List<String> lines = Files.readAllLines(Path.of(args[4]));
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    if (mode.equals("produce")) {
      settings.put("compression.type", codec);
      settings.put("acks", "all");
      settings.put("max.request.size", "8000000");
      try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
        Future<RecordMetadata> last = null;
        for (String line : lines) {
          JsonNode one = JSON.readTree(line);
          var record = new ProducerRecord<>(topic, 0, raw(one.get("key")), raw(one.get("value")));
          for (JsonNode header : one.get("headers")) record.headers().add(header.get(0).asText(), raw(header.get(1)));
          last = producer.send(record, (metadata, error) -> {
            if (error != null) { error.printStackTrace(); Runtime.getRuntime().halt(1); }
          });
        }
        last.get();
      }
      return;
    }
    settings.put("auto.offset.reset", "earliest");
    settings.put("max.partition.fetch.bytes", "4000000");
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      int left = lines.size();
      long until = System.nanoTime() + 60_000_000_000L;
      while (left > 0) {
        if (System.nanoTime() > until) throw new IllegalStateException(left + " records did not come");
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          if (left == 0) break;
          ObjectNode one = JSON.createObjectNode().put("key", text(record.key())).put("value", text(record.value()));
          ArrayNode headers = one.putArray("headers");
          for (Header header : record.headers()) headers.addArray().add(header.key()).add(text(header.value()));
          System.out.println(JSON.writeValueAsString(one));
          left--;
        }
      }
    }
  }
}
