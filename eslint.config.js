import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', '.congthu', 'artefacts', 'drizzle', 'fixtures/**', '!fixtures/**/*.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers and addresses are put into texts all the time; objects never.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A bound check before an index is how the byte readers prove safety; the assertion after it is sound.
      '@typescript-eslint/no-non-null-assertion': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['test/**/*.ts', 'fixtures/**/*.ts', 'src/commands/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
