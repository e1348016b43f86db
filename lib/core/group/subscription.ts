import { byText } from './group.ts';
import type { Subscription, TopicView } from './group.ts';
import { compilePattern } from './pattern.ts';

export function isSameSubscription(a: Subscription, b: Subscription): boolean {
  if (a.kind === 'pattern') return b.kind === 'pattern' && a.pattern === b.pattern;
  if (b.kind === 'pattern') return false;
  return a.names.length === b.names.length && a.names.every((name, i) => name === b.names[i]);
}

/** As it is stored: names once each, in their order. */
export const subscribedNames = (names: readonly string[]): Subscription => ({
  kind: 'names',
  names: [...new Set(names)].toSorted(byText),
});

/**
 * The topics that a subscription stands for, in the order of their names. A name without a topic
 * stands for nothing until there is one; a pattern must match the whole name (KIP-848), and one
 * that is malformed, which no join lets in, stands for nothing.
 */
export function subscribedTopics(
  subscription: Subscription,
  topics: readonly TopicView[],
): readonly TopicView[] {
  if (subscription.kind === 'names') {
    const names = new Set(subscription.names);
    return topics.filter(({ name }) => names.has(name)).toSorted((a, b) => byText(a.name, b.name));
  }
  const pattern = compilePattern(subscription.pattern);
  if (pattern.kind === 'malformed') return [];
  return topics
    .filter(({ name }) => pattern.matches(name))
    .toSorted((a, b) => byText(a.name, b.name));
}
