/** Execute a notebook's cells in a kernel, as nbclient does: outputs replaced, stopped at the first error. */
import { BranchbookError } from '../error';
import type { Activity, IKernel, KernelMessage } from '../port';

type Json = { readonly [key: string]: unknown };
type Output = { [key: string]: unknown; output_type: string };
export type Notebook = Json & { readonly cells: readonly Json[]; readonly metadata?: Json };
export type NotebookRun = { readonly notebook: Notebook; readonly cells: number; readonly failed: boolean };

/** FORMAT_INVALID. */
export function parseNotebook(path: string, bytes: Uint8Array): Notebook {
  try {
    const notebook = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<Notebook>;
    if (Array.isArray(notebook.cells)) {
      return notebook as Notebook;
    }
  } catch {
    // Told below.
  }
  throw new BranchbookError('FORMAT_INVALID', `${path} is no notebook of format 4.`, {
    format: 'ipynb',
    path,
    reason: 'no cells'
  });
}

/** The kind of kernel that the notebook asks for; null when it does not say. */
export function kernelOf({ metadata }: Notebook): string | null {
  const name = (metadata?.['kernelspec'] as Json | undefined)?.['name'];
  return typeof name === 'string' ? name : null;
}

export async function runNotebook(notebook: Notebook, kernel: IKernel, activity: Activity): Promise<NotebookRun> {
  const cells = [...notebook.cells];
  let failed = false;
  let ran = 0;
  for (const [index, cell] of cells.entries()) {
    const code = sourceOf(cell);
    if (cell['cell_type'] === 'code' && code.trim() !== '' && !failed) {
      activity.onProgress?.({ phase: `Running cell ${index + 1}`, done: index, total: cells.length, unit: 'files' });
      const outcome = await runCell(kernel, code, activity);
      cells[index] = { ...cell, outputs: outcome.outputs, execution_count: outcome.count };
      failed = outcome.failed;
      ran += 1;
    } else if (cell['cell_type'] === 'code') {
      cells[index] = { ...cell, outputs: [], execution_count: null };
    }
  }
  return { notebook: { ...notebook, cells }, cells: ran, failed };
}

function sourceOf({ source }: Json): string {
  return Array.isArray(source) ? source.join('') : String(source ?? '');
}

async function runCell(
  kernel: IKernel,
  code: string,
  activity: Activity
): Promise<{ readonly outputs: readonly Output[]; readonly count: number | null; readonly failed: boolean }> {
  const outputs: Output[] = [];
  let count: number | null = null;
  let failed = false;
  let clearNext = false;
  for await (const message of kernel.execute(code, activity)) {
    const { type, content } = message;
    if (type === 'execute_reply') {
      count = typeof content['execution_count'] === 'number' ? content['execution_count'] : null;
      failed = content['status'] !== 'ok';
    } else if (type === 'clear_output' && content['wait'] === true) {
      clearNext = true;
    } else {
      if (clearNext || type === 'clear_output') {
        outputs.length = 0;
        clearNext = false;
      }
      addOutput(outputs, message);
    }
  }
  return { outputs: outputs.map(({ transient: _transient, ...output }) => output as Output), count, failed };
}

function addOutput(outputs: Output[], { type, content }: KernelMessage): void {
  const last = outputs.at(-1);
  switch (type) {
    case 'stream':
      if (last?.output_type === 'stream' && last['name'] === content['name']) {
        last['text'] = `${String(last['text'])}${String(content['text'])}`;
      } else {
        outputs.push({ output_type: 'stream', name: content['name'], text: content['text'] });
      }
      break;
    case 'display_data':
    case 'execute_result':
    case 'error':
      outputs.push({ output_type: type, ...content });
      break;
    case 'update_display_data':
      update(outputs, content);
      break;
  }
}

/** A display that was shown before, in this cell, shows something else now. */
function update(outputs: Output[], content: Json): void {
  const idOf = (one: Json): unknown => (one['transient'] as Json | undefined)?.['display_id'];
  for (const output of outputs) {
    if (idOf(output) !== undefined && idOf(output) === idOf(content)) {
      output['data'] = content['data'];
      output['metadata'] = content['metadata'];
    }
  }
}
