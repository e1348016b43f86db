import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { tale } from './tale.ts';

const silent = (title: string, of: { told: () => Parameters<typeof check>[0] }): void =>
  test(`silent: ${title}`, () => expect(check(of.told())).toEqual([]));

describe('lost write', () => {
  test('acknowledged, and never committed', () => {
    const lost = tale().ok('a', [1, 3], 0).told();
    const detail = 'a told to c at 0@0 is nowhere';
    expect(check(lost)).toEqual([{ rule: 'lost write', detail }]);
  });

  test('acknowledged before it was committed', () => {
    const early = tale().ok('a', [1, 3], 0).put('a', 4).told();
    const detail = 'a told to c at 0@0 came only later to T/0@0';
    expect(check(early)).toEqual([{ rule: 'lost write', detail }]);
  });

  test('one attempt is unknown, the other was acknowledged', () => {
    const lost = tale().unknown('a', 1).ok('a', [4, 6], 0).told();
    expect(check(lost).map(({ rule }) => rule)).toEqual(['lost write']);
  });

  silent('unknown, and in the log', tale().unknown('a', 1).put('a', 2).final(['a']));
  silent(
    'unknown, and nowhere',
    tale().unknown('a', 1).ok('b', [2, 4], 0).put('b', 3).final(['b']),
  );
  silent(
    'unknown, and applied long after the client gave up',
    tale().unknown('a', 1).put('a', 900),
  );
  silent('failed, and nowhere', tale().failed('a', [1, 3]).final([]));
  silent(
    'acknowledged in a topic that was deleted afterwards',
    tale().ok('a', [1, 3], 0).put('a', 2).deletion([4, 6]).marked('T', 5).final([], 'U/0'),
  );
});

describe('inconsistent offset', () => {
  test('told one offset, and is at another', () => {
    const wrong = tale().ok('a', [1, 3], 1).put('a', 2).told();
    const detail = 'a told to c at 0@1, is at T/0@0';
    expect(check(wrong)).toEqual([{ rule: 'inconsistent offset', detail }]);
  });

  test('told one partition, and is in another', () => {
    const wrong = tale().ok('a', [1, 3], 0, { partition: 1 }).put('a', 2).told();
    const detail = 'a told to c at 1@0, is at T/0@0';
    expect(check(wrong)).toEqual([{ rule: 'inconsistent offset', detail }]);
  });

  test('two attempts of one value are told two offsets', () => {
    const wrong = tale().ok('a', [1, 3], 0).ok('a', [4, 6], 1).put('a', 2).told();
    const detail = 'a told to c at 0@1, is at T/0@0';
    expect(check(wrong)).toEqual([{ rule: 'inconsistent offset', detail }]);
  });

  test('told the place that it will have in the next topic only later', () => {
    const wrong = tale()
      .ok('a', [1, 4], 0, { partition: 1 })
      .unknown('a', 5)
      .put('a', 3)
      .deletion([5, 8])
      .marked('T', 6)
      .put('a', 9, 'U/1');
    const detail = 'a told to c at 1@0, is at T/0@0';
    expect(check(wrong.told())).toEqual([{ rule: 'inconsistent offset', detail }]);
  });

  silent(
    'two attempts of one value are told the same offset',
    tale().ok('a', [1, 3], 0).ok('a', [4, 6], 0).put('a', 2),
  );
  silent(
    'one offset for two values, of which the first was in a topic deleted since',
    tale()
      .ok('a', [1, 3], 0)
      .put('a', 2)
      .deletion([4, 6])
      .marked('T', 5)
      .ok('b', [7, 9], 0)
      .put('b', 8, 'U/0')
      .final(['b'], 'U/0'),
  );
  silent(
    'the first attempt is unknown and took place, the second is told where',
    tale().unknown('a', 1).put('a', 2).ok('b', [3, 5], 1).put('b', 4).ok('a', [6, 7], 0),
  );
});

describe('duplicate', () => {
  test('twice in a log', () => {
    const twice = tale().unknown('a', 1).ok('a', [3, 5], 1).put('a', 2).put('a', 4).told();
    const detail = 'a is at T/0@0 T/0@1';
    expect(check(twice)).toEqual([{ rule: 'duplicate', detail }]);
  });

  test('in two partitions of a topic', () => {
    const twice = tale().unknown('a', 1).ok('a', [3, 5], 0).put('a', 2, 'T/1').put('a', 4).told();
    const detail = 'a is at T/1@0 T/0@0';
    expect(check(twice)).toEqual([{ rule: 'duplicate', detail }]);
  });

  test('in the next topic of the same name too, although it was sent once', () => {
    const twice = tale()
      .unknown('a', 1)
      .put('a', 2)
      .deletion([3, 5])
      .marked('T', 4)
      .put('a', 6, 'U/0')
      .told();
    const detail = 'a is at T/0@0 U/0@0';
    expect(check(twice)).toEqual([{ rule: 'duplicate', detail }]);
  });

  test('the same, where the other attempt failed', () => {
    const twice = tale()
      .unknown('a', 1)
      .put('a', 2)
      .deletion([3, 5])
      .marked('T', 4)
      .put('a', 6, 'U/0')
      .failed('a', [7, 8]);
    expect(check(twice.told()).map(({ rule }) => rule)).toEqual(['duplicate']);
  });

  silent(
    'sent again after the topic was deleted and created again',
    tale()
      .unknown('a', 1)
      .put('a', 2)
      .deletion([3, 5])
      .marked('T', 4)
      .ok('a', [6, 8], 0)
      .put('a', 7, 'U/0')
      .final(['a'], 'U/0'),
  );
  silent(
    'sent three times, in the log once',
    tale().unknown('a', 1).unknown('a', 2).unknown('a', 3).put('a', 9),
  );
  silent(
    'read twice, by two clients and by one',
    tale()
      .ok('a', [1, 3], 0)
      .put('a', 2)
      .read([4, 5], 0, ['a'])
      .read([4, 5], 0, ['a'], { client: 's' })
      .read([6, 7], 0, ['a'], { client: 's' }),
  );
});

describe('aborted read', () => {
  test('a poll shows what failed', () => {
    const aborted = tale().failed('a', [1, 3]).put('a', 2).read([4, 5], 0, ['a']).told();
    expect(check(aborted)).toEqual([
      { rule: 'aborted read', detail: 'a by r' },
      { rule: 'failed write in the log', detail: 'a at T/0@0' },
    ]);
  });

  test('the end shows what failed, every time', () => {
    const aborted = tale().failed('a', [1, 3]).failed('a', [4, 6]).put('a', 5).final(['a']).told();
    expect(check(aborted)).toEqual([
      { rule: 'aborted read', detail: 'a by f' },
      { rule: 'failed write in the log', detail: 'a at T/0@0' },
    ]);
  });

  silent(
    'one attempt failed, another is unknown',
    tale().unknown('a', 1).failed('a', [2, 3]).put('a', 4).read([5, 6], 0, ['a']),
  );
  silent(
    'one attempt failed, the next did not',
    tale().failed('a', [1, 3]).ok('a', [4, 6], 0).put('a', 5).read([7, 8], 0, ['a']),
  );
});

describe('failed write in the log', () => {
  test('nobody read it', () => {
    const broken = tale().failed('a', [1, 3]).put('a', 2).told();
    const detail = 'a at T/0@0';
    expect(check(broken)).toEqual([{ rule: 'failed write in the log', detail }]);
  });

  test('it came late', () => {
    const broken = tale().failed('a', [1, 3]).put('a', 900).told();
    expect(check(broken).map(({ rule }) => rule)).toEqual(['failed write in the log']);
  });

  test('a later attempt was acknowledged, as a duplicate of the one that was said to fail', () => {
    const broken = tale().failed('a', [1, 3]).put('a', 2).ok('a', [4, 6], 0).told();
    expect(check(broken).map(({ rule }) => rule)).toEqual(['failed write in the log']);
  });

  silent(
    'two attempts at once, of which one failed',
    tale().failed('a', [1, 4]).ok('a', [2, 5], 0).put('a', 3),
  );
  silent(
    'an attempt failed after one that is unknown, and that one landed later still',
    tale().unknown('a', 1).failed('a', [2, 3]).put('a', 900),
  );
});

describe('phantom record', () => {
  test('committed, and sent by nobody', () => {
    const phantom = tale().put('a', 2).told();
    expect(check(phantom)).toEqual([{ rule: 'phantom record', detail: 'a at T/0@0' }]);
  });

  test('committed before it was sent', () => {
    const phantom = tale().put('a', 2).ok('a', [3, 5], 0).told();
    expect(check(phantom)).toEqual([{ rule: 'phantom record', detail: 'a at T/0@0' }]);
  });

  test('it says nothing of the topic that it is in', () => {
    const phantom = tale().put('a', 2).ok('b', [3, 5], 1).put('b', 4).told();
    expect(check(phantom).map(({ rule }) => rule)).toEqual(['phantom record']);
  });

  test('read, and sent by nobody', () => {
    const phantom = tale().read([1, 2], 0, ['a']).final(['b']).told();
    expect(check(phantom).filter(({ rule }) => rule === 'phantom record')).toEqual([
      { rule: 'phantom record', detail: 'a read by r in t/0' },
      { rule: 'phantom record', detail: 'b read by f in T/0' },
    ]);
  });

  silent('the second attempt began after it', tale().unknown('a', 1).put('a', 2).unknown('a', 3));
  silent('read while it is being sent', tale().unknown('a', 1).put('a', 2).read([0, 3], 0, ['a']));
});

describe('misplaced record', () => {
  test('sent to one topic, and in another', () => {
    const astray = tale()
      .ok('a', [1, 3], 0)
      .put('a', 2)
      .ok('b', [4, 6], 1, { topic: 'u' })
      .put('b', 5);
    const detail = 'b, sent to u, is at T/0@1';
    expect(check(astray.told())).toEqual([{ rule: 'misplaced record', detail }]);
  });

  silent(
    'two topics, each with its own',
    tale().ok('a', [1, 3], 0).put('a', 2).ok('b', [4, 6], 0, { topic: 'u' }).put('b', 5, 'U/0'),
  );
  silent(
    'two topics of one name, one after the other',
    tale()
      .ok('a', [1, 3], 0)
      .put('a', 2)
      .deletion([4, 6])
      .marked('T', 5)
      .ok('b', [7, 9], 0)
      .put('b', 8, 'U/0'),
  );
});
