import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.DefaultRecordBatch;
import org.apache.kafka.common.record.EndTransactionMarker;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.MutableRecordBatch;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.Utils;

/**
 * Golden bytes from Kafka's own classes.
 *
 * <p>{@code generate <dir>} writes one .bin and one .json per batch, and murmur2.json.
 * {@code check <dir of generate> <ours>} reads what Tailrace's encoder wrote for the same contents.
 */
public final class Golden {
  private static final long TIME = 1_700_000_000_000L;
  private static final long PID = 4_000_000_000_123L;
  private static final int LEADER_EPOCH = 7;
  private static final Header[] NO_HEADERS = {};

  public static void main(String[] args) throws IOException {
    if (args.length == 2 && args[0].equals("generate")) {
      generate(Path.of(args[1]));
    } else if (args.length == 3 && args[0].equals("check")) {
      System.exit(check(Path.of(args[1]), Path.of(args[2])) ? 0 : 1);
    } else {
      throw new IllegalArgumentException("generate <dir> | check <dir of generate> <ours>");
    }
  }

  private static void generate(Path dir) throws IOException {
    Files.createDirectories(dir);
    for (CompressionType type : CompressionType.values()) {
      String codec = type.name;
      Batch create = new Batch(type).at(0);
      assorted(create);
      write(dir, codec + "-create-time", create.build());
      Batch logAppend = new Batch(type).at(5).logAppendTime(TIME + 12_345);
      assorted(logAppend);
      write(dir, codec + "-log-append-time", logAppend.build());
      Batch idempotent = new Batch(type).at(41).producer(3, Integer.MAX_VALUE - 1, false);
      assorted(idempotent);
      write(dir, codec + "-idempotent", idempotent.build());
      Batch transactional = new Batch(type).at(Integer.MAX_VALUE).producer(32_767, 0, true);
      assorted(transactional);
      write(dir, codec + "-transactional", transactional.build());
      write(dir, codec + "-hundred", hundred(new Batch(type).at(1_000_000)));
      if (type != CompressionType.NONE) write(dir, codec + "-large", large(new Batch(type).at(9)));
    }
    Batch gaps = new Batch(CompressionType.NONE).at(9_007_199_254_740_993L);
    gaps.add(2, 0, bytes("k"), bytes("after the base offset"));
    gaps.add(70_000, -TIME, bytes("k"), bytes("at the epoch"));
    write(dir, "none-compacted", gaps.build());
    Batch horizon = new Batch(CompressionType.NONE).at(3).deleteHorizon(TIME + 86_400_000);
    horizon.add(0, 0, bytes("gone"), null);
    write(dir, "none-delete-horizon", horizon.build());
    write(dir, "control-commit", marker(ControlRecordType.COMMIT, 12));
    write(dir, "control-abort", marker(ControlRecordType.ABORT, Integer.MAX_VALUE));
    Files.writeString(dir.resolve("murmur2.json"), murmur2());
  }

  private static MemoryRecords marker(ControlRecordType type, int coordinatorEpoch) {
    return MemoryRecords.withEndTransactionMarker(
        77, TIME, LEADER_EPOCH, PID, (short) 4, new EndTransactionMarker(type, coordinatorEpoch));
  }

  private static void assorted(Batch batch) {
    batch.add(0, 0, null, bytes("null key"));
    batch.add(1, 5, bytes("null value"), null);
    batch.add(2, -3, bytes(""), bytes(""));
    batch.add(3, 1L << 33, bytes("schlüssel 🔑"), bytes("значение 値 𝄞"),
        new RecordHeader("größe", bytes("±∞")), new RecordHeader("", bytes("empty name")));
    batch.add(4, 0, null, null,
        new RecordHeader("null", null), new RecordHeader("twice", bytes("1")),
        new RecordHeader("twice", bytes("")));
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) all[i] = (byte) i;
    batch.add(5, 1, all, all);
  }

  private static MemoryRecords hundred(Batch batch) {
    for (int i = 0; i < 100; i++) {
      batch.add(i, i * 10L, bytes("key-" + i % 7), bytes("value number " + i),
          i % 10 == 0 ? new Header[] {new RecordHeader("i", bytes("" + i))} : NO_HEADERS);
    }
    return batch.build();
  }

  /** Several blocks of snappy and of LZ4: noise that repeats from afar, then one long run. */
  private static MemoryRecords large(Batch batch) {
    byte[] noise = new byte[6_000];
    new Random(1).nextBytes(noise);
    byte[] value = new byte[150_000];
    for (int at = 0; at < value.length; at += noise.length) {
      System.arraycopy(noise, 0, value, at, Math.min(noise.length, value.length - at));
    }
    batch.add(0, 0, bytes("large"), value);
    batch.add(1, 1, bytes("zeroes"), new byte[70_000]);
    return batch.build();
  }

  private static String murmur2() {
    List<byte[]> keys = new ArrayList<>();
    for (String key : List.of("", "a", "ab", "abc", "abcd", "abcde", "21", "foobar", "ключ", "🔑",
        "a-little-bit-long-string", "a-little-bit-longer-string",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")) {
      keys.add(bytes(key));
    }
    Random random = new Random(2);
    for (int length = 1; length <= 38; length++) {
      byte[] key = new byte[length];
      random.nextBytes(key);
      keys.add(key);
    }
    int[] counts = {1, 2, 3, 7, 12, 50, 128, 1000};
    return keys.stream().map(key -> "  {\"key\": " + base64(key)
            + ", \"murmur2\": " + Utils.murmur2(key)
            + ", \"partitions\": {" + Arrays.stream(counts)
                .mapToObj(n -> "\"" + n + "\": " + BuiltInPartitioner.partitionForKey(key, n))
                .collect(Collectors.joining(", ")) + "}}")
        .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  private static void write(Path dir, String name, MemoryRecords records) throws IOException {
    Files.write(dir.resolve(name + ".bin"), contents(records.buffer()));
    Files.writeString(dir.resolve(name + ".json"), describe(name, only(records)));
  }

  private static boolean check(Path golden, Path ours) throws IOException {
    boolean allGood = true;
    List<Path> files;
    try (Stream<Path> listing = Files.list(ours)) {
      files = listing.filter(path -> path.toString().endsWith(".bin")).sorted().toList();
    }
    System.out.println("kafka-clients " + AppInfoParser.getVersion());
    for (Path file : files) {
      String name = file.getFileName().toString().replace(".bin", "");
      byte[] theirBytes = Files.readAllBytes(golden.resolve(name + ".bin"));
      byte[] ourBytes = Files.readAllBytes(file);
      String verdict;
      try {
        String theirs = describe(name, only(MemoryRecords.readableRecords(ByteBuffer.wrap(theirBytes))));
        String found = describe(name, only(MemoryRecords.readableRecords(ByteBuffer.wrap(ourBytes))));
        verdict = !found.equals(theirs) ? "DIFFERS"
            : Arrays.equals(theirBytes, ourBytes) ? "same bytes" : "same contents";
      } catch (RuntimeException error) {
        verdict = "FAILS " + error;
      }
      allGood &= verdict.startsWith("same");
      System.out.printf("%-24s %7d bytes  %s%n", name, ourBytes.length, verdict);
    }
    System.out.println(files.size() + " batches, " + (allGood ? "all valid" : "NOT all valid"));
    return allGood && !files.isEmpty();
  }

  private static MutableRecordBatch only(MemoryRecords records) {
    List<MutableRecordBatch> batches = new ArrayList<>();
    records.batches().forEach(batches::add);
    if (batches.size() != 1 || records.validBytes() != records.sizeInBytes()) {
      throw new IllegalStateException("not exactly one batch");
    }
    return batches.get(0);
  }

  /** The contents as Kafka reads them, without CRC and size, which depend on the compressor. */
  private static String describe(String name, MutableRecordBatch batch) {
    batch.ensureValid();
    boolean logAppend = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
    int attributes = batch.compressionType().id | (logAppend ? 8 : 0)
        | (batch.isTransactional() ? 16 : 0) | (batch.isControlBatch() ? 32 : 0)
        | (batch.deleteHorizonMs().isPresent() ? 64 : 0);
    List<String> lines = new ArrayList<>();
    lines.add("  \"name\": \"" + name + "\"");
    lines.add("  \"codec\": \"" + batch.compressionType().name + "\"");
    lines.add("  \"attributes\": " + attributes);
    lines.add("  \"baseOffset\": \"" + batch.baseOffset() + "\"");
    lines.add("  \"lastOffset\": \"" + batch.lastOffset() + "\"");
    lines.add("  \"partitionLeaderEpoch\": " + batch.partitionLeaderEpoch());
    lines.add("  \"baseTimestamp\": \"" + ((DefaultRecordBatch) batch).baseTimestamp() + "\"");
    lines.add("  \"maxTimestamp\": \"" + batch.maxTimestamp() + "\"");
    lines.add("  \"deleteHorizonMs\": " + (batch.deleteHorizonMs().isPresent()
        ? "\"" + batch.deleteHorizonMs().getAsLong() + "\"" : "null"));
    lines.add("  \"producerId\": \"" + batch.producerId() + "\"");
    lines.add("  \"producerEpoch\": " + batch.producerEpoch());
    lines.add("  \"baseSequence\": " + batch.baseSequence());
    lines.add("  \"lastSequence\": " + batch.lastSequence());
    List<String> records = new ArrayList<>();
    for (Record record : batch) {
      record.ensureValid();
      records.add(describe(record));
      if (batch.isControlBatch()) {
        EndTransactionMarker marker = EndTransactionMarker.deserialize(record);
        lines.add("  \"control\": {\"type\": \"" + marker.controlType()
            + "\", \"coordinatorEpoch\": " + marker.coordinatorEpoch() + "}");
      }
    }
    lines.add(records.stream().collect(Collectors.joining(",\n    ", "  \"records\": [\n    ", "\n  ]")));
    return String.join(",\n", lines).transform(body -> "{\n" + body + "\n}\n");
  }

  private static String describe(Record record) {
    return "{\"offset\": \"" + record.offset() + "\", \"timestamp\": \"" + record.timestamp()
        + "\", \"sequence\": " + record.sequence()
        + ", \"key\": " + data(record.key()) + ", \"value\": " + data(record.value())
        + ", \"headers\": " + Arrays.stream(record.headers())
            .map(header -> "[" + base64(bytes(header.key())) + ", " + base64(header.value()) + "]")
            .collect(Collectors.joining(", ", "[", "]")) + "}";
  }

  /** Base64, or length and hash of what would be long. */
  private static String data(ByteBuffer buffer) {
    if (buffer == null) return "null";
    byte[] data = contents(buffer);
    if (data.length <= 1_000) return base64(data);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(data);
      return "{\"length\": " + data.length + ", \"sha256\": " + base64(hash) + "}";
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String base64(byte[] data) {
    return data == null ? "null" : "\"" + Base64.getEncoder().encodeToString(data) + "\"";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] contents(ByteBuffer buffer) {
    byte[] data = new byte[buffer.remaining()];
    buffer.duplicate().get(data);
    return data;
  }

  /** What MemoryRecordsBuilder takes, by name. */
  private static final class Batch {
    private final CompressionType type;
    private final List<java.util.function.Consumer<MemoryRecordsBuilder>> records = new ArrayList<>();
    private long baseOffset;
    private long logAppendTime = RecordBatch.NO_TIMESTAMP;
    private long deleteHorizonMs = RecordBatch.NO_TIMESTAMP;
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
    private int baseSequence = RecordBatch.NO_SEQUENCE;
    private boolean transactional;

    Batch(CompressionType type) {
      this.type = type;
    }

    Batch at(long offset) {
      baseOffset = offset;
      return this;
    }

    Batch logAppendTime(long time) {
      logAppendTime = time;
      return this;
    }

    Batch deleteHorizon(long time) {
      deleteHorizonMs = time;
      return this;
    }

    Batch producer(int epoch, int sequence, boolean isTransactional) {
      producerId = PID;
      producerEpoch = (short) epoch;
      baseSequence = sequence;
      transactional = isTransactional;
      return this;
    }

    void add(long delta, long age, byte[] key, byte[] value, Header... headers) {
      records.add(builder ->
          builder.appendWithOffset(baseOffset + delta, TIME + age, key, value, headers));
    }

    MemoryRecords build() {
      TimestampType timestamps = logAppendTime == RecordBatch.NO_TIMESTAMP
          ? TimestampType.CREATE_TIME : TimestampType.LOG_APPEND_TIME;
      try (ByteBufferOutputStream out = new ByteBufferOutputStream(1024)) {
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(out, RecordBatch.MAGIC_VALUE_V2,
            Compression.of(type).build(), timestamps, baseOffset, logAppendTime, producerId,
            producerEpoch, baseSequence, transactional, false, LEADER_EPOCH, 1024, deleteHorizonMs);
        records.forEach(append -> append.accept(builder));
        return builder.build();
      } catch (IOException impossible) {
        throw new UncheckedIOException(impossible);
      }
    }
  }
}
