import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/**
 * What Kafka's own assignors give for groups drawn by chance, which change step by step: members
 * come and go, subscribe to other topics, topics grow. The first argument is the file to write.
 */
public final class Assignments {
  /** By member, by topic: partitions. */
  private static final class Given extends TreeMap<String, TreeMap<String, TreeSet<Integer>>> {
    void give(String member, String topic, int partition) {
      computeIfAbsent(member, (none) -> new TreeMap<>())
          .computeIfAbsent(topic, (none) -> new TreeSet<>())
          .add(partition);
    }

    String json() {
      return entrySet().stream()
          .map((one) -> quoted(one.getKey()) + ":" + quoted(text(one.getValue())))
          .collect(Collectors.joining(",", "{", "}"));
    }

    private static String text(Map<String, TreeSet<Integer>> topics) {
      return topics.entrySet().stream()
          .filter((one) -> !one.getValue().isEmpty())
          .map((one) -> one.getKey() + ":" + joined(one.getValue()))
          .collect(Collectors.joining(" "));
    }
  }

  /** Topics and their partitions, members and their topics. */
  private record Group(TreeMap<String, Integer> topics, TreeMap<String, TreeSet<String>> members) {
    String json() {
      String sizes =
          topics.entrySet().stream()
              .map((one) -> quoted(one.getKey()) + ":" + one.getValue())
              .collect(Collectors.joining(",", "{", "}"));
      String reads =
          members.entrySet().stream()
              .map((one) -> quoted(one.getKey()) + ":" + quoted(String.join(" ", one.getValue())))
              .collect(Collectors.joining(",", "{", "}"));
      return "\"topics\":" + sizes + ",\"members\":" + reads;
    }
  }

  public static void main(String[] args) throws IOException {
    Random random = new Random(848);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      boolean isAlike = i % 2 == 0;
      int size = i % 10 == 9 ? 4 : 1;
      Group group = drawn(random, isAlike, size);
      Given range = new Given();
      Given uniform = new Given();
      for (int step = 0; step < 4; step++) {
        if (step > 0) change(group, random, isAlike, size);
        Given rangeBefore = range;
        Given uniformBefore = uniform;
        range = server(new RangeAssignor(), group, range);
        uniform = server(new UniformAssignor(), group, uniform);
        lines.add(
            "{\"alike\":" + isAlike + "," + group.json()
                + ",\"classicRange\":"
                + classic(new org.apache.kafka.clients.consumer.RangeAssignor(), group).json()
                + ",\"roundRobin\":"
                + classic(new org.apache.kafka.clients.consumer.RoundRobinAssignor(), group).json()
                + ",\"rangeBefore\":" + rangeBefore.json() + ",\"range\":" + range.json()
                + ",\"uniformBefore\":" + uniformBefore.json() + ",\"uniform\":" + uniform.json()
                + "}");
      }
    }
    String version = "\"kafka\":" + quoted(AppInfoParser.getVersion());
    String text = "{" + version + ",\"steps\":[\n" + String.join(",\n", lines) + "\n]}\n";
    Files.writeString(Path.of(args[0]), text);
    System.out.println(AppInfoParser.getVersion() + ": " + lines.size() + " steps");
  }

  private static Group drawn(Random random, boolean isAlike, int size) {
    Group group = new Group(new TreeMap<>(), new TreeMap<>());
    int topics = 1 + random.nextInt(3);
    for (int i = 0; i < topics; i++) group.topics.put("t" + i, 1 + random.nextInt(9 * size));
    int members = 1 + random.nextInt(4 * size);
    for (int i = 0; i < members; i++) join(group, random, isAlike);
    return group;
  }

  private static void join(Group group, Random random, boolean isAlike) {
    String name;
    do {
      name = "m" + random.nextInt(100);
    } while (group.members.containsKey(name));
    group.members.put(name, subscription(group, random, isAlike));
  }

  private static TreeSet<String> subscription(Group group, Random random, boolean isAlike) {
    TreeSet<String> all = new TreeSet<>(group.topics.keySet());
    if (isAlike) return all;
    all.removeIf((topic) -> random.nextInt(3) == 0);
    return all;
  }

  private static void change(Group group, Random random, boolean isAlike, int size) {
    List<String> members = new ArrayList<>(group.members.keySet());
    String one = members.get(random.nextInt(members.size()));
    switch (random.nextInt(4)) {
      case 0 -> join(group, random, isAlike);
      case 1 -> {
        if (members.size() > 1) group.members.remove(one);
        else join(group, random, isAlike);
      }
      case 2 -> group.topics.merge("t0", 1 + random.nextInt(3 * size), Integer::sum);
      default -> {
        if (isAlike) join(group, random, true);
        else group.members.put(one, subscription(group, random, false));
      }
    }
  }

  private static Given classic(AbstractPartitionAssignor assignor, Group group) {
    Map<String, Subscription> subscriptions = new TreeMap<>();
    group.members.forEach(
        (member, topics) -> subscriptions.put(member, new Subscription(List.copyOf(topics))));
    // Kafka leaves out what nobody reads.
    Map<String, Integer> read = new HashMap<>(group.topics);
    read.keySet().removeIf((t) -> group.members.values().stream().noneMatch((m) -> m.contains(t)));
    Given given = empty(group);
    assignor
        .assign(read, subscriptions)
        .forEach(
            (member, all) -> {
              for (TopicPartition each : all) given.give(member, each.topic(), each.partition());
            });
    return given;
  }

  private static Given server(ConsumerGroupPartitionAssignor assignor, Group group, Given before) {
    Map<String, MemberSubscriptionAndAssignmentImpl> members = new TreeMap<>();
    Map<Uuid, Map<Integer, String>> inverted = new HashMap<>();
    group.members.forEach(
        (member, topics) -> {
          Map<Uuid, Set<Integer>> had = new HashMap<>();
          before
              .getOrDefault(member, new TreeMap<>())
              .forEach(
                  (topic, partitions) -> {
                    had.put(id(topic), new TreeSet<>(partitions));
                    for (int each : partitions) {
                      inverted
                          .computeIfAbsent(id(topic), (none) -> new HashMap<>())
                          .put(each, member);
                    }
                  });
          Set<Uuid> ids = topics.stream().map(Assignments::id).collect(Collectors.toSet());
          members.put(
              member,
              new MemberSubscriptionAndAssignmentImpl(
                  Optional.empty(), Optional.empty(), ids, new Assignment(had)));
        });
    boolean isAlike = new java.util.HashSet<>(group.members.values()).size() <= 1;
    SubscriptionType type =
        isAlike ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
    Given given = empty(group);
    assignor
        .assign(new GroupSpecImpl(members, type, inverted), describer(group))
        .members()
        .forEach(
            (member, assignment) ->
                assignment
                    .partitions()
                    .forEach(
                        (id, partitions) -> {
                          for (int each : partitions) given.give(member, name(id), each);
                        }));
    return given;
  }

  private static Given empty(Group group) {
    Given given = new Given();
    for (String member : group.members.keySet()) given.put(member, new TreeMap<>());
    return given;
  }

  private static SubscribedTopicDescriber describer(Group group) {
    return new SubscribedTopicDescriber() {
      @Override
      public int numPartitions(Uuid id) {
        return group.topics.getOrDefault(name(id), -1);
      }

      @Override
      public Set<String> racksForPartition(Uuid id, int partition) {
        return Set.of();
      }
    };
  }

  private static Uuid id(String topic) {
    return new Uuid(1, Long.parseLong(topic.substring(1)));
  }

  private static String name(Uuid id) {
    return "t" + id.getLeastSignificantBits();
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private static String joined(Set<Integer> all) {
    return all.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
