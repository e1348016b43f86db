import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { variablesOf } from '../functions/configuration.ts';
import { functionTimeoutMs } from '../functions/invocation.ts';
import type { Route } from '../lib/http/route.ts';
import { acknowledge, starIn } from './acknowledge.ts';
import { Alarms } from './alarms.ts';
import { gatewayRoutes } from './gateway.ts';
import type { Gateway, GatewayRoute } from './gateway.ts';
import { httpGateway } from './http-gateway.ts';
import { Lag } from './lag.ts';
import type { LagAlarmProps, LagMetricsProps } from './lag.ts';
import type { HttpGatewayProps } from './http-gateway.ts';
import type { Duty } from './permissions.ts';
import { restGateway } from './rest-gateway.ts';
import type { RestGatewayProps } from './rest-gateway.ts';
import { Storage } from './storage.ts';
import type { StorageProps } from './storage.ts';
import { TailraceFunction } from './tailrace-function.ts';
import type { Network } from './tailrace-function.ts';

export interface TailraceProps extends Partial<StorageProps> {
  /** An HTTP API by default, with IAM authorisation. */
  readonly api?: HttpGatewayProps | RestGatewayProps;
  /** Scheme, host and base path of a custom domain in front of the API, for links in answers. */
  readonly publicUrl?: string;
  /** arm64 by default. */
  readonly architecture?: Architecture;
  /** 1,024 MB by default, which is also what decides the speed. */
  readonly memoryMb?: Partial<Record<Duty, number>>;
  /** None by default. It takes from what other functions of the account may use. */
  readonly reservedConcurrency?: Partial<Record<Duty, number>>;
  /**
   * Told when something is wrong. Without one there are no alarms: nobody would hear them, and an
   * account pays for all but its first ten.
   */
  readonly alarmTopic?: ITopic;
  /** Time between two looks at what is due: 1 h by default. */
  readonly maintainEvery?: Duration;
  /**
   * Measures how far consumer groups are behind. CloudWatch takes $0.30 a month per group and topic,
   * so there is none by default.
   */
  readonly lagMetrics?: LagMetricsProps;
  /** Of all logs: 1 month by default. */
  readonly logRetention?: RetentionDays;
  /** Where the functions' network interfaces lie. It needs gateway endpoints for S3 and DynamoDB. */
  readonly network?: Network;
}

/** How someone gets at the log: by calls of the API, or as a client that uses table and bucket itself. */
export type Door = 'api' | 'stores';

const descriptions: Readonly<Record<Duty, string>> = {
  produce: 'Tailrace: appends records',
  fetch: 'Tailrace: reads records and offsets',
  consume: 'Tailrace: serves the members of consumer groups',
  admin: 'Tailrace: topics, configs and the cluster',
  maintain: 'Tailrace: does what is due',
};

const maintainTimeout = Duration.minutes(5);

/**
 * How many partitions a topic has: who may produce or consume must see it, as in Kafka, where both
 * imply Describe.
 */
const isLookUp = ({ method, path }: GatewayRoute): boolean =>
  method === 'GET' && path === '/topics/{topic}/partitions';

/** Kafka's log as a service: table, bucket, API, functions, schedule. */
export class Tailrace extends Construct {
  readonly storage: Storage;
  readonly gateway: Gateway;
  readonly functions: Readonly<Record<Duty, TailraceFunction>>;
  /** Names it in log lines and metrics. */
  readonly #deployment: string;
  readonly #lag: Lag | undefined;

  constructor(scope: Construct, id: string, props: TailraceProps = {}) {
    super(scope, id);
    this.#deployment = Names.uniqueResourceName(this, { maxLength: 100 });
    const {
      api = { kind: 'http' },
      logRetention = RetentionDays.ONE_MONTH,
      removalPolicy = RemovalPolicy.RETAIN,
      restoreDays = 35,
    } = props;
    this.storage = new Storage(this, 'Storage', { ...props, removalPolicy, restoreDays });
    const newFunction = (duty: Duty) => this.#newFunction(duty, props, logRetention, removalPolicy);
    this.functions = {
      produce: newFunction('produce'),
      fetch: newFunction('fetch'),
      consume: newFunction('consume'),
      admin: newFunction('admin'),
      maintain: newFunction('maintain'),
    };
    const handlers = {
      produce: this.functions.produce.function,
      fetch: this.functions.fetch.function,
      consume: this.functions.consume.function,
      admin: this.functions.admin.function,
    };
    this.gateway =
      api.kind === 'http'
        ? httpGateway(this, handlers, api, { logRetention, removalPolicy })
        : restGateway(this, handlers, api);
    const { functions } = this;
    const { alarmTopic } = props;
    if (alarmTopic !== undefined) {
      new Alarms(this, 'Alarms', { functions, deployment: this.#deployment, alarmTopic });
    }
    new Rule(this, 'Schedule', {
      description: 'Tailrace: looks for what is due',
      schedule: Schedule.rate(props.maintainEvery ?? Duration.hours(1)),
      // The next one does what this one could not.
      targets: [new LambdaFunction(this.functions.maintain.function, { retryAttempts: 0 })],
    });
    if (props.lagMetrics !== undefined) {
      this.#lag = new Lag(this, 'Lag', {
        every: props.lagMetrics.every ?? Duration.minutes(5),
        function: functions.maintain.function,
        deployment: this.#deployment,
        alarmTopic,
      });
    }
  }

  /** Records that a group has still to commit in a topic. Needs `lagMetrics`. */
  lagMetric(group: string, topic: string): Metric {
    return this.#measuredLag().metric(group, topic);
  }

  /** Goes off when a group is too far behind, and tells `alarmTopic`, if there is one. Needs `lagMetrics`. */
  alarmOnLag(props: LagAlarmProps): Alarm {
    return this.#measuredLag().alarm(props);
  }

  #measuredLag(): Lag {
    if (this.#lag !== undefined) return this.#lag;
    throw new Error('expected the prop lagMetrics, without which nobody measures lag');
  }

  /** Lets someone append records, and see how many partitions a topic has. */
  grantProduce(grantee: IGrantable, through: Door = 'api'): Grant {
    return this.#grant(['produce'], 'produce', grantee, through);
  }

  /** Lets someone read records, also as a member of any group, and see how many partitions a topic has. */
  grantConsume(grantee: IGrantable, through: Door = 'api'): Grant {
    return this.#grant(['fetch', 'consume'], 'consume', grantee, through);
  }

  /** Lets someone manage topics and groups, and with that also read. */
  grantAdmin(grantee: IGrantable, through: Door = 'api'): Grant {
    return this.#grant(['admin'], 'admin', grantee, through);
  }

  /** The calls of some groups of routes, or what the function of one of them does with the stores. */
  #grant(groups: readonly Route['group'][], duty: Duty, grantee: IGrantable, through: Door): Grant {
    if (through === 'stores') return this.storage.grant(duty, grantee);
    const resourceArns = gatewayRoutes
      .filter((route) => groups.includes(route.group) || isLookUp(route))
      .map(({ method, path }) => this.gateway.arnFor(method, path.replaceAll(/\{\w+\}/g, '*')));
    return Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns });
  }

  #newFunction(
    duty: Duty,
    props: TailraceProps,
    logRetention: RetentionDays,
    removalPolicy: RemovalPolicy,
  ): TailraceFunction {
    const { memoryMb, network, publicUrl, reservedConcurrency } = props;
    const isMaintenance = duty === 'maintain';
    const concurrency = reservedConcurrency?.[duty];
    const made = new TailraceFunction(this, `${duty[0]?.toUpperCase()}${duty.slice(1)}`, {
      duty,
      description: descriptions[duty],
      environment: variablesOf({
        tableName: this.storage.table.tableName,
        bucketName: this.storage.bucket.bucketName,
        deployment: this.#deployment,
        ...(publicUrl === undefined ? {} : { publicUrl }),
      }),
      timeout: isMaintenance ? maintainTimeout : Duration.millis(functionTimeoutMs),
      memoryMb: memoryMb?.[duty] ?? 1_024,
      architecture: props.architecture ?? Architecture.ARM_64,
      logRetention,
      removalPolicy,
      ...(concurrency === undefined ? {} : { reservedConcurrency: concurrency }),
      ...(network === undefined ? {} : { network }),
    });
    this.storage.grant(duty, made.role);
    const objects = starIn(this, this.storage.stagedObjectsArn);
    acknowledge(made.role, { [objects]: 'an object gets its name when it is written' });
    return made;
  }
}
