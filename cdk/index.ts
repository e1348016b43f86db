// What `tailrace/cdk` is to whoever installed the package.

export { TailraceStack } from './tailrace-stack.ts';
export type { TailraceStackProps } from './tailrace-stack.ts';
export { Tailrace } from './tailrace.ts';
export type { Door, TailraceProps } from './tailrace.ts';
export type { Gateway } from './gateway.ts';
export type { HttpGatewayProps } from './http-gateway.ts';
export type { LagAlarmProps, LagMetricsProps } from './lag.ts';
export type { Duty } from './permissions.ts';
export type { RestGatewayProps } from './rest-gateway.ts';
export type { StorageProps } from './storage.ts';
export type { Network, TailraceFunction } from './tailrace-function.ts';
