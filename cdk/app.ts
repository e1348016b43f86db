import { App } from 'aws-cdk-lib';
import { TailraceStack } from './tailrace-stack.ts';

new TailraceStack(new App(), 'Tailrace');
