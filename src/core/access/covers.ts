/** Which objects lie in which: namespace ⊃ project ⊃ asset folder ⊃ file. */
import { projectOf } from '../model/access';
import type { AccessObject } from '../model/access';
import { isWithin } from '../model/path';
import { matchesBranch } from './pattern';

/** True when a grant on `outer` reaches `inner`. A branch in `inner` is a name. */
export function coversObject(outer: AccessObject, inner: AccessObject): boolean {
  if (outer.kind === 'namespace') {
    return true;
  }
  if (outer.kind === 'compute') {
    return inner.kind === 'compute' && inner.endpoint === outer.endpoint;
  }
  if (outer.project !== projectOf(inner)) {
    return false;
  }
  switch (outer.kind) {
    case 'project':
      return true;
    case 'branch':
      return inner.kind === 'branch' && matchesBranch(outer.pattern, inner.pattern);
    case 'asset':
      return inner.kind === 'asset' && isWithin(inner.path, outer.path);
    case 'pipeline':
      return inner.kind === 'pipeline' && inner.pipeline === outer.pipeline;
  }
}
