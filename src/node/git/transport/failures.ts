/** git's words about remotes as failures of ours. They are stable: the runner asks for them in English. */
import { BranchbookError } from '../../../core/error';
import { withoutSecrets } from '../../../core/model/place-address';

type Row = { readonly pattern: RegExp; readonly make: (place: string, said: string) => BranchbookError };

const rows: readonly Row[] = [
  {
    pattern:
      /Authentication failed|could not read (Username|Password)|Permission denied \(|error: 401|terminal prompts disabled/,
    make: (place, said) =>
      new BranchbookError(
        'SIGNED_OUT',
        `${place} wants to know who you are: ${said}`,
        { place },
        'For a place of Branchbook: `branchbook login PLACE`. For a git host: set up an ssh key or a credential helper, so that `git ls-remote` works without a question.'
      )
  },
  {
    pattern: /error: 403|not allowed to|denied to/,
    make: (place, said) =>
      new BranchbookError(
        'FORBIDDEN',
        `${place} does not allow this: ${said}`,
        { place, because: [said] },
        'Ask its owners.'
      )
  },
  {
    pattern:
      /does not appear to be a git repository|[Rr]epository ['"]?.*['"]? ?not found|error: 404|does not exist|No such file or directory/,
    make: (place, said) =>
      new BranchbookError(
        'PLACE_UNKNOWN',
        `There is no project at ${place}, or none that you may see: ${said}`,
        { place },
        'Check the address with whoever gave it to you.'
      )
  },
  {
    pattern: /dubious ownership/,
    make: (place, said) =>
      new BranchbookError(
        'PERMISSION_DENIED',
        `${place} belongs to another user: ${said}`,
        { path: place },
        'Ask its owner.'
      )
  },
  {
    pattern: /insufficient permission|unable to create|[Pp]ermission denied|Read-only file system/,
    make: (place, said) =>
      new BranchbookError(
        'PERMISSION_DENIED',
        `${place} cannot be written to: ${said}`,
        { path: place },
        'Ask its owner for the right to write there.'
      )
  },
  {
    pattern: /No space left|disk quota/i,
    make: (place, said) =>
      new BranchbookError('DISK_FULL', `The disk is full: ${said}`, { place }, 'Free some space, and try again.')
  },
  {
    pattern: /[Cc]ertificate/,
    make: (place, said) =>
      new BranchbookError(
        'PLACE_UNREACHABLE',
        `${place} cannot be reached: its certificate is not trusted (${said})`,
        { place, reason: said },
        'Ask who runs it for the certificate of its authority. For a hub set BRANCHBOOK_CA_FILE to that file; for another git host, git’s own http.sslCAInfo.'
      )
  },
  {
    pattern:
      /[Cc]ould not resolve host|[Cc]onnection (refused|reset|timed out|closed)|[Ff]ailed to connect|[Oo]peration (too slow|timed out)|unable to access|Could not read from remote|hung up|early EOF|error: 5\d\d|No route to host|unreachable|SSL|HTTP 5\d\d/,
    make: (place, said) => unreachable(place, said)
  }
];

export function unreachable(place: string, reason: string): BranchbookError {
  return new BranchbookError(
    'PLACE_UNREACHABLE',
    `${place} does not answer: ${reason}`,
    { place, reason },
    'Everything here goes on working; try again when you are connected. Nothing was queued.'
  );
}

/** What a failed run of git means. Other failures, and words we do not know, stay as they are. */
export function remoteFailure(error: unknown, url: string): BranchbookError {
  const failure = BranchbookError.from(error);
  if (failure.code !== 'IO') {
    return failure;
  }
  const place = withoutSecrets(url);
  const said = withoutSecrets(String(failure.data['reason'] ?? failure.message));
  const row = rows.find(({ pattern }) => pattern.test(said));
  return row ? row.make(place, said) : new BranchbookError('IO', `git failed with ${place}: ${said}`, { reason: said });
}

/** Why `git push` failed: its own words for each ref (`--porcelain`), and what the other side had to say. */
export function pushFailure(error: unknown, url: string, stdout: string, stderr: string): BranchbookError {
  const rejected = stdout.split('\n').flatMap(line => {
    const [, ref, reason] = /^!\t[^\t]*:(refs\/[^\t]+)\t\[[^\]]*rejected\] \((.*)\)$/.exec(line) ?? [];
    return ref !== undefined && reason !== undefined && reason !== 'atomic push failed' ? [{ ref, reason }] : [];
  });
  const [first] = rejected;
  if (!first) {
    return remoteFailure(error, url);
  }
  // Somebody was faster: seen by us before sending, or by the other side under its lock.
  const moved = /stale info|fetch first|non-fast-forward|failed to update ref|incorrect old value|already exists/;
  const lost =
    /cannot lock ref '[^']*': (is at [0-9a-f]{40} but expected|reference already exists|[Uu]nable to create)/;
  return moved.test(first.reason) || lost.test(stderr) ? rejectedPush(first.ref, url) : refusedPush(stderr, url, first);
}

function rejectedPush(ref: string, url: string): BranchbookError {
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  return new BranchbookError(
    'PUSH_REJECTED',
    `“${name}” moved at ${withoutSecrets(url)} meanwhile. Nothing was changed there.`,
    { ref, remote: withoutSecrets(url), behind: null },
    'Bring what is new, merge it and push again in one step: `branchbook push --pull`.'
  );
}

/** The words behind `remote:` are the other side's. */
function refusedPush(stderr: string, url: string, { ref, reason }: { ref: string; reason: string }): BranchbookError {
  const said = stderr
    .split('\n')
    .flatMap(line => /^remote: (.*\S)\s*$/.exec(line)?.[1] ?? [])
    .join(' ');
  const because = withoutSecrets(said || reason);
  return new BranchbookError(
    'FORBIDDEN',
    `${withoutSecrets(url)} refuses ${ref.replace(/^refs\/(heads|tags)\//, '')}: ${because}`,
    { right: 'edit', object: ref, because: [because] },
    'Nothing was changed there. You can push to a branch of your own, and ask for the right.'
  );
}
