/** Histories over a wire: system git, in a neutral directory, with nothing in its arguments that others chose. */
import { writeDurable } from '../../../core/durable';
import { hasCode } from '../../../core/error';
import type { Pointer } from '../../../core/model/asset';
import type { ObjectId, RefChange } from '../../../core/model/git';
import type { Activity, GitRemote, ITransport, RemoteRefs } from '../../../core/port';
import { trustedCertificates } from '../../http/trust';
import type { Environment } from '../../process/environment';
import { endOfGit, failedGit } from '../runner';
import type { GitRun } from '../runner';
import { pushFailure, remoteFailure } from './failures';
import { fetchLfs, pushLfs } from './lfs';
import { inNeutralDirectory } from './neutral-directory';
import type { Lender, NeutralDirectory } from './neutral-directory';
import { progressParser } from './progress';
import { parseRemoteRefs, parseTips } from './remote-refs';
import { wireOf } from './remote-url';
import type { Wire } from './remote-url';
import type { RunInTalk } from './talk';

/** What the address is called in git's arguments; the address itself travels in the environment. */
const NAME = 'place';
/** Milliseconds. Large histories take their time; a connection that says nothing is ended by git itself. */
const LIST_TIMEOUT = 2 * 60 * 1000;
const TRANSFER_TIMEOUT = 24 * 60 * 60 * 1000;
/** More starting points than these do not make the answer smaller. */
const MAX_TIPS = 256;

/**
 * What counts when git serves a folder itself: neither hooks nor commands that its configuration names, although it may
 * belong to another user, which is what shared folders are for.
 */
const serving = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.alternateRefsCommand=true',
  // What a ref leads to is needed, whoever hid it.
  'uploadpack.hideRefs=!refs/',
  'safe.directory=*',
  'receive.autogc=false',
  'gc.auto=0',
  'receive.fsckObjects=true',
  // Whoever may write its settings could make it somebody's work tree, in which a push changes files.
  'receive.denyCurrentBranch=refuse',
  'core.fsync=objects,derived-metadata,reference'
];
const served = (program: string): string => `git ${serving.map(each => `-c '${each}'`).join(' ')} ${program}`;

export class GitTransport implements ITransport {
  constructor(
    private readonly _lender: Lender,
    private readonly _environment: Environment
  ) {}

  list(remote: GitRemote, activity: Activity): Promise<RemoteRefs> {
    return this._talk(remote, activity, async run => {
      const program = run.wire === 'file' ? [`--upload-pack=${served('upload-pack')}`] : [];
      const command = ['ls-remote', '--symref', ...program];
      const text = await run.git({
        command,
        operands: [NAME, 'HEAD', 'refs/heads/*', 'refs/tags/*'],
        timeout: LIST_TIMEOUT
      });
      return parseRemoteRefs(text);
    });
  }

  tips(remote: GitRemote, activity: Activity): Promise<readonly ObjectId[]> {
    return this._talk(remote, activity, async run => {
      const program = run.wire === 'file' ? [`--upload-pack=${served('upload-pack')}`] : [];
      const command = ['ls-remote', ...program];
      return parseTips(await run.git({ command, operands: [NAME], timeout: LIST_TIMEOUT }));
    });
  }

  async fetch(remote: GitRemote, objects: readonly ObjectId[], activity: Activity): Promise<void> {
    if (objects.length === 0) {
      return;
    }
    await this._talk(remote, activity, async run => {
      const program = run.wire === 'file' ? [`--upload-pack=${served('upload-pack')}`] : [];
      const tips = [...new Set((await this._lender.refs()).values())].slice(-MAX_TIPS);
      const command = [
        'fetch',
        '--progress',
        '--no-tags',
        '--no-write-fetch-head',
        '--no-recurse-submodules',
        '--stdin'
      ];
      await run.git({
        command: [...command, ...program, ...tips.map(tip => `--negotiation-tip=${tip}`)],
        operands: [NAME],
        input: objects.map(oid => `${oid}\n`).join(''),
        onSaid: progressParser(activity),
        timeout: TRANSFER_TIMEOUT
      });
    });
  }

  async push(remote: GitRemote, changes: readonly RefChange[], activity: Activity): Promise<void> {
    if (changes.length === 0) {
      return;
    }
    await this._talk(remote, activity, async run => {
      const program = run.wire === 'file' ? [`--receive-pack=${served('receive-pack')}`] : [];
      // Missing = the ref must not be there.
      const leases = changes.map(({ name, from }) => `--force-with-lease=${name}:${from ?? ''}`);
      await run.git({
        command: ['push', '--porcelain', '--progress', '--atomic', '--no-verify', '--no-signed', ...program, ...leases],
        operands: [NAME, ...changes.map(({ name, to }) => `${to ?? ''}:${name}`)],
        onSaid: progressParser(activity),
        timeout: TRANSFER_TIMEOUT
      });
    });
  }

  fetchLfs(remote: GitRemote, pointers: readonly Pointer[], folder: string, activity: Activity): Promise<void> {
    return this._talk(remote, activity, async (run, directory) => {
      await this._keepLfsIn(folder, directory);
      await fetchLfs(run.git, directory, pointers, activity);
    });
  }

  pushLfs(remote: GitRemote, pointers: readonly Pointer[], folder: string, activity: Activity): Promise<void> {
    return this._talk(remote, activity, async (run, directory) => {
      await this._keepLfsIn(folder, directory);
      await pushLfs(run.git, pointers, activity);
    });
  }

  /** Not by `lfs.storage`: where the remote is a folder, that would be taken for its storage too. */
  private async _keepLfsIn(folder: string, { path }: NeutralDirectory): Promise<void> {
    await this._lender.files.symlink(folder, `${path}/lfs`);
  }

  /** A place of ours is believed by git as it is by everything else of us; this counts more than what the user set for git. */
  private async _trust(wire: Wire, remote: GitRemote, { path }: NeutralDirectory): Promise<Environment> {
    const { files } = this._lender;
    const pem = wire === 'https' && isOurs(remote) ? await trustedCertificates(files, this._environment) : null;
    if (pem === null) {
      return {};
    }
    await writeDurable(files, `${path}/trusted.pem`, Buffer.from(pem));
    return { GIT_SSL_CAINFO: `${path}/trusted.pem` };
  }

  private async _talk<T>(
    remote: GitRemote,
    activity: Activity,
    work: (run: Conversation, directory: NeutralDirectory) => Promise<T>
  ): Promise<T> {
    const wire = wireOf(remote.url);
    return inNeutralDirectory(this._lender, async directory => {
      const secrets = { ...secretSettings(remote), ...(await this._trust(wire, remote, directory)) };
      const git: RunInTalk = async request => {
        const run: GitRun = {
          files: this._lender.files,
          cwd: directory.path,
          signal: activity.signal,
          environment: this._environment,
          remote: settingsFor(wire, remote),
          ...request,
          variables: { ...directory.variables, ...secrets, GIT_NO_LAZY_FETCH: '1', ...request.variables }
        };
        const ending = await endOfGit(run);
        if (ending.code === 0) {
          return ending.stdout;
        }
        throw toFailure(failedGit(run, ending), remote.url, ending);
      };
      return work({ wire, git }, directory);
    });
  }
}

type Conversation = { readonly wire: Wire; readonly git: RunInTalk };

function toFailure(error: Error, url: string, { stdout, stderr }: { stdout: string; stderr: string }): Error {
  return hasCode(error, 'IO') ? pushFailure(error, url, stdout, stderr) : remoteFailure(error, url);
}

/** The address and what lets us in: neither stands where other users of the machine can see it. */
function secretSettings({ url, headers }: GitRemote): Environment {
  const settings: (readonly [string, string])[] = [
    [`remote.${NAME}.url`, url.replace(/^file:\/\//, '')],
    ...Object.entries(headers).map(([name, value]) => [`http.${url}.extraHeader`, `${name}: ${value}`] as const)
  ];
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value]
    ])
  ]);
}

const isOurs = ({ headers }: GitRemote): boolean => Object.keys(headers).length > 0;

function settingsFor(wire: Wire, remote: GitRemote): readonly string[] {
  return [
    ...(wire === 'file' || wire === 'http' ? [`protocol.${wire}.allow=always`] : []),
    // Who we are to a place of ours is not to be told elsewhere, nor is anybody else asked who we are.
    ...(isOurs(remote) ? ['http.followRedirects=false', 'credential.helper=', 'core.askPass='] : []),
    'http.lowSpeedLimit=1',
    'http.lowSpeedTime=60',
    'fetch.fsckObjects=true',
    'fetch.writeCommitGraph=false',
    'push.gpgSign=false',
    'push.recurseSubmodules=no',
    'push.followTags=false',
    'core.fsync=objects,derived-metadata,reference'
  ];
}
