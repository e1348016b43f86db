// Kills the server with SIGKILL under load, starts it again on the same directory, and holds what
// can be read against what clients were told. A directory lives through 15 kills.
//
//     KILL_ROUNDS=200 KILL_SEED=7 npx vitest run test/local/kill.test.ts
//
// The seed fixes what is drawn (sizes, keys, when the kill is due in acknowledged records and
// milliseconds); what the server is doing at that moment is up to the machine.
import { expect, test } from 'vitest';
import { Life, maintenanceMs } from './life.ts';
import type { Totals } from './life.ts';
import { Seeded } from './random.ts';
import { endServers } from './server-process.ts';

const rounds = Number(process.env['KILL_ROUNDS'] ?? 15);
const seed = Number(process.env['KILL_SEED'] ?? 1);
const roundsPerDirectory = 15;

test(
  `nothing acknowledged is lost, doubled or moved by kill -9: rounds=${rounds} seed=${seed}`,
  { timeout: maintenanceMs + rounds * 15_000 },
  async () => {
    const random = new Seeded(seed);
    const totals: Totals = { kills: 0, records: 0, untold: 0, deletions: 0 };
    while (totals.kills < rounds) {
      const life = new Life(random);
      const kills = Math.min(roundsPerDirectory, rounds - totals.kills);
      try {
        for (let round = 0; round < kills; round += 1) await life.round(round === 0, totals);
        await life.end(totals);
      } finally {
        await endServers();
        life.remove();
      }
    }
    // The load was one: answers were on their way when the server died, and topics went.
    expect(totals.records).toBeGreaterThan(rounds * 20);
    expect(totals.untold).toBeGreaterThan(rounds);
    expect(totals.deletions).toBeGreaterThan(0);
    if (process.env['KILL_ROUNDS'] !== undefined) console.log(JSON.stringify(totals));
  },
);
