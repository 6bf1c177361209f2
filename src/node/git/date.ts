/** The dates people write in `@{…}`: ISO 8601, `yesterday`, `2 days ago`, `5.minutes.ago`. Local time, as git does. */

const unitSeconds: { readonly [unit: string]: number } = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800
};

function relative(text: string, now: Date): number | null {
  const match = /^(\d+)\s+(second|minute|hour|day|week|month|year)s?\s+ago$/.exec(text);
  if (!match) {
    return null;
  }
  const count = Number(match[1]);
  const unit = match[2] as string;
  const seconds = unitSeconds[unit];
  if (seconds !== undefined) {
    return now.getTime() / 1000 - count * seconds;
  }
  const date = new Date(now);
  date.setMonth(date.getMonth() - count * (unit === 'year' ? 12 : 1));
  return date.getTime() / 1000;
}

/** `2026-11-01`, `2026-11-01 10:00`, `2026-11-01T10:00:30Z`, `… +0200`. A day alone means its end: that day's last state. */
function absolute(text: string): number | null {
  const pattern = /^(\d{4})-(\d{2})-(\d{2})(?:[ t](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(z|[+-]\d{2}:?\d{2})?)?$/;
  const match = pattern.exec(text);
  if (!match) {
    return null;
  }
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const [hour, minute, second] =
    match[4] === undefined ? [23, 59, 59] : [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  const local = new Date(year, month - 1, day, hour, minute, second);
  if (local.getMonth() !== month - 1 || local.getDate() !== day || hour > 23 || minute > 59) {
    return null;
  }
  const zone = match[7];
  if (!zone) {
    return local.getTime() / 1000;
  }
  const minutes = zone === 'z' ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - minutes * 60;
}

/** Seconds since 1970, or null when `text` is not a date. */
export function parseDate(text: string, now: Date): number | null {
  const plain = text.trim().toLowerCase();
  if (plain === 'now') {
    return now.getTime() / 1000;
  }
  if (plain === 'yesterday') {
    return now.getTime() / 1000 - 86_400;
  }
  return absolute(plain) ?? relative(plain.replaceAll('.', ' ').replace(/\s+/g, ' '), now);
}
