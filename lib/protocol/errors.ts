import { must } from '../std/assert.ts';

/** HTTP's side of an error: the status is the first three digits of `error_code`. */
interface HttpError {
  readonly status: number;
  readonly error_code: number;
}

/** One row of the table. */
export interface KafkaError {
  /** int16, as it goes over Kafka's wire. */
  readonly code: number;
  readonly name: KafkaErrorName;
  /**
   * Whether Kafka's clients may send the same request again, and here it also means that nothing
   * happened. So the three errors that leave the outcome open (REQUEST_TIMED_OUT,
   * NETWORK_EXCEPTION, NOT_ENOUGH_REPLICAS_AFTER_APPEND) are not retriable here, though Kafka
   * calls them so: to repeat without a producer sequence or a key may append twice.
   */
  readonly retriable: boolean;
  /** Lower case, no full stop. */
  readonly message: string;
  readonly http: HttpError;
}

interface Kind {
  readonly http: HttpError;
  readonly retriable: boolean;
}

const never = (status: number, error_code: number): Kind => ({
  http: { status, error_code },
  retriable: false,
});
const retriable = (status: number, error_code: number): Kind => ({
  http: { status, error_code },
  retriable: true,
});

/** A door may narrow `no-topic` to 40402 (the partition). `corrupt`: hurt on its way, perhaps. */
const kinds = {
  none: never(200, 200),
  malformed: never(400, 40001),
  'topic-exists': never(400, 40002),
  'out-of-range': never(400, 40003),
  unauthenticated: never(401, 40101),
  forbidden: never(403, 40301),
  'not-found': never(404, 404),
  'no-topic': retriable(404, 40401),
  'no-instance': never(404, 40403),
  'no-group': never(404, 40405),
  exists: never(409, 40902),
  conflict: never(409, 40903),
  'too-large': never(413, 413),
  corrupt: retriable(422, 422),
  unprocessable: never(422, 422),
  throttled: retriable(429, 42901),
  fatal: never(500, 50002),
  retriable: retriable(500, 50003),
  unknown: never(504, 50401),
} as const;

type Row = readonly [code: number, name: string, kind: keyof typeof kinds, message: string];

/** Every error of Apache Kafka 4.1 (protocol guide, error codes). Tests hold it against clients. */
const rows = [
  [-1, 'UNKNOWN_SERVER_ERROR', 'fatal', 'the server failed in a way it did not expect'],
  [0, 'NONE', 'none', 'no error'],
  [1, 'OFFSET_OUT_OF_RANGE', 'out-of-range', 'the offset is outside the log'],
  [2, 'CORRUPT_MESSAGE', 'corrupt', 'the batch fails its checksum, is too long or is malformed'],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'no-topic', 'no such topic or partition'],
  [4, 'INVALID_FETCH_SIZE', 'malformed', 'the fetch size is not valid'],
  [5, 'LEADER_NOT_AVAILABLE', 'retriable', 'the partition has no leader at the moment'],
  [6, 'NOT_LEADER_OR_FOLLOWER', 'retriable', 'this process does not serve the partition'],
  [7, 'REQUEST_TIMED_OUT', 'unknown', 'the request ran out of time and its outcome is unknown'],
  [8, 'BROKER_NOT_AVAILABLE', 'fatal', 'the broker is not available'],
  [9, 'REPLICA_NOT_AVAILABLE', 'retriable', 'the replica is not available'],
  [10, 'MESSAGE_TOO_LARGE', 'too-large', 'the batch is larger than the topic takes'],
  [11, 'STALE_CONTROLLER_EPOCH', 'fatal', 'the controller has moved'],
  [12, 'OFFSET_METADATA_TOO_LARGE', 'too-large', "the offset's metadata is too large"],
  [13, 'NETWORK_EXCEPTION', 'unknown', 'the connection ended before an answer came'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', 'retriable', 'the coordinator is still loading'],
  [15, 'COORDINATOR_NOT_AVAILABLE', 'retriable', 'the coordinator is not available'],
  [16, 'NOT_COORDINATOR', 'retriable', 'this process is not the coordinator'],
  [17, 'INVALID_TOPIC_EXCEPTION', 'malformed', 'the topic name is not valid'],
  [18, 'RECORD_LIST_TOO_LARGE', 'too-large', 'the batch is larger than a segment'],
  [19, 'NOT_ENOUGH_REPLICAS', 'retriable', 'too few replicas are in sync'],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'unknown', 'written to too few replicas'],
  [21, 'INVALID_REQUIRED_ACKS', 'malformed', 'the required acks are not valid'],
  [22, 'ILLEGAL_GENERATION', 'conflict', "the generation is not the group's"],
  [23, 'INCONSISTENT_GROUP_PROTOCOL', 'conflict', "the member's protocols do not fit the group's"],
  [24, 'INVALID_GROUP_ID', 'malformed', 'the group id is not valid'],
  [25, 'UNKNOWN_MEMBER_ID', 'no-instance', 'the group has no such member'],
  [26, 'INVALID_SESSION_TIMEOUT', 'malformed', 'the session timeout is outside the allowed range'],
  [27, 'REBALANCE_IN_PROGRESS', 'conflict', 'the group is rebalancing and the member must rejoin'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', 'too-large', 'the committed offsets are too large'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', 'forbidden', 'not allowed on this topic'],
  [30, 'GROUP_AUTHORIZATION_FAILED', 'forbidden', 'not allowed on this group'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', 'forbidden', 'not allowed on this cluster'],
  [32, 'INVALID_TIMESTAMP', 'unprocessable', 'the timestamp is outside the allowed range'],
  [33, 'UNSUPPORTED_SASL_MECHANISM', 'unauthenticated', 'the sasl mechanism is not supported'],
  [34, 'ILLEGAL_SASL_STATE', 'unauthenticated', 'the request does not fit the sasl state'],
  [35, 'UNSUPPORTED_VERSION', 'malformed', 'the version of the api is not supported'],
  [36, 'TOPIC_ALREADY_EXISTS', 'topic-exists', 'a topic of this name exists already'],
  [37, 'INVALID_PARTITIONS', 'malformed', 'the number of partitions is not valid'],
  [38, 'INVALID_REPLICATION_FACTOR', 'malformed', 'the replication factor is not valid'],
  [39, 'INVALID_REPLICA_ASSIGNMENT', 'malformed', 'the replica assignment is not valid'],
  [40, 'INVALID_CONFIG', 'malformed', 'the configuration is not valid'],
  [41, 'NOT_CONTROLLER', 'retriable', 'this process is not the controller'],
  [42, 'INVALID_REQUEST', 'malformed', 'the request is malformed'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'unprocessable', 'the message format is not supported'],
  [44, 'POLICY_VIOLATION', 'malformed', 'the request violates a policy'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'conflict', 'the sequence number does not follow the last'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', 'conflict', 'the sequence number was used before'],
  [47, 'INVALID_PRODUCER_EPOCH', 'conflict', 'the producer epoch is old'],
  [48, 'INVALID_TXN_STATE', 'conflict', "the transaction's state does not allow this"],
  [49, 'INVALID_PRODUCER_ID_MAPPING', 'conflict', "the producer id is not the transactional id's"],
  [50, 'INVALID_TRANSACTION_TIMEOUT', 'malformed', 'the transaction timeout is too long'],
  [51, 'CONCURRENT_TRANSACTIONS', 'retriable', 'another operation on the transaction is under way'],
  [52, 'TRANSACTION_COORDINATOR_FENCED', 'fatal', 'a newer coordinator has taken over'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'forbidden', 'not allowed on this id'],
  [54, 'SECURITY_DISABLED', 'fatal', 'security is disabled'],
  [55, 'OPERATION_NOT_ATTEMPTED', 'fatal', 'not attempted, since another operation failed'],
  [56, 'KAFKA_STORAGE_ERROR', 'retriable', 'the storage failed'],
  [57, 'LOG_DIR_NOT_FOUND', 'fatal', 'no such log directory'],
  [58, 'SASL_AUTHENTICATION_FAILED', 'unauthenticated', 'authentication failed'],
  [59, 'UNKNOWN_PRODUCER_ID', 'conflict', 'nothing is known of this producer id'],
  [60, 'REASSIGNMENT_IN_PROGRESS', 'fatal', 'a reassignment of partitions is under way'],
  [61, 'DELEGATION_TOKEN_AUTH_DISABLED', 'fatal', 'delegation tokens are disabled'],
  [62, 'DELEGATION_TOKEN_NOT_FOUND', 'fatal', 'no such delegation token'],
  [63, 'DELEGATION_TOKEN_OWNER_MISMATCH', 'forbidden', 'the token belongs to someone else'],
  [64, 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED', 'forbidden', 'not allowed on this channel'],
  [65, 'DELEGATION_TOKEN_AUTHORIZATION_FAILED', 'forbidden', 'not allowed on this token'],
  [66, 'DELEGATION_TOKEN_EXPIRED', 'unauthenticated', 'the delegation token has expired'],
  [67, 'INVALID_PRINCIPAL_TYPE', 'malformed', 'the principal type is not supported'],
  [68, 'NON_EMPTY_GROUP', 'conflict', 'the group still has members'],
  [69, 'GROUP_ID_NOT_FOUND', 'no-group', 'no such group'],
  [70, 'FETCH_SESSION_ID_NOT_FOUND', 'retriable', 'no such fetch session'],
  [71, 'INVALID_FETCH_SESSION_EPOCH', 'retriable', 'the epoch of the fetch session is not valid'],
  [72, 'LISTENER_NOT_FOUND', 'retriable', 'the leader has no matching listener'],
  [73, 'TOPIC_DELETION_DISABLED', 'fatal', 'topics may not be deleted'],
  [74, 'FENCED_LEADER_EPOCH', 'retriable', 'the leader epoch of the request is old'],
  [75, 'UNKNOWN_LEADER_EPOCH', 'retriable', 'the leader epoch of the request is not known yet'],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE', 'unprocessable', 'the compression type is not supported'],
  [77, 'STALE_BROKER_EPOCH', 'fatal', 'the broker epoch has changed'],
  [78, 'OFFSET_NOT_AVAILABLE', 'retriable', 'the high watermark has not caught up yet'],
  [79, 'MEMBER_ID_REQUIRED', 'malformed', 'joining needs a member id'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'retriable', 'the preferred leader is not available'],
  [81, 'GROUP_MAX_SIZE_REACHED', 'conflict', 'the group is full'],
  [82, 'FENCED_INSTANCE_ID', 'conflict', 'another member has taken this group instance id'],
  [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', 'retriable', 'no eligible leader is available'],
  [84, 'ELECTION_NOT_NEEDED', 'retriable', 'the partition needs no election'],
  [85, 'NO_REASSIGNMENT_IN_PROGRESS', 'fatal', 'no reassignment of partitions is under way'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC', 'conflict', 'the group still subscribes to the topic'],
  [87, 'INVALID_RECORD', 'unprocessable', 'the record is refused'],
  [88, 'UNSTABLE_OFFSET_COMMIT', 'retriable', 'a pending transaction holds the committed offset'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', 'throttled', 'over the quota'],
  [90, 'PRODUCER_FENCED', 'conflict', 'a newer producer has this transactional id'],
  [91, 'RESOURCE_NOT_FOUND', 'not-found', 'no such resource'],
  [92, 'DUPLICATE_RESOURCE', 'malformed', 'the request names a resource twice'],
  [93, 'UNACCEPTABLE_CREDENTIAL', 'malformed', 'the credential is not acceptable'],
  [94, 'INCONSISTENT_VOTER_SET', 'fatal', 'sender or receiver is not an expected voter'],
  [95, 'INVALID_UPDATE_VERSION', 'malformed', "the update's version is not valid"],
  [96, 'FEATURE_UPDATE_FAILED', 'fatal', 'the feature could not be updated'],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', 'fatal', 'the forwarded principal cannot be read'],
  [98, 'SNAPSHOT_NOT_FOUND', 'fatal', 'no such snapshot'],
  [99, 'POSITION_OUT_OF_RANGE', 'fatal', 'the position is outside the snapshot'],
  [100, 'UNKNOWN_TOPIC_ID', 'no-topic', 'no such topic id'],
  [101, 'DUPLICATE_BROKER_REGISTRATION', 'fatal', 'the broker id is in use'],
  [102, 'BROKER_ID_NOT_REGISTERED', 'fatal', 'the broker id is not registered'],
  [103, 'INCONSISTENT_TOPIC_ID', 'retriable', 'the topic id is not that of the log'],
  [104, 'INCONSISTENT_CLUSTER_ID', 'fatal', 'the cluster id is another'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', 'not-found', 'no such transactional id'],
  [106, 'FETCH_SESSION_TOPIC_ID_ERROR', 'retriable', 'the fetch session mixes topic ids and names'],
  [107, 'INELIGIBLE_REPLICA', 'fatal', 'the new in-sync set holds an ineligible replica'],
  [108, 'NEW_LEADER_ELECTED', 'fatal', 'the partition was altered and has another leader now'],
  [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', 'fatal', 'the offset has moved to tiered storage'],
  [110, 'FENCED_MEMBER_EPOCH', 'conflict', 'the member is fenced and must rejoin'],
  [111, 'UNRELEASED_INSTANCE_ID', 'exists', 'another member still holds this instance id'],
  [112, 'UNSUPPORTED_ASSIGNOR', 'malformed', 'the assignor is not supported'],
  [113, 'STALE_MEMBER_EPOCH', 'conflict', 'the member epoch is stale'],
  [114, 'MISMATCHED_ENDPOINT_TYPE', 'fatal', 'the request went to the wrong type of endpoint'],
  [115, 'UNSUPPORTED_ENDPOINT_TYPE', 'fatal', 'the type of endpoint is not supported'],
  [116, 'UNKNOWN_CONTROLLER_ID', 'fatal', 'no such controller'],
  [117, 'UNKNOWN_SUBSCRIPTION_ID', 'fatal', 'the telemetry subscription is unknown or outdated'],
  [118, 'TELEMETRY_TOO_LARGE', 'too-large', 'the telemetry is too large'],
  [119, 'INVALID_REGISTRATION', 'fatal', "the broker's registration is not valid"],
  [120, 'TRANSACTION_ABORTABLE', 'conflict', 'the transaction must be aborted'],
  [121, 'INVALID_RECORD_STATE', 'conflict', "the record's state does not allow this"],
  [122, 'SHARE_SESSION_NOT_FOUND', 'retriable', 'no such share session'],
  [123, 'INVALID_SHARE_SESSION_EPOCH', 'retriable', 'the epoch of the share session is not valid'],
  [124, 'FENCED_STATE_EPOCH', 'fatal', 'the state epoch of the share group is another'],
  [125, 'INVALID_VOTER_KEY', 'fatal', 'the voter key is not that of the replica'],
  [126, 'DUPLICATE_VOTER', 'fatal', 'the voter is there already'],
  [127, 'VOTER_NOT_FOUND', 'fatal', 'no such voter'],
  [128, 'INVALID_REGULAR_EXPRESSION', 'malformed', 'the regular expression is not valid'],
  [129, 'REBOOTSTRAP_REQUIRED', 'fatal', 'stale metadata, bootstrap again'],
  [130, 'STREAMS_INVALID_TOPOLOGY', 'malformed', 'the topology is not valid'],
  [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'malformed', 'the topology epoch is not valid'],
  [132, 'STREAMS_TOPOLOGY_FENCED', 'conflict', 'the topology epoch is outdated'],
  [133, 'SHARE_SESSION_LIMIT_REACHED', 'retriable', 'there are too many share sessions'],
] as const satisfies readonly Row[];

export type KafkaErrorName = (typeof rows)[number][1];

const byName = new Map<string, KafkaError>();
const byCode = new Map<number, KafkaError>();
for (const [code, name, kind, message] of rows) {
  const error: KafkaError = { code, name, message, ...kinds[kind] };
  byName.set(name, error);
  byCode.set(code, error);
}

export function errorByName(name: KafkaErrorName): KafkaError {
  return must(byName.get(name), `error name=${name}`);
}

/** Undefined for a name that Kafka 4.1 does not know. */
export function errorNamed(name: string): KafkaError | undefined {
  return byName.get(name);
}

/** Undefined for a code that Kafka 4.1 does not know. */
export function errorByCode(code: number): KafkaError | undefined {
  return byCode.get(code);
}

/**
 * What a caller did wrong or must know, as Kafka names it; never a bug of ours (InvariantError).
 * The message is lower case, says what was expected and what came, variables last as key=value.
 */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
  readonly kafka: KafkaErrorName;

  constructor(errorName: KafkaErrorName, message: string = errorByName(errorName).message) {
    super(message);
    this.kafka = errorName;
  }
}
