/** The rules of the JavaScript here: the phone's form, the tablet's app, and what tries them. */
import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['kiosk/static/vendor/', 'kiosk/static/*.d.ts', '.venv/', 'build/', 'dist/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-duplicate-imports': 'error',
      'no-implicit-coercion': ['error', { allow: ['+'] }],
      'no-implicit-globals': 'error',
      'no-param-reassign': 'error',
      'no-shadow': ['error', { builtinGlobals: false }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'prefer-template': 'off',
      'no-throw-literal': 'error',
      'no-promise-executor-return': ['error', { allowVoid: true }],
      'require-atomic-updates': 'off',
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      complexity: ['error', 12],
    },
  },
  { files: ['kiosk/static/*.js'], languageOptions: { globals: globals.browser } },
  { files: ['kiosk/static/sw.js'], languageOptions: { globals: globals.serviceworker } },
  {
    files: ['survey/web/static/*.js', 'benchmarks/*.js'],
    languageOptions: { sourceType: 'script', globals: globals.browser },
  },
  // What phones of 2020 read (Chrome 80, Safari 13.1); older ones have the form without its script.
  { files: ['survey/web/static/*.js'], languageOptions: { ecmaVersion: 2020 } },
  // One function from end to end, inlined into the form: it counts as one where its parts do not.
  { files: ['survey/web/static/respond.js'], rules: { complexity: 'off' } },
  { files: ['tests/js/*.mjs', '*.js'], languageOptions: { globals: globals.node } },
];
