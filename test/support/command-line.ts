import { Readable } from 'node:stream';
import { runCommandLine } from '../../src/cli/command-line.js';

/** How a command ended, and what it wrote. */
export interface Outcome {
  readonly status: number;
  readonly printed: string;
  readonly complained: string;
  /** What `--json` printed. */
  readonly json: unknown;
}

/** Runs a command in this process, in surroundings of its own. */
export async function runCommand(args: readonly string[], env: NodeJS.ProcessEnv, stdin = ''): Promise<Outcome> {
  let printed = '';
  let complained = '';
  const status = await runCommandLine(args, {
    env,
    stdin: Readable.from([stdin]),
    print: (text) => {
      printed += text;
    },
    complain: (text) => {
      complained += text;
    },
  });
  const json: unknown = args.includes('--json') && status === 0 ? JSON.parse(printed) : undefined;
  return { status, printed, complained, json };
}
