import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { fallbackGroup, gatewayRoutes, gatewayTimeoutSeconds } from './gateway.ts';
import type { Gateway, Handlers } from './gateway.ts';

export interface HttpGatewayProps {
  readonly kind: 'http';
  /** `iam` by default. `none`: open to everyone. */
  readonly authorizer?: 'iam' | 'none' | IHttpRouteAuthorizer;
}

interface Logs {
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** The cheapest API: $1.00 per million requests. */
export function httpGateway(
  scope: Construct,
  handlers: Handlers,
  { authorizer = 'iam' }: HttpGatewayProps,
  { logRetention, removalPolicy }: Logs,
): Gateway {
  const api = new HttpApi(scope, 'HttpApi', {
    description: "Tailrace: Kafka's log over HTTP",
    createDefaultStage: false,
    defaultAuthorizer: authorizerOf(authorizer),
  });
  const logGroup = new LogGroup(scope, 'AccessLogs', { retention: logRetention, removalPolicy });
  const stage = new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    accessLogSettings: { destination: new LogGroupLogDestination(logGroup) },
  });
  const integrate = (group: keyof Handlers) =>
    new HttpLambdaIntegration(group, handlers[group], {
      timeout: Duration.seconds(gatewayTimeoutSeconds),
      // One permission for all routes: a policy of a function ends at 20 KB.
      scopePermissionToRoute: false,
    });
  const integrations = {
    produce: integrate('produce'),
    fetch: integrate('fetch'),
    consume: integrate('consume'),
    admin: integrate('admin'),
  };
  for (const { method, path, group } of gatewayRoutes) {
    api.addRoutes({ path, methods: [HttpMethod[method]], integration: integrations[group] });
  }
  // The greedy path does not include the root.
  for (const path of ['/', '/{proxy+}']) {
    api.addRoutes({ path, integration: integrations[fallbackGroup] });
  }
  return {
    apiId: api.apiId,
    stageName: '$default',
    url: api.apiEndpoint,
    arnFor: (method, path) => api.arnForExecuteApi(method, path, stage.stageName),
  };
}

function authorizerOf(given: 'iam' | 'none' | IHttpRouteAuthorizer): IHttpRouteAuthorizer {
  if (given === 'iam') return new HttpIamAuthorizer();
  return given === 'none' ? new HttpNoneAuthorizer() : given;
}
