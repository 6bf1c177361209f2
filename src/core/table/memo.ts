import type { ITableSession } from '../port';

/** What `make` gives, as JSON; made once per session and name, and kept in the session itself. */
export async function remember<T>(session: ITableSession, name: string, make: () => Promise<T>): Promise<T> {
  await session.query('CREATE TABLE IF NOT EXISTS branchbook_memo (name VARCHAR, value VARCHAR)');
  const { rows } = await session.query('SELECT value FROM branchbook_memo WHERE name = $1', [name]);
  if (rows[0]) {
    return JSON.parse(String(rows[0][0])) as T;
  }
  const value = await make();
  await session.query('INSERT INTO branchbook_memo VALUES ($1, $2)', [name, JSON.stringify(value)]);
  return value;
}
