/** `check`: follow every reference down to bytes, name what is damaged, and with `repair` put right what can be. */
import { BranchbookError, hasCode } from '../error';
import type { CheckArgs, CheckFinding, CheckResult, Repair } from '../model/maintenance';
import type { ObjectId, TreeEntry } from '../model/git';
import type { Anomaly } from '../model/table-schema';
import type { Activity, IProject, Part } from '../port';
import { readPointer } from '../transition/content';
import { treeOf } from '../transition/move-work-tree';
import { checkHistory, sizesOf } from './check-history';
import type { WantedAsset } from './check-history';
import { checkOwnFiles } from './check-own-files';
import type { Operation } from './operation';
import { RemoteCopies } from './remote-copies';
import { prepareRepair, repair } from './repair';
import type { Data } from './repair';
import { guardTables } from './table-guard';
import { schemasInTree } from './table-schemas';

export const checkOperation: Operation<'check'> = {
  verb: 'check',
  summary: 'Verify that every version can be had back, and repair what can be',
  mutates: args => args.repair === true,
  prepare: prepareRepair,
  run: check
};

/**
 * Damage is reported as findings, never thrown; only CANCELLED, USAGE and failures of the disk are thrown. So are tables
 * of HEAD that are not as their schemas say.
 */
export async function check(project: IProject, args: CheckArgs, activity: Activity): Promise<CheckResult> {
  const result = await checkStorage(project, args, activity);
  return { ...result, findings: [...result.findings, ...(await checkTables(project, activity))] };
}

/**
 * Nothing is lost by an anomaly, so it is a warning here, whatever the schema says: `schema check` is stricter. Where
 * damage keeps from looking, it has been told already.
 */
async function checkTables(project: IProject, activity: Activity): Promise<readonly CheckFinding[]> {
  try {
    return (await anomaliesOfHead(project, activity)).map(({ code, path, message, hint }) => ({
      severity: 'warning',
      code,
      object: path,
      message: `${path}: ${message}`,
      repair: hint
    }));
  } catch (error) {
    if (hasCode(error, 'CANCELLED', 'DISK_FULL')) {
      throw error;
    }
    return [];
  }
}

async function anomaliesOfHead(project: IProject, activity: Activity): Promise<readonly Anomaly[]> {
  const tree = await treeOf(project, (await project.git.head()).commit);
  if (!tree) {
    return [];
  }
  const { tables, texts } = await schemasInTree(project, tree, activity);
  const versions = { now: (path: string) => entryHere(project, tree, path), before: null };
  return (await guardTables(project, tables, texts, versions, activity)) ?? [];
}

/** null for a content that is not here: nothing is brought for a look, and a lazy clone stays one. */
async function entryHere(project: IProject, tree: ObjectId, path: string): Promise<TreeEntry | null> {
  const entry = await project.git.entry(tree, path);
  const pointer = entry && entry.mode !== '120000' ? await readPointer(project, entry.oid) : null;
  return pointer && pointer.size > 0 && !(await project.store.has(pointer.sha256)) ? null : entry;
}

async function checkStorage(project: IProject, args: CheckArgs, activity: Activity): Promise<CheckResult> {
  const data = { readData: args.readData === true || args.part !== undefined, part: parsePart(args.part) };
  const { repaired, unasked } = args.repair ? await repairAll(project, data, activity) : notRepaired;
  const history = await checkHistory(project, activity);
  const findings: CheckFinding[] = [...history.findings];
  const wanted = sizesOf(history);
  const absent = { assets: 0, bytes: 0 };
  for await (const finding of project.store.check({ ...data, wanted, ...activity })) {
    const asset = history.wanted.get(finding.object);
    const explained = await explain(project, finding, asset, activity);
    if (asset?.elsewhere && finding.code === 'MISSING' && explained.severity === 'error') {
      absent.assets += 1;
      absent.bytes += asset.size;
    } else {
      findings.push(explained);
    }
  }
  for await (const finding of checkOwnFiles(project, { ...data, ...activity })) {
    findings.push(finding);
  }
  const bytes = [...wanted.values()].reduce((sum, size) => sum + size, 0);
  return {
    findings: [...findings, ...unasked],
    repaired,
    commits: history.commits,
    assets: wanted.size,
    bytes,
    absent
  };
}

type Repaired = { readonly repaired: readonly Repair[]; readonly unasked: readonly CheckFinding[] };
const notRepaired: Repaired = { repaired: [], unasked: [] };

/** `unasked`: remotes that could not be asked for good copies. */
async function repairAll(project: IProject, data: Data, activity: Activity): Promise<Repaired> {
  const remotes = new RemoteCopies(project, activity);
  const repaired: Repair[] = [];
  try {
    for await (const done of repair(project, data, remotes, activity)) {
      repaired.push(done);
    }
  } finally {
    await remotes.close();
  }
  const unasked = [...remotes.problems].map(([name, { code, message, hint }]): CheckFinding => ({
    severity: 'warning',
    code,
    object: name,
    message: `The remote ${name} could not be asked for good copies: ${message}`,
    repair: hint
  }));
  return { repaired, unasked };
}

/**
 * Damage that makes a version unavailable, found without reading the data: for callers that must not go on with a
 * damaged project (the collector). Empty when the structure is whole.
 */
export async function findDamage(project: IProject, activity: Activity): Promise<readonly CheckFinding[]> {
  const { findings } = await checkStorage(project, {}, activity);
  return findings.filter(finding => finding.severity === 'error');
}

/** The store knows contents by their hashes; people know them by paths. */
async function explain(
  project: IProject,
  finding: CheckFinding,
  asset: WantedAsset | undefined,
  activity: Activity
): Promise<CheckFinding> {
  if (!asset) {
    return finding;
  }
  const message = `${asset.where} (${asset.size} bytes, SHA-256 ${finding.object}): ${finding.message}`;
  const file = finding.code === 'MISSING' ? await fileWith(project, finding.object, asset, activity) : null;
  if (file) {
    const repair = `${file} in the work tree still has it: \`branchbook check --repair\` stores it.`;
    return { ...finding, severity: 'warning', message, repair };
  }
  const again = 'Or copy a good file into the project and snapshot it: the same content anywhere heals all versions.';
  return { ...finding, message, repair: `${finding.repair} ${again}` };
}

/** A project that only git-lfs has worked with may have contents in its files alone. */
async function fileWith(
  project: IProject,
  sha256: string,
  asset: WantedAsset,
  { signal }: Activity
): Promise<string | null> {
  for (const path of asset.paths) {
    const absolute = `${project.root}/${path}`;
    const stat = await project.files.lstat(absolute);
    const fits = stat?.kind === 'file' && stat.size === asset.size;
    if (fits && (await project.store.hashFile(absolute, { signal }).catch(() => null)) === sha256) {
      return path;
    }
  }
  return null;
}

function parsePart(text: string | undefined): Part | undefined {
  if (text === undefined) {
    return undefined;
  }
  const [, n, of] = /^([1-9][0-9]{0,5})\/([1-9][0-9]{0,5})$/.exec(text) ?? [];
  if (n === undefined || Number(n) > Number(of)) {
    throw new BranchbookError(
      'USAGE',
      `${JSON.stringify(text)} does not name a part of the data.`,
      { argument: 'part', reason: 'it must be n/t, n from 1 to t' },
      'For example 3/7: the third of seven parts.'
    );
  }
  return { n: Number(n), of: Number(of) };
}
