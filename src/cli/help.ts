import type { Command } from './command.js';
import { COMMANDS } from './commands.js';

function column(text: string, width: number): string {
  return `  ${text.padEnd(width)}  `;
}

const WIDTH = Math.max(...COMMANDS.map(({ name }) => name.length));

/** What `execution-hooks --help` prints. */
export const HELP = `Usage: execution-hooks <command> [options]

The operator's side of the Execution Hooks service. It takes the settings of the service from the same environment
variables, DATABASE_URL above all; without that it uses the embedded PostgreSQL in DATA_DIR, which only one process
can use at a time.

Commands:
${COMMANDS.map(({ name, summary }) => column(name, WIDTH) + summary).join('\n')}

Options of every command:
  --json  prints the result as JSON
  --help  says more of a command

Exit status: 0 done, 1 not done, 64 wrong command line, 78 wrong settings.
`;

/** What `execution-hooks <command> --help` prints. */
export function commandHelp({ name, summary, details, options }: Command): string {
  const all = [
    ...Object.entries(options).map(([option, { value, description, required }]) => ({
      usage: `--${option}${value === undefined ? '' : ` ${value}`}`,
      description: required === true ? `${description} (required)` : description,
      required: required === true,
    })),
    { usage: '--json', description: 'Prints the result as JSON.', required: false },
  ];
  const width = Math.max(...all.map(({ usage }) => usage.length));
  const synopsis = all.map(({ usage, required }) => (required ? usage : `[${usage}]`)).join(' ');
  const lines = all.map(({ usage, description }) => column(usage, width) + description);
  return [
    `Usage: execution-hooks ${name} ${synopsis}`,
    '',
    `${summary}.`,
    ...(details === undefined ? [] : ['', details]),
    '',
    'Options:',
    ...lines,
    '',
  ].join('\n');
}
