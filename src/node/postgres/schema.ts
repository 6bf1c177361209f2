/** Tables of the hub's database, as kysely sees them. Entries are JSON as the ports say; columns beside are what is searched. */
import type { ColumnType, Generated } from 'kysely';

/** JSON text going in, parsed coming out. */
type Json<T> = ColumnType<T, string, string>;

type Entry = { readonly namespace: string; readonly key: string; readonly entry: Json<unknown> };

export type Database = {
  readonly namespaces: {
    readonly name: string;
    readonly revision: ColumnType<number, number, unknown>;
    readonly record: Json<unknown>;
    /** Everyone gets something of it. */
    readonly open: boolean;
    /** Bytes; null = no limit. */
    readonly quota: number | null;
  };
  readonly members: Entry;
  readonly grants: Entry & { readonly principal: string };
  readonly links: Entry & { readonly hash: string };
  /** Bytes change without a change of the rest. */
  readonly projects: Entry & { readonly bytes: Generated<number> };
  readonly endpoints: Entry;
  readonly requests: Entry;
  readonly audit: {
    readonly id: string;
    readonly namespace: string;
    readonly time: number;
    readonly person: string;
    readonly action: string;
    readonly project: string | null;
    readonly target: string | null;
    readonly event: Json<unknown>;
  };
};
