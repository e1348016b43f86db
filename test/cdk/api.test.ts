import { IdentitySource, RequestAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import type { TailraceProps } from '../../cdk/tailrace.ts';
import { routes } from '../../lib/http/routes.ts';
import { must } from '../../lib/std/assert.ts';
import { only, resourcesOf, template, textOf, within } from './synthesise.ts';

/** `GET /topics` → the logical id of the function that is called, and who may call. */
type Routing = ReadonlyMap<string, { readonly calls: string; readonly auth: unknown }>;

function httpRouting(from: Template): Routing {
  const integrations = new Map(
    resourcesOf(from, 'AWS::ApiGatewayV2::Integration').map(({ id, Properties }) => {
      expect(Properties).toMatchObject({
        IntegrationType: 'AWS_PROXY',
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 29_000,
      });
      return [id, functionIn(Properties['IntegrationUri'])];
    }),
  );
  return new Map(
    resourcesOf(from, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => {
      const target = textOf(Properties['Target']).replace(/^integrations\/<(.*)>$/, '$1');
      const calls = must(integrations.get(target), target);
      return [String(Properties['RouteKey']), { calls, auth: Properties['AuthorizationType'] }];
    }),
  );
}

function restRouting(from: Template): Routing {
  const resources = new Map(
    resourcesOf(from, 'AWS::ApiGateway::Resource').map(({ id, Properties }) => [id, Properties]),
  );
  const pathOf = (resource: unknown): string => {
    const properties = resources.get(textOf(resource).replace(/^<(.*)>$/, '$1'));
    if (properties === undefined) return '';
    return `${pathOf(properties['ParentId'])}/${String(properties['PathPart'])}`;
  };
  return new Map(
    resourcesOf(from, 'AWS::ApiGateway::Method').map(({ Properties }) => {
      const integration = Properties['Integration'] as Readonly<Record<string, unknown>>;
      expect(integration).toMatchObject({ Type: 'AWS_PROXY', TimeoutInMillis: 29_000 });
      const path = pathOf(Properties['ResourceId']) || '/';
      const key = `${String(Properties['HttpMethod'])} ${path}`;
      const calls = functionIn(integration['Uri']);
      return [key, { calls, auth: Properties['AuthorizationType'] }];
    }),
  );
}

const functionIn = (uri: unknown): string =>
  must(/<Tailrace(\w+?)Function\w+\.Arn>/.exec(textOf(uri))?.[1], 'function').toLowerCase();

const kinds = [
  { kind: 'http', routing: httpRouting },
  { kind: 'rest', routing: restRouting },
] as const;

describe.each(kinds)('$kind', ({ kind, routing }) => {
  const synthesised = template({ api: { kind } });
  const routed = routing(synthesised);

  test('every route of the table calls the function of its group, and the rest calls admin', () => {
    const expected = new Map<string, string>();
    for (const { method, path, group } of routes) {
      expected.set(`${method} ${path}`, group);
      // The others' lead where all that is not in the table leads: to admin.
      if (method === 'GET' && group !== 'admin') expected.set(`HEAD ${path}`, group);
    }
    expected.set('ANY /', 'admin');
    expected.set('ANY /{proxy+}', 'admin');
    const called = new Map([...routed].map(([key, { calls }]) => [key, calls]));
    expect(called).toEqual(expected);
  });

  test('nobody gets in without a signature', () => {
    expect(new Set([...routed.values()].map(({ auth }) => auth))).toEqual(new Set(['AWS_IAM']));
  });

  test('the API may call the function of each group, by one permission each', () => {
    const permissions = resourcesOf(synthesised, 'AWS::Lambda::Permission').filter(
      ({ Properties }) => Properties['Principal'] === 'apigateway.amazonaws.com',
    );
    const called = permissions.map(({ Properties }) => functionIn(Properties['FunctionName']));
    const groups = new Set(routes.map(({ group }) => group));
    expect(new Set(called)).toEqual(groups);
    expect(permissions).toHaveLength(groups.size);
    const type = kind === 'http' ? 'AWS::ApiGatewayV2::Api' : 'AWS::ApiGateway::RestApi';
    const api = only(synthesised, type);
    for (const { Properties } of permissions) {
      expect(textOf(Properties['SourceArn'])).toContain(`:<${api.id}>/`);
    }
  });

  test('it is open only where that is said', () => {
    const open = routing(template({ api: { kind, authorizer: 'none' } }));
    expect(new Set([...open.values()].map(({ auth }) => auth))).toEqual(new Set(['NONE']));
  });

  test('outputs tell where it is', () => {
    const outputs = synthesised.findOutputs('*');
    const values = Object.fromEntries(
      Object.entries(outputs).map(([name, output]) => [name, textOf(output['Value'])]),
    );
    const type = kind === 'http' ? 'AWS::ApiGatewayV2::Api' : 'AWS::ApiGateway::RestApi';
    const api = only(synthesised, type).id;
    expect(values).toMatchObject({
      ApiId: `<${api}>`,
      TableName: `<${only(synthesised, 'AWS::DynamoDB::Table').id}>`,
      BucketName: `<${only(synthesised, 'AWS::S3::Bucket').id}>`,
      ...(kind === 'http'
        ? { ApiUrl: `<${api}.ApiEndpoint>`, ApiStage: '$default' }
        : { ApiStage: 'v1' }),
    });
    if (kind === 'rest') {
      const stage = only(synthesised, 'AWS::ApiGateway::Stage').id;
      expect(values['ApiUrl']).toBe(
        `https://<${api}>.execute-api.<AWS::Region>.<AWS::URLSuffix>/<${stage}>`,
      );
    }
  });
});

test('an HTTP API is the default, with a line of its own per call', () => {
  const synthesised = template();
  expect(resourcesOf(synthesised, 'AWS::ApiGateway::RestApi')).toEqual([]);
  const logs = only(synthesised, 'AWS::Logs::LogGroup', 'AccessLogs');
  expect(only(synthesised, 'AWS::ApiGatewayV2::Stage').Properties).toMatchObject({
    StageName: '$default',
    AutoDeploy: true,
    AccessLogSettings: { DestinationArn: { 'Fn::GetAtt': [logs.id, 'Arn'] } },
  });
});

test('a REST API takes bytes as they are', () => {
  const synthesised = template({ api: { kind: 'rest' } });
  expect(only(synthesised, 'AWS::ApiGateway::RestApi').Properties).toMatchObject({
    BinaryMediaTypes: ['*/*'],
    EndpointConfiguration: { Types: ['REGIONAL'] },
  });
  // Changes the account, not only the stack.
  expect(resourcesOf(synthesised, 'AWS::ApiGateway::Account')).toEqual([]);
});

test('an authorizer of one’s own', () => {
  const jwt = new HttpJwtAuthorizer('Jwt', 'https://issuer', { jwtAudience: ['us'] });
  const http: TailraceProps = { api: { kind: 'http', authorizer: jwt as IHttpRouteAuthorizer } };
  const overHttp = httpRouting(within(() => http));
  expect(new Set([...overHttp.values()].map(({ auth }) => auth))).toEqual(new Set(['JWT']));

  const rest = within((stack) => {
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:asks';
    const handler = LambdaFunction.fromFunctionArn(stack, 'Asks', arn);
    const identitySources = [IdentitySource.header('Authorization')];
    const authorizer = new RequestAuthorizer(stack, 'Authorizer', { handler, identitySources });
    return { api: { kind: 'rest', authorizer: authorizer as IAuthorizer } };
  });
  expect(new Set([...restRouting(rest).values()].map(({ auth }) => auth))).toEqual(
    new Set(['CUSTOM']),
  );
});
