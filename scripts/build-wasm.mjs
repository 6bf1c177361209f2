// node scripts/build-wasm.mjs            compile the chunker to src/core/chunk/gear-wasm.ts
// import { compileGear } …               its source text, for the test that the committed one is fresh
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import { at } from './run.mjs';

const source = at('src/core/chunk/assembly/gear.ts');
const target = at('src/core/chunk/gear-wasm.ts');

/** The text of gear-wasm.ts. */
export async function compileGear() {
  let binary = null;
  const { error, stderr } = await asc.main(
    ['gear.ts', '--outFile', 'gear.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--importMemory'],
    {
      readFile: name => (name === 'gear.ts' ? readFileSync(source, 'utf8') : null),
      writeFile: (name, contents) => {
        binary = name === 'gear.wasm' ? contents : binary;
      },
      listFiles: () => []
    }
  );
  if (error || !binary) {
    throw new Error(`AssemblyScript: ${error?.message ?? 'no output'}\n${stderr.toString()}`);
  }
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,100}/g);
  const literal = lines.map(line => `  '${line}'`).join(' +\n');
  return `// Generated from assembly/gear.ts by scripts/build-wasm.mjs; do not edit.\n\n/** The WebAssembly module, base64. */\nexport const gearWasm =\n${literal};\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(target, await compileGear());
}
