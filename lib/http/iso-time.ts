const dayMs = 86_400_000n;

const isoPattern =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Days since 1970-01-01 of a date of the Gregorian calendar; years begin in March here. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function dateOf(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const yearStart = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - yearStart;
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

const two = (value: number) => String(value).padStart(2, '0');

/** Milliseconds since 1970, at least 0, as ISO 8601 in UTC. Years above 9999 get a plus sign. */
export function isoTime(ms: bigint): string {
  const [year, month, day] = dateOf(Number(ms / dayMs));
  const rest = Number(ms % dayMs);
  const seconds = Math.floor(rest / 1_000);
  const date = `${year > 9_999 ? '+' : ''}${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  const minutes = Math.floor(seconds / 60);
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${date}T${time}.${String(rest % 1_000).padStart(3, '0')}Z`;
}

/** Milliseconds since 1970 of an ISO 8601 time with a zone; finer parts are cut off. */
export function parseIsoTime(text: string): bigint | undefined {
  const match = isoPattern.exec(text);
  if (match === null) return undefined;
  const part = (index: number) => Number(match[index] ?? 0);
  const days = daysOf(part(1), part(2), part(3));
  const [, month, day] = dateOf(days);
  if (month !== part(2) || day !== part(3)) return undefined;
  if (part(4) > 23 || part(5) > 59 || part(6) > 59) return undefined;
  const zone = (match[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const seconds = (part(4) * 60 + part(5) - zone) * 60 + part(6);
  return BigInt(days) * dayMs + BigInt(seconds * 1_000 + millis);
}
