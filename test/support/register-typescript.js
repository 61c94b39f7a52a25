import { register } from 'node:module';

/** `node --import ./test/support/register-typescript.js program.ts` runs a TypeScript program of the project. */
register('./typescript-hooks.js', import.meta.url);
