/** How failures are answered, and what stands above every answer. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { BranchbookError } from '../../core/error';
import { hubIsFull } from './disk-room';

/** Answers are data or files, never pages: nothing in them runs, and nobody guesses what they are. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store'
};

const spokenByGit = (url: string): boolean => /^\/[^/]+\/[^/]+\.git\//.test(url);
const spokenByLfs = (url: string): boolean => url.includes('.git/info/lfs');

/** A failure as it is answered. */
export type ToldFailure = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

export function answerFailure(request: FastifyRequest, reply: FastifyReply, error: BranchbookError): FastifyReply {
  const { status, headers, text } = toldFailure(request.url, error);
  return reply.code(status).headers(headers).send(text);
}

/** git shows people what comes as plain text, git-lfs `message`, everybody else knows the typed form. */
export function toldFailure(url: string, error: BranchbookError): ToldFailure {
  const [type, text] = bodyFor(url, error);
  const headers = { ...safeHeaders, ...headersOf(url, error), 'content-type': `${type}; charset=utf-8` };
  return { status: error.status, headers, text };
}

function bodyFor(url: string, error: BranchbookError): readonly [type: string, text: string] {
  if (spokenByLfs(url)) {
    return ['application/vnd.git-lfs+json', JSON.stringify({ message: error.message, error: error.toJSON() })];
  }
  return spokenByGit(url)
    ? ['text/plain', `${error.message} ${error.hint}`.trim()]
    : ['application/json', JSON.stringify({ error: error.toJSON() })];
}

function headersOf(url: string, { code, data }: BranchbookError): Readonly<Record<string, string>> {
  const seconds = data['seconds'] ?? (code === 'RATE_LIMITED' ? 1 : null);
  return {
    ...(code === 'SIGNED_OUT' && {
      'www-authenticate': spokenByGit(url) ? 'Basic realm="Branchbook", charset="UTF-8"' : 'Bearer'
    }),
    ...(seconds !== null && { 'retry-after': String(seconds) })
  };
}

/** Anything that went wrong, as a row of the one error table. What is INTERNAL is not told to clients. */
export function toFailure(error: unknown, log: (line: string) => void): BranchbookError {
  const failure = fromFastify(error) ?? BranchbookError.from(error);
  if (typeof failure.data['errno'] === 'string') {
    return ofOwnDisk(failure, log);
  }
  if (failure.code !== 'INTERNAL') {
    return failure;
  }
  log(`internal error: ${failure.cause instanceof Error ? (failure.cause.stack ?? '') : failure.message}`);
  return new BranchbookError('INTERNAL', 'The hub failed to do this.', {}, 'Its log says why.');
}

/** Where things lie on the hub's disk is for its log. */
function ofOwnDisk({ code, message }: BranchbookError, log: (line: string) => void): BranchbookError {
  log(message);
  return code === 'DISK_FULL'
    ? hubIsFull()
    : new BranchbookError('IO', 'The hub cannot use its disk as it should.', {}, 'Its log says why.');
}

function fromFastify(error: unknown): BranchbookError | null {
  const { validation, validationContext, statusCode, message } = error as Partial<FastifyError>;
  if (validation) {
    const [first] = validation;
    const argument = `${validationContext ?? 'request'}${first?.instancePath ?? ''}`;
    const reason = first?.message ?? 'is not as it should be';
    return new BranchbookError('USAGE', `The request is not as it should be: ${argument} ${reason}.`, {
      argument,
      reason
    });
  }
  if (error instanceof BranchbookError || !statusCode || statusCode >= 500) {
    return null;
  }
  return statusCode === 413
    ? tooLarge()
    : new BranchbookError('USAGE', 'The request cannot be read.', { argument: 'body', reason: message ?? '' });
}

export function tooLarge(): BranchbookError {
  return new BranchbookError('QUOTA_EXCEEDED', 'The request is larger than the hub takes.', { quota: 'request' });
}

export function tooSlow(): BranchbookError {
  return new BranchbookError(
    'TOO_SLOW',
    'The hub has waited too long for what you send.',
    {},
    'Nothing of this was taken. Try again when the connection is better.'
  );
}

export function tooDeep(): BranchbookError {
  const reason = 'its lists and objects stand too deep in each other';
  return new BranchbookError('USAGE', `The request is not as it should be: ${reason}.`, { argument: 'body', reason });
}

export function unknownRoute(): BranchbookError {
  const error = new BranchbookError('PATH_UNKNOWN', 'The hub has nothing at this address.', {});
  return error;
}
