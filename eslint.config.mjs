import jupyter from '@jupyter/eslint-plugin';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const node = { regex: '^(node:.*|fs|path|os|child_process|crypto|zlib|worker_threads)$', message: 'No Node here.' };
const processes = { regex: '^(node:)?child_process$', message: 'Only src/node/git starts programs.' };
const files = { regex: '^(node:)?fs(/.*)?$', message: 'Only src/node/fs touches the disk.' };
const restrict = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['lib/', 'node_modules/', '.venv/', 'branchbook/', 'example-project/', 'src/core/chunk/assembly/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx,mjs}'],
    languageOptions: { globals: globals.node },
    rules: {
      curly: 'error',
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        { selector: "MemberExpression[property.name='innerHTML']", message: 'Text nodes only.' },
        { selector: "MemberExpression[property.name='outerHTML']", message: 'Text nodes only.' },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Text nodes only.' }
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-control-regex': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }]
    }
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 80 }],
      complexity: ['error', 20],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true },
          filter: { regex: '^AbortSignal$', match: false }
        }
      ]
    }
  },
  { files: ['src/core/**'], rules: restrict(node, { regex: '^[^.]', message: 'core depends on nothing.' }) },
  { files: ['src/cli/**', 'src/service/**'], rules: restrict(processes, files) },
  { files: ['src/node/**'], ignores: ['src/node/git/**', 'src/node/fs/**'], rules: restrict(processes, files) },
  { files: ['src/node/git/**'], rules: restrict(files) },
  { files: ['src/node/fs/**'], rules: restrict(processes) },
  {
    files: ['src/lab/**', 'src/index.ts'],
    plugins: { jupyter },
    languageOptions: { globals: globals.browser },
    rules: {
      ...restrict(node),
      'jupyter/command-described-by': 'error',
      'jupyter/plugin-description': 'error',
      'jupyter/token-format': 'error',
      'jupyter/no-untranslated-string': 'error',
      'jupyter/no-translation-concatenation': 'error'
    }
  }
);
