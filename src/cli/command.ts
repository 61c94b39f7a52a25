import type { Readable } from 'node:stream';
import { Command as Commander, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { EXIT } from './exit-status.js';

/** Where a command runs: the process's own surroundings, or a test's. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Standard output: what was asked for, and nothing else. */
  readonly print: (text: string) => void;
  /** Standard error: progress and failures. */
  readonly complain: (text: string) => void;
}

/** What a command found or did: for programs, and for people. */
export interface CommandResult {
  readonly json: unknown;
  /** '' where all there is to say has been printed. */
  readonly text: string;
  /** Exit status when the command ran but what it found is not in order; 0 where left out. */
  readonly status?: number;
}

/** One command of the command line. */
export interface Command {
  /** One word or two. */
  readonly name: string;
  readonly summary: string;
  /** The command as commander parses it: it runs there, prints its result and tells its exit status. */
  readonly commander: (surroundings: Surroundings, ended: (status: number) => void) => CommandUnknownOpts;
}

interface CommandDefinition<Declared extends CommandUnknownOpts> {
  readonly name: string;
  readonly summary: string;
  /** More for the command's own help, in lines. */
  readonly details?: string;
  /** Adds options and arguments; `--json` is there already. */
  readonly declare: (blank: Commander<[], { json?: true }>) => Declared;
  /** @throws UsageError; CommandFailure; SettingsError */
  readonly run: (
    options: ReturnType<Declared['opts']>,
    surroundings: Surroundings,
    ...args: Declared['processedArgs']
  ) => Promise<CommandResult>;
}

/** A command, its options and arguments typed as they are declared. */
export function command<Declared extends CommandUnknownOpts>(definition: CommandDefinition<Declared>): Command {
  const { name, summary, details, declare, run } = definition;
  return {
    name,
    summary,
    commander: (surroundings, ended) => {
      const description = details === undefined ? `${summary}.` : `${summary}.\n\n${details}`;
      const blank = new Commander(name).summary(summary).description(description);
      const declared = declare(blank.option('--json', 'Prints the result as JSON.'));
      return declared.action(async () => {
        const options = declared.opts() as ReturnType<Declared['opts']>;
        const { json, text, status } = await run(options, surroundings, ...declared.processedArgs);
        if (options.json === true) surroundings.print(`${JSON.stringify(json, null, 2)}\n`);
        else if (text !== '') surroundings.print(`${text}\n`);
        ended(status ?? EXIT.success);
      });
    },
  };
}

/** The command line does not say what is wanted; the message says what is missing or too much. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** What the operator asked for cannot be done; the message says why, in one sentence. */
export class CommandFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailure';
  }
}
