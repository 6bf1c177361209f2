/**
 * Names for the steps by which a change becomes durable, recognised by what is done to which file: the moments at which
 * a process is killed or its disk fails in tests.
 */
import type { FileOperation } from './faulty-file-system';

export type Failpoint = { readonly name: string; readonly matches: (operation: FileOperation) => boolean };

type Names = FileOperation['name'] | readonly FileOperation['name'][];

/** An operation on a path that `pattern` matches; of a rename or link it is where it leads. */
function point(name: string, operations: Names, pattern: RegExp): Failpoint {
  return {
    name,
    matches: operation => [operations].flat().includes(operation.name) && pattern.test(operation.to ?? operation.path)
  };
}

/** Renames out of what waits in the git directory, into the work tree. */
function arrival(name: string): Failpoint {
  const waiting = /\/\.git\/branchbook\/(staging\/.+\/new|materialized)\//;
  return {
    name,
    matches: ({ name: call, path, to }) => call === 'rename' && waiting.test(path) && !/\/\.git\//.test(to!)
  };
}

export const failpoints: readonly Failpoint[] = [
  point('project lock', 'open', /\/branchbook\/lock$/),
  point('project unlock', 'unlink', /\/branchbook\/lock$/),
  point('xorb write', 'write', /\/branchbook\/tmp\/.*\.xorb$/),
  point('xorb flush', 'sync', /\/branchbook\/tmp\/.*\.xorb$/),
  point('xorb publish', 'rename', /\/branchbook\/xorbs\//),
  point('xorb directory flush', 'syncDirectory', /\/branchbook\/xorbs\/../),
  point('shard write', 'write', /\/branchbook\/tmp\/.*\.mdb$/),
  point('shard flush', 'sync', /\/branchbook\/tmp\/.*\.mdb$/),
  point('shard publish', 'rename', /\/branchbook\/shards\//),
  point('shard directory flush', 'syncDirectory', /\/branchbook\/shards$/),
  point('object write', 'write', /\/objects\/..\/tmp_obj_/),
  point('object flush', 'sync', /\/objects\/..\/tmp_obj_/),
  point('object publish', 'rename', /\/objects\/[0-9a-f]{2}\//),
  point('object directory flush', 'syncDirectory', /\/objects\/[0-9a-f]{2}$/),
  point('pack publish', 'rename', /\/objects\/pack\/.*\.pack$/),
  point('pack index publish', 'rename', /\/objects\/pack\/.*\.idx$/),
  point('pack directory flush', 'syncDirectory', /\/objects\/pack$/),
  point('staged file write', 'write', /\/branchbook\/staging\/.+\/new\//),
  point('staged file flush', 'sync', /\/branchbook\/staging\/.+\/new\//),
  point('staging flush', 'syncDirectory', /\/branchbook\/staging\//),
  point('journal write', 'write', /\/branchbook\/journal\//),
  point('journal flush', 'sync', /\/branchbook\/journal\//),
  point('journal publish', 'rename', /\/branchbook\/journal\//),
  point('journal directory flush', 'syncDirectory', /\/branchbook\/journal$/),
  point('asset leaves', 'rename', /\/branchbook\/materialized\/[0-9a-f]{64}$/),
  point('file leaves', 'rename', /\/branchbook\/staging\/.+\/old\//),
  point('emptied folder goes', 'rmdir', /^(?!.*\/\.git\/)/),
  point('folder comes', 'mkdir', /^(?!.*\/\.git(\/|$))/),
  arrival('file comes'),
  point('work tree flush', 'syncDirectory', /^(?!.*\/\.git(\/|$))/),
  point('index lock', 'link', /\/index\.lock$/),
  point('index publish', 'rename', /\/index$/),
  point('git directory flush', 'syncDirectory', /\/\.git$/),
  point('index unlock', 'unlink', /\/index\.lock$/),
  point('branch lock', 'link', /\/refs\/heads\/.+\.lock$/),
  point('lock write', 'write', /\/branchbook\/locks\//),
  point('lock flush', 'sync', /\/branchbook\/locks\//),
  point('branch publish', 'rename', /\/\.git\/refs\/heads\//),
  point('branch directory flush', 'syncDirectory', /\/\.git\/refs\/heads/),
  point('branch deletion', 'unlink', /\/\.git\/refs\/heads\/.*[^k]$/),
  point('HEAD lock', 'link', /\/HEAD\.lock$/),
  point('HEAD publish', 'rename', /\/\.git\/HEAD$/),
  point('reflog write', 'write', /\/\.git\/logs\//),
  point('operation log write', 'write', /\/branchbook\/operations\//),
  point('operation log flush', 'sync', /\/branchbook\/operations\//),
  point('operation log publish', 'rename', /\/branchbook\/operations\//),
  point('operation log directory flush', 'syncDirectory', /\/branchbook\/operations$/),
  point('journal removal', 'unlink', /\/branchbook\/journal\/.*\.json$/),
  point('staging removal', ['unlink', 'rmdir'], /\/branchbook\/staging\//),
  point('signature publish', 'rename', /\/branchbook\/materialized\/.*\.stat$/),
  point('settings publish', 'rename', /\/\.git\/config$/),
  point('rules publish', 'rename', /\/\.gitattributes$/),
  point('copy publish', 'rename', /\/branchbook\/cache\//)
];
