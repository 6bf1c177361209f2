import { type IRenderMimeRegistry, OutputModel } from '@jupyterlab/rendermime';
import { Panel } from '@lumino/widgets';

type Output = ConstructorParameters<typeof OutputModel>[0]['value'];

/** Outputs of a cell, drawn by JupyterLab's renderers as those of an untrusted notebook: nothing of them runs. */
export function renderOutputs(outputs: readonly unknown[], rendermime: IRenderMimeRegistry): Panel {
  const panel = new Panel();
  for (const value of outputs.filter(isOutput)) {
    const model = new OutputModel({ value, trusted: false });
    const mime = rendermime.preferredMimeType(model.data, 'ensure');
    if (mime !== undefined) {
      const renderer = rendermime.createRenderer(mime);
      renderer.addClass('jp-OutputArea-output');
      panel.addWidget(renderer);
      void renderer.renderModel(model).catch((error: unknown) => {
        renderer.node.textContent = String(error);
      });
    }
  }
  return panel;
}

function isOutput(value: unknown): value is Output {
  return typeof value === 'object' && value !== null && 'output_type' in value;
}
