import type { Driver, Target } from './driver.ts';

/** Only what is measured is loaded. */
export async function openDriver(target: Target): Promise<Driver> {
  switch (target.kind) {
    case 'kafkajs': {
      const { openKafkaJs } = await import('./kafkajs-driver.ts');
      return openKafkaJs(target);
    }
    case 'platformatic': {
      const { PlatformaticDriver } = await import('./platformatic-driver.ts');
      return new PlatformaticDriver(target);
    }
    default: {
      const { openTailrace } = await import('./tailrace-driver.ts');
      return openTailrace(target);
    }
  }
}
