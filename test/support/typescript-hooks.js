import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

/**
 * Node module hooks that load the project's TypeScript as it is, for what runs outside Jest's own transform: Jest's
 * global setup, and programs that specs start as processes of their own. Use: `node:module`'s `register(…)`.
 */

/** Imports name the compiled file (`./database.js`); the source beside it is `./database.ts`. */
export async function resolve(specifier, context, nextResolve) {
  const isOwn = context.parentURL?.startsWith('file:') && !context.parentURL.includes('/node_modules/');
  if (isOwn && /^\.{1,2}\/.*\.js$/.test(specifier)) {
    try {
      return await nextResolve(specifier.replace(/\.js$/, '.ts'), context);
    } catch {
      return nextResolve(specifier, context);
    }
  }
  return nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
