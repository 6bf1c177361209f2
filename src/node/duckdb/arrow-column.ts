/** Arrow's columns as DuckDB's values, without a loss: they are read from Arrow's memory, not through its JavaScript values. */
import type * as duckdb from '@duckdb/node-api';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DataType, IntervalUnit, TimeUnit, DateUnit, Vector } from 'apache-arrow';
import type { Data } from 'apache-arrow';

export type Library = typeof duckdb;

/** The value at a position that is not null. */
type Read = (index: number) => DuckDBValue;
type ArrowColumn = { readonly type: DuckDBType; readonly reader: (data: Data) => Read };

/** Arrow's numbers in memory. */
type Numbers = { readonly [index: number]: number | bigint; subarray(start: number, end: number): ArrayLike<number> };

const numbersOf = (data: Data): Numbers => data.values as unknown as Numbers;

/** How a column of an Arrow type is kept. What DuckDB has no like of (256-bit decimals, unions) becomes text. */
export function columnOf(library: Library, type: DataType): ArrowColumn {
  return plain(library, type) ?? timed(library, type) ?? nested(library, type) ?? asText(library, type);
}

/** The value at any position: null where there is none. */
export function valueReader(column: ArrowColumn, data: Data): Read {
  const read = column.reader(data);
  return index => (data.getValid(index) ? read(index) : null);
}

function asText({ VARCHAR }: Library, _type: DataType): ArrowColumn {
  return { type: VARCHAR, reader: data => through(data, String) };
}

/** Values as Arrow itself gives them. */
function through<T>(data: Data, convert: (value: T) => DuckDBValue): Read {
  const vector = new Vector([data]);
  return index => convert(vector.get(index) as T);
}

const asIs = <T>(value: T): DuckDBValue => value as DuckDBValue;

function plain(library: Library, type: DataType): ArrowColumn | null {
  const { VARCHAR, BLOB, BOOLEAN, INTEGER, DuckDBBlobValue } = library;
  if (DataType.isInt(type) || DataType.isFloat(type)) {
    return number(library, type);
  }
  if (DataType.isBool(type)) {
    return { type: BOOLEAN, reader: data => through(data, asIs) };
  }
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) {
    return { type: VARCHAR, reader: data => through(data, asIs) };
  }
  if (
    DataType.isBinary(type) ||
    DataType.isLargeBinary(type) ||
    DataType.isBinaryView(type) ||
    DataType.isFixedSizeBinary(type)
  ) {
    return { type: BLOB, reader: data => through(data, (bytes: Uint8Array) => new DuckDBBlobValue(bytes)) };
  }
  if (DataType.isDictionary(type)) {
    return dictionary(columnOf(library, type.dictionary));
  }
  if (DataType.isDecimal(type) && type.bitWidth === 128 && type.precision <= 38) {
    return decimal(library, type.precision, type.scale);
  }
  return DataType.isNull(type) ? { type: INTEGER, reader: () => () => null } : null;
}

function number(library: Library, type: DataType): ArrowColumn {
  const { TINYINT, SMALLINT, INTEGER, BIGINT, UTINYINT, USMALLINT, UINTEGER, UBIGINT, FLOAT, DOUBLE } = library;
  if (DataType.isFloat(type)) {
    const isHalf = type.precision === 0;
    const own = [FLOAT, FLOAT, DOUBLE][type.precision]!;
    return { type: own, reader: data => (isHalf ? through(data, asIs) : direct(data)) };
  }
  const { bitWidth, isSigned } = type as DataType & { readonly bitWidth: number; readonly isSigned: boolean };
  const types = isSigned ? [TINYINT, SMALLINT, INTEGER, BIGINT] : [UTINYINT, USMALLINT, UINTEGER, UBIGINT];
  return { type: types[Math.log2(bitWidth / 8)]!, reader: direct };
}

function direct(data: Data): Read {
  const numbers = numbersOf(data);
  return index => numbers[index]!;
}

/** Each different value is read once. */
function dictionary({ type, reader }: ArrowColumn): ArrowColumn {
  return {
    type,
    reader: data => {
      const values = (data.dictionary as Vector).data.flatMap(chunk => {
        const read = valueReader({ type, reader }, chunk);
        return Array.from({ length: chunk.length }, (_, i) => read(i));
      });
      const indices = numbersOf(data);
      return index => values[Number(indices[index])] ?? null;
    }
  };
}

function decimal({ DECIMAL, DuckDBDecimalValue }: Library, width: number, scale: number): ArrowColumn {
  return {
    type: DECIMAL(width, scale),
    reader: data => {
      const words = numbersOf(data);
      return index => {
        const own = Array.from(words.subarray(4 * index, 4 * index + 4), word => BigInt(word >>> 0));
        const value = own.reduceRight((sum, word) => (sum << 32n) | word, 0n);
        return new DuckDBDecimalValue(BigInt.asIntN(128, value), width, scale);
      };
    }
  };
}

const toMicros: { readonly [unit in TimeUnit]: (value: bigint) => bigint } = {
  [TimeUnit.SECOND]: value => value * 1_000_000n,
  [TimeUnit.MILLISECOND]: value => value * 1000n,
  [TimeUnit.MICROSECOND]: value => value,
  // Rounded down, before 1970 too.
  [TimeUnit.NANOSECOND]: value => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n
};

function timed(library: Library, type: DataType): ArrowColumn | null {
  const { DATE, TIME, INTERVAL, DuckDBDateValue, DuckDBTimeValue, DuckDBIntervalValue } = library;
  const scaled = (own: DuckDBType, unit: TimeUnit, make: (micros: bigint) => DuckDBValue): ArrowColumn => ({
    type: own,
    reader: data => {
      const numbers = numbersOf(data);
      return index => make(toMicros[unit](BigInt(numbers[index]!)));
    }
  });
  if (DataType.isDate(type)) {
    const perDay = type.unit === DateUnit.DAY ? 1 : 86_400_000;
    const toDay = (data: Data): Read => {
      const numbers = numbersOf(data);
      return index => new DuckDBDateValue(Math.floor(Number(numbers[index]) / perDay));
    };
    return { type: DATE, reader: toDay };
  }
  if (DataType.isTimestamp(type)) {
    return timestamp(library, type.unit, Boolean(type.timezone), scaled);
  }
  if (DataType.isTime(type)) {
    return scaled(TIME, type.unit, micros => new DuckDBTimeValue(micros));
  }
  if (DataType.isDuration(type)) {
    return scaled(INTERVAL, type.unit, micros => new DuckDBIntervalValue(0, 0, micros));
  }
  if (DataType.isInterval(type) && type.unit !== IntervalUnit.MONTH_DAY_NANO) {
    const isMonths = type.unit === IntervalUnit.YEAR_MONTH;
    return {
      type: INTERVAL,
      reader: data => {
        const numbers = numbersOf(data);
        return index =>
          isMonths
            ? new DuckDBIntervalValue(Number(numbers[index]), 0, 0n)
            : new DuckDBIntervalValue(0, Number(numbers[2 * index]), BigInt(numbers[2 * index + 1]!) * 1000n);
      }
    };
  }
  return null;
}

function timestamp(
  library: Library,
  unit: TimeUnit,
  zoned: boolean,
  scaled: (type: DuckDBType, unit: TimeUnit, make: (micros: bigint) => DuckDBValue) => ArrowColumn
): ArrowColumn {
  const { TIMESTAMP, TIMESTAMP_NS, TIMESTAMPTZ } = library;
  if (zoned) {
    return scaled(TIMESTAMPTZ, unit, micros => new library.DuckDBTimestampTZValue(micros));
  }
  if (unit === TimeUnit.NANOSECOND) {
    return scaled(TIMESTAMP_NS, TimeUnit.MICROSECOND, nanos => new library.DuckDBTimestampNanosecondsValue(nanos));
  }
  return scaled(TIMESTAMP, unit, micros => new library.DuckDBTimestampValue(micros));
}

function nested(library: Library, type: DataType): ArrowColumn | null {
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    return list(library, columnOf(library, type.children[0]!.type));
  }
  if (DataType.isMap(type)) {
    const [key, value] = (type.children[0]!.type as DataType).children!;
    return map(library, columnOf(library, key!.type), columnOf(library, value!.type));
  }
  if (DataType.isStruct(type) && type.children.length > 0) {
    const names = type.children.map(field => field.name);
    const columns = type.children.map(field => columnOf(library, field.type));
    const types = columns.map(column => column.type);
    return {
      type: library.STRUCT(Object.fromEntries(names.map((name, i) => [name, types[i]!]))),
      reader: data => {
        const readers = columns.map((column, i) => valueReader(column, data.children[i]!));
        return index =>
          new library.DuckDBStructValue(Object.fromEntries(names.map((name, i) => [name, readers[i]!(index)])));
      }
    };
  }
  return null;
}

/** First and last element of a list. */
function rangeOf(data: Data): (index: number) => readonly [number, number] {
  const offsets = data.valueOffsets as unknown as Numbers | undefined;
  const size = (data.type as { readonly listSize?: number }).listSize ?? 0;
  return index =>
    DataType.isFixedSizeList(data.type)
      ? [index * size, (index + 1) * size]
      : [Number(offsets![index]), Number(offsets![index + 1])];
}

function list({ LIST, DuckDBListValue }: Library, item: ArrowColumn): ArrowColumn {
  return {
    type: LIST(item.type),
    reader: data => {
      const read = valueReader(item, data.children[0]!);
      const range = rangeOf(data);
      return index => {
        const [start, end] = range(index);
        return new DuckDBListValue(Array.from({ length: end - start }, (_, i) => read(start + i)));
      };
    }
  };
}

function map({ MAP, DuckDBMapValue }: Library, key: ArrowColumn, value: ArrowColumn): ArrowColumn {
  return {
    type: MAP(key.type, value.type),
    reader: data => {
      const [keys, values] = data.children[0]!.children;
      const readKey = valueReader(key, keys!);
      const readValue = valueReader(value, values!);
      const range = rangeOf(data);
      return index => {
        const [start, end] = range(index);
        const entries = Array.from({ length: end - start }, (_, i) => ({
          key: readKey(start + i),
          value: readValue(start + i)
        }));
        return new DuckDBMapValue(entries);
      };
    }
  };
}
