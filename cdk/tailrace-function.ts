import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Architecture } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, starIn } from './acknowledge.ts';
import { handlerFolder } from './handler-folder.ts';
import type { Duty } from './permissions.ts';

export interface Network {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

export interface TailraceFunctionProps {
  readonly duty: Duty;
  readonly description: string;
  readonly environment: Record<string, string>;
  readonly timeout: Duration;
  readonly memoryMb: number;
  readonly architecture: Architecture;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly reservedConcurrency?: number;
  readonly network?: Network;
}

const networkActions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** A function with a role and a log group of its own: every default of ours in one place. */
export class TailraceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: TailraceFunctionProps) {
    super(scope, id);
    const { duty, logRetention, memoryMb, network, removalPolicy, reservedConcurrency } = props;
    const logGroup = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    if (network !== undefined) {
      this.role.addToPolicy(new PolicyStatement({ actions: networkActions, resources: ['*'] }));
      acknowledge(this.role, {
        [starIn(this, '*')]: 'a network interface that is still to be made has no name yet',
      });
    }
    this.function = new LambdaFunction(this, 'Function', {
      code: Code.fromAsset(handlerFolder(duty)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture,
      description: props.description,
      environment: props.environment,
      timeout: props.timeout,
      memorySize: memoryMb,
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      ...(reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: reservedConcurrency }),
      ...network,
    });
    // Without its permissions a first call could come too early.
    this.function.node.addDependency(this.role);
  }
}
