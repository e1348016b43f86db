// A program of its own: one client, which does what it is asked to, until its parent is gone.

import type { Driver, Target } from './driver.ts';
import { openDriver } from './open-driver.ts';
import { Performer } from './perform.ts';
import { consumeSlowly } from './slow.ts';
import type { Answer, Question } from './worker-process.ts';

const [prefix = '', target = ''] = process.argv.slice(2);

process.on('disconnect', () => process.exit());

async function answer(driver: Driver, performer: Performer, question: Question): Promise<unknown> {
  switch (question.kind) {
    case 'step':
      return performer.perform(question.step, question.limit);
    case 'fill':
      return performer.fill(question.topic, question.bytes, question.limit);
    case 'slow':
      return consumeSlowly(driver, question.topic, question.ms);
    case 'close':
      return driver.close();
  }
}

const tell = (told: Answer): void => void process.send?.(told);

function tellOutcome(work: Promise<unknown>): void {
  work.then(
    (value) => tell({ ok: true, value }),
    (error: unknown) => tell({ ok: false, error: String(error) }),
  );
}

async function start(): Promise<void> {
  const driver = await openDriver(JSON.parse(target) as Target);
  const performer = new Performer(driver, prefix);
  process.on('message', (question: Question) => tellOutcome(answer(driver, performer, question)));
}

tellOutcome(start());
