import { Duration } from 'aws-cdk-lib';
import {
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IAuthorizer, MethodOptions } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { fallbackGroup, gatewayRoutes, gatewayTimeoutSeconds } from './gateway.ts';
import type { Gateway, Handlers } from './gateway.ts';

export interface RestGatewayProps {
  readonly kind: 'rest';
  /** `iam` by default. `none`: open to everyone. */
  readonly authorizer?: 'iam' | 'none' | IAuthorizer;
}

const stageName = 'v1';

/** For accounts that need what only a REST API has: $3.50 per million requests. */
export function restGateway(
  scope: Construct,
  handlers: Handlers,
  { authorizer = 'iam' }: RestGatewayProps,
): Gateway {
  const api = new RestApi(scope, 'RestApi', {
    description: "Tailrace: Kafka's log over HTTP",
    endpointTypes: [EndpointType.REGIONAL],
    // Bodies come as they are, and answers in base64 go out as bytes.
    binaryMediaTypes: ['*/*'],
    // It would be a setting of the whole account.
    cloudWatchRole: false,
    deployOptions: { stageName },
    defaultMethodOptions: methodOptions(authorizer),
  });
  acknowledge(api, {
    APIG1:
      'it takes a role for logging that is set for the whole account; the functions write a line per call',
    APIG2: 'the functions check every value, and say what they expected',
    APIG3: 'calls are signed; who opens the API decides what stands in front of it',
    APIG6:
      'it takes a role for logging that is set for the whole account; the functions write a line per call',
    COG4: 'calls are signed and authorised by IAM, or by the authorizer that was given',
  });
  const integrate = (group: keyof Handlers) =>
    new LambdaIntegration(handlers[group], {
      timeout: Duration.seconds(gatewayTimeoutSeconds),
      // One permission for all methods: a policy of a function ends at 20 KB.
      scopePermissionToMethod: false,
    });
  const integrations = {
    produce: integrate('produce'),
    fetch: integrate('fetch'),
    consume: integrate('consume'),
    admin: integrate('admin'),
  };
  for (const { method, path, group } of gatewayRoutes) {
    api.root.resourceForPath(path).addMethod(method, integrations[group]);
  }
  // Without a method of its own, a path falls through to the greedy one, which the root does not.
  api.root.addMethod('ANY', integrations[fallbackGroup]);
  api.root.addResource('{proxy+}').addMethod('ANY', integrations[fallbackGroup]);
  return {
    apiId: api.restApiId,
    stageName,
    url: api.urlForPath().replace(/\/$/, ''),
    arnFor: (method, path) => api.arnForExecuteApi(method, path, stageName),
  };
}

function methodOptions(authorizer: 'iam' | 'none' | IAuthorizer): MethodOptions {
  if (authorizer === 'iam') return { authorizationType: AuthorizationType.IAM };
  if (authorizer === 'none') return { authorizationType: AuthorizationType.NONE };
  return { authorizer };
}
