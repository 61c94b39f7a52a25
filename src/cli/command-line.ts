import { parseArgs } from 'node:util';
import { errorMessage } from '../database/error-code.js';
import { SettingsError } from '../settings/settings-error.js';
import { type Command, CommandFailure, type GivenOptions, type Surroundings, UsageError } from './command.js';
import { COMMANDS } from './commands.js';
import { EXIT } from './exit-status.js';
import { commandHelp, HELP } from './help.js';

/**
 * Runs one command: `execution-hooks <command> [options]`.
 *
 * @returns the exit status, one of {@link EXIT}
 */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const wantsHelp = args.includes('--help') || args.includes('-h') || args[0] === 'help';
  const words = args.filter((arg) => arg !== 'help');
  const command = findCommand(words);
  if (command === undefined) {
    if (wantsHelp || args.length === 0) {
      (wantsHelp ? surroundings.print : surroundings.complain)(HELP);
      return wantsHelp ? EXIT.success : EXIT.usage;
    }
    surroundings.complain(`There is no command "${words.join(' ')}". execution-hooks --help lists them.\n`);
    return EXIT.usage;
  }
  if (wantsHelp) {
    surroundings.print(commandHelp(command));
    return EXIT.success;
  }
  try {
    const { options, json } = readOptions(command, words.slice(command.name.split(' ').length));
    const result = await command.run(options, surroundings);
    surroundings.print(json ? `${JSON.stringify(result.json, null, 2)}\n` : `${result.text}\n`);
    return result.status ?? EXIT.success;
  } catch (error) {
    return explain(error, command, surroundings);
  }
}

function explain(error: unknown, command: Command, { complain }: Surroundings): number {
  if (error instanceof UsageError) {
    complain(`${error.message}\nexecution-hooks ${command.name} --help says more.\n`);
    return EXIT.usage;
  }
  if (error instanceof SettingsError) {
    complain(`${error.message}\n`);
    return EXIT.settings;
  }
  // A failure that was foreseen says all there is to say; of any other the stack is needed.
  const foreseen = error instanceof CommandFailure;
  complain(`${foreseen ? error.message : stackOf(error)}\n`);
  return EXIT.failure;
}

function stackOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : errorMessage(error);
}

/** The command whose name, one or two words, the arguments begin with. */
function findCommand(args: readonly string[]): Command | undefined {
  return (
    COMMANDS.find(({ name }) => name === args[0]) ?? COMMANDS.find(({ name }) => name === args.slice(0, 2).join(' '))
  );
}

/** @throws UsageError */
function readOptions(command: Command, args: string[]): { readonly options: GivenOptions; readonly json: boolean } {
  const { json = false, ...values } = parse(command, args);
  for (const [name, { required, expected }] of Object.entries(command.options)) {
    const value = values[name];
    if (required === true && value === undefined) throw new UsageError(`--${name} is missing.`);
    const wanted = typeof value === 'string' ? expected?.(value) : undefined;
    if (wanted !== undefined) throw new UsageError(`--${name}: expected ${wanted}.`);
  }
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const options: GivenOptions = {
    required: (name) => {
      const value = text(name);
      if (value === undefined) throw new TypeError(`The command does not declare --${name} as required.`);
      return value;
    },
    optional: text,
    flag: (name) => values[name] === true,
  };
  return { options, json: json === true };
}

function parse(command: Command, args: string[]): Record<string, string | boolean | undefined> {
  const declared = Object.entries(command.options).map(([name, { value }]) => [
    name,
    { type: value === undefined ? ('boolean' as const) : ('string' as const) },
  ]);
  try {
    const { values } = parseArgs({
      args,
      options: {
        ...(Object.fromEntries(declared) as Record<string, { type: 'boolean' | 'string' }>),
        json: { type: 'boolean' },
      },
      strict: true,
      allowPositionals: false,
    });
    return values;
  } catch (error) {
    throw new UsageError(errorMessage(error), { cause: error });
  }
}
