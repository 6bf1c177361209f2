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

const spokenByGit = (request: FastifyRequest): boolean => /^\/[^/]+\/[^/]+\.git\//.test(request.url);
const spokenByLfs = (request: FastifyRequest): boolean => request.url.includes('.git/info/lfs');

/** git shows people what comes as plain text, git-lfs `message`, everybody else knows the typed form. */
export function answerFailure(request: FastifyRequest, reply: FastifyReply, error: BranchbookError): FastifyReply {
  void reply.code(error.status).headers(safeHeaders);
  if (error.code === 'SIGNED_OUT') {
    void reply.header(
      'www-authenticate',
      spokenByGit(request) ? 'Basic realm="Branchbook", charset="UTF-8"' : 'Bearer'
    );
  }
  if (error.code === 'RATE_LIMITED') {
    void reply.header('retry-after', String(error.data['seconds'] ?? 1));
  }
  if (spokenByLfs(request)) {
    const body = { message: error.message, error: error.toJSON() };
    return reply.type('application/vnd.git-lfs+json').send(JSON.stringify(body));
  }
  if (spokenByGit(request)) {
    return reply.type('text/plain; charset=utf-8').send(`${error.message} ${error.hint}`.trim());
  }
  return reply.type('application/json; charset=utf-8').send(JSON.stringify({ error: error.toJSON() }));
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
