import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(__dirname, '..');
const source = join(root, 'src');

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === 'assembly' ? [] : sourceFiles(path);
    }
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

/** What a file imports and hands on, types too: who reads a file has to know those it names. */
function imports(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022);
  const found: string[] = [];
  file.forEachChild(node => {
    const isImport = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    if (isImport && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push(node.moduleSpecifier.text);
    }
  });
  return found;
}

function resolveImport(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.') || /\.(svg|css)$/.test(specifier)) {
    return null;
  }
  const base = resolve(dirname(from), specifier);
  const candidates = [`${base}.ts`, `${base}.tsx`, join(base, 'index.ts'), base];
  return candidates.find(path => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? null;
}

const files = sourceFiles(source);
const room = (path: string) => relative(source, path).split('/')[0] as string;

describe('the house', () => {
  it('has no import cycles', () => {
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (path: string, trail: string[]): void => {
      if (state.get(path) === 'done') {
        return;
      }
      if (state.get(path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(path)), path].map(p => relative(source, p)).join(' → '));
        return;
      }
      state.set(path, 'open');
      for (const specifier of imports(path)) {
        const target = resolveImport(path, specifier);
        if (target) {
          visit(target, [...trail, path]);
        }
      }
      state.set(path, 'done');
    };
    files.forEach(path => visit(path, []));
    expect(cycles).toEqual([]);
  });

  it('follows the dependency rule', () => {
    const allowed: Record<string, readonly string[]> = {
      core: ['core'],
      node: ['node', 'core'],
      cli: ['cli', 'core'],
      service: ['service', 'core', 'node', 'cli'],
      lab: ['lab', 'core', 'service'],
      'index.ts': ['lab', 'index.ts']
    };
    const broken: string[] = [];
    for (const path of files) {
      for (const specifier of imports(path)) {
        const target = resolveImport(path, specifier);
        if (target && !allowed[room(path)]?.includes(room(target))) {
          broken.push(`${relative(source, path)} → ${relative(source, target)}`);
        }
        const composes = ['main.ts', 'open-project.ts', 'open-places.ts', 'hub/main.ts'].includes(
          relative(join(source, 'service'), path)
        );
        if (target && room(path) === 'service' && room(target) === 'node' && !composes) {
          broken.push(`${relative(source, path)} → ${relative(source, target)} (only the composition root)`);
        }
        if (target && room(path) === 'lab' && room(target) !== 'lab') {
          const shared = /^(core\/(model\/|error\.ts)|service\/protocol\.ts)/.test(relative(source, target));
          if (!shared) {
            broken.push(`${relative(source, path)} → ${relative(source, target)}`);
          }
        }
        if (room(path) === 'core' && !specifier.startsWith('.')) {
          broken.push(`${relative(source, path)} → ${specifier}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it('keeps settings schemas alone in schema/', () => {
    const entries = readdirSync(join(root, 'schema'), { withFileTypes: true });
    expect(entries.filter(entry => !entry.isFile() || !entry.name.endsWith('.json'))).toEqual([]);
    for (const entry of entries) {
      const schema = JSON.parse(readFileSync(join(root, 'schema', entry.name), 'utf8'));
      expect(schema.type, entry.name).toBe('object');
      expect(schema.title, entry.name).toBeTruthy();
    }
  });
});
