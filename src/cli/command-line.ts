import { Command as Commander, CommanderError, type CommandUnknownOpts, Help } from '@commander-js/extra-typings';
import { errorMessage } from '../database/error-code.js';
import { SettingsError } from '../settings/settings-error.js';
import { CommandFailure, type Surroundings, UsageError } from './command.js';
import { COMMANDS } from './commands.js';
import { EXIT } from './exit-status.js';

const DESCRIPTION = `The command line of the Execution Hooks service.

The operator's commands use the database. They take the settings of the service from the same environment variables,
DATABASE_URL above all; without that they use the embedded PostgreSQL in DATA_DIR, which only one process can use at a
time. Those that talk to the service over HTTP say so; they need EXECUTION_HOOKS_URL and EXECUTION_HOOKS_TOKEN only.`;

const EXIT_STATUSES = `
Exit status: 0 done, 1 not done, 64 wrong command line, 78 wrong settings.`;

/**
 * Runs one command: `execution-hooks <command> [options]`.
 *
 * @returns the exit status, one of {@link EXIT}
 */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { complain } = surroundings;
  const words = args[0] === 'help' ? [...args.slice(1), '--help'] : [...args];
  const firstOption = words.findIndex((word) => word.startsWith('-'));
  const name = words.slice(0, firstOption === -1 ? words.length : firstOption).join(' ');
  const command = COMMANDS.find((each) => `${name} `.startsWith(`${each.name} `));
  if (command === undefined && name !== '') {
    complain(`There is no command "${name}". execution-hooks --help lists them.\n`);
    return EXIT.usage;
  }
  if (command !== undefined) words.splice(0, command.name.split(' ').length, command.name);
  let status: number = EXIT.success;
  const program = programOf(surroundings, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && /^commander[.]help/.test(error.code)) {
      return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    }
    if (error instanceof UsageError || error instanceof CommanderError) {
      const said = error instanceof CommanderError ? worded(error.message) : error.message;
      complain(`${said}\n${['execution-hooks', command?.name].join(' ').trim()} --help says more.\n`);
      return EXIT.usage;
    }
    // A failure that was foreseen says all there is to say; of any other the stack is needed.
    const foreseen = error instanceof CommandFailure || error instanceof SettingsError;
    complain(`${foreseen ? error.message : stackOf(error)}\n`);
    return error instanceof SettingsError ? EXIT.settings : EXIT.failure;
  }
}

function programOf(surroundings: Surroundings, ended: (status: number) => void): CommandUnknownOpts {
  const program = new Commander('execution-hooks')
    .usage('<command> [options]')
    .description(DESCRIPTION)
    .helpOption('-h, --help', 'Prints this text, of a command too.')
    .helpCommand(false)
    .addHelpText('afterAll', EXIT_STATUSES)
    .configureHelp({
      helpWidth: 120,
      subcommandTerm: (command) => command.name(),
      optionDescription: (option) =>
        option.mandatory ? `${option.description} (required)` : new Help().optionDescription(option),
    })
    .configureOutput({
      writeOut: surroundings.print,
      writeErr: surroundings.complain,
      outputError: () => undefined,
    })
    .exitOverride();
  for (const command of COMMANDS) {
    program.addCommand(command.commander(surroundings, ended).copyInheritedSettings(program));
  }
  return program;
}

/** What commander says of a wrong command line, without the value that was given: it may be a secret. */
function worded(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/^required option '(--[\w-]+).*/, '$1 is missing.')
    .replace(/^option '(--[\w-]+).*' argument '.*' is invalid[.] /s, '$1: ')
    .replace(/^too many arguments.*/, 'Unexpected argument: this command takes options only.');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function stackOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : errorMessage(error);
}
