/** The type in which values of two types are compared. */

const integers: { readonly [type: string]: number } = {
  TINYINT: 3,
  SMALLINT: 5,
  INTEGER: 10,
  BIGINT: 19,
  UTINYINT: 3,
  USMALLINT: 5,
  UINTEGER: 10,
  UBIGINT: 20
};
const MAX_DIGITS = 38;

export function isEnumeration(type: string): boolean {
  return type.startsWith('ENUM(');
}

/**
 * Equal types stay, enumerations are text. Integers and decimals of any width: exactly, as long as 38 digits hold them.
 * With a float: DOUBLE. Dates and timestamps without a zone: TIMESTAMP, so to the microsecond. All else is compared as text.
 */
export function commonType(a: string, b: string): string {
  if (isEnumeration(a) || isEnumeration(b)) {
    return 'VARCHAR';
  }
  if (a === b) {
    return a;
  }
  if (isNumber(a) && isNumber(b)) {
    return commonNumber(a, b);
  }
  const times = /^(DATE|TIMESTAMP(_S|_MS|_NS)?)$/;
  return times.test(a) && times.test(b) ? 'TIMESTAMP' : 'VARCHAR';
}

function isNumber(type: string): boolean {
  return type in integers || /^(HUGEINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\()/.test(type);
}

function commonNumber(a: string, b: string): string {
  const [first, second] = [digitsOf(a), digitsOf(b)];
  if (!first || !second) {
    return 'DOUBLE';
  }
  const whole = Math.max(first.whole, second.whole);
  const scale = Math.max(first.scale, second.scale);
  if (scale === 0 && a in integers && b in integers) {
    return 'HUGEINT';
  }
  return whole + scale <= MAX_DIGITS ? `DECIMAL(${MAX_DIGITS},${scale})` : 'DOUBLE';
}

/** Digits before and after the point; null where they are not fixed. */
function digitsOf(type: string): { readonly whole: number; readonly scale: number } | null {
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal) {
    return { whole: Number(decimal[1]) - Number(decimal[2]), scale: Number(decimal[2]) };
  }
  return type in integers ? { whole: integers[type]!, scale: 0 } : null;
}
