import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;

/**
 * Reads lines "name version kind hex" and has Apache Kafka's generated classes decode and encode each
 * message again: all bytes must be used, and the same bytes must come out.
 * A line of the kind "default" must be what Kafka makes of a message in which nothing was set.
 */
public class Oracle {
    private static final String[] PLACES = {
        "org.apache.kafka.common.message.%sData",
        "org.apache.kafka.common.message.%s",
        "org.apache.kafka.common.metadata.%s",
        "org.apache.kafka.coordinator.group.generated.%s",
    };

    public static void main(String[] args) throws Exception {
        Map<String, Integer> good = new TreeMap<>();
        int bad = 0;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split(" ", -1);
            try {
                check(parts[0], Short.parseShort(parts[1]), parts[2].equals("default"),
                    HexFormat.of().parseHex(parts[3]));
                good.merge(parts[0], 1, Integer::sum);
            } catch (Throwable problem) {
                if (++bad <= 20) {
                    Throwable cause = problem.getCause() == null ? problem : problem.getCause();
                    System.err.println(line + "\n    " + cause);
                }
            }
        }
        int total = good.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println(total + " of " + (total + bad) + " samples of " + good.size()
            + " messages are the same to Apache Kafka");
        System.exit(bad == 0 && total > 0 ? 0 : 1);
    }

    private static void check(String name, short version, boolean isDefault, byte[] bytes)
            throws Exception {
        if (isDefault) {
            compare(bytes, (Message) find(name).getConstructor().newInstance(), version);
        }
        Constructor<?> constructor = find(name).getConstructor(Readable.class, short.class);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        Message message = (Message) constructor.newInstance(new ByteBufferAccessor(buffer), version);
        if (buffer.hasRemaining()) {
            throw new IllegalStateException(buffer.remaining() + " bytes are left over");
        }
        compare(bytes, message, version);
    }

    private static void compare(byte[] bytes, Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer again = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(again), cache, version);
        if (!java.util.Arrays.equals(bytes, again.array())) {
            throw new IllegalStateException("encoded differently: "
                + HexFormat.of().formatHex(again.array()) + "\n    " + message);
        }
    }

    private static Class<?> find(String name) throws ClassNotFoundException {
        for (String place : PLACES) {
            try {
                return Class.forName(String.format(place, name));
            } catch (ClassNotFoundException elsewhere) {
                // The next place may have it.
            }
        }
        throw new ClassNotFoundException(name);
    }
}
