import type { Readable } from 'node:stream';

/** Where a command runs: the process's own surroundings, or a test's. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Standard output: what was asked for, and nothing else. */
  readonly print: (text: string) => void;
  /** Standard error: progress and failures. */
  readonly complain: (text: string) => void;
}

/** An option of a command. */
export interface CommandOption {
  /** What the help calls its value, e.g. `NAME`; left out for an option that takes none. */
  readonly value?: string;
  readonly description: string;
  readonly required?: true;
  /** Refuses a value. @returns what was expected, or undefined when the value is good */
  readonly expected?: (value: string) => string | undefined;
}

/** The options that were given, checked against what the command declares. */
export interface GivenOptions {
  /** The value of an option that the command declares as required. */
  required(name: string): string;
  optional(name: string): string | undefined;
  flag(name: string): boolean;
}

/** What a command found or did: for programs, and for people. */
export interface CommandResult {
  readonly json: unknown;
  readonly text: string;
  /** Exit status when the command ran but what it found is not in order; 0 where left out. */
  readonly status?: number;
}

/** One command of the operator's command line. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** More for the command's own help, in lines. */
  readonly details?: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  run(options: GivenOptions, surroundings: Surroundings): Promise<CommandResult>;
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
