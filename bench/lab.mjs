export const labSection = { title: 'JupyterLab', run: async () => ({ rows: [], text: '' }) };
