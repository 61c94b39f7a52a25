import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const RULES = fileURLToPath(new URL('../../deploy/helm/execution-hooks/files/alerts.yaml', import.meta.url));
const TESTS = fileURLToPath(new URL('alerts.yaml', import.meta.url));

/** Runs Prometheus' own tool. @throws Error with what it complained of */
async function promtool(...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('promtool', args);
    return stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      'The tests of the alerts need promtool: install Prometheus (on Debian: apt-get install prometheus).',
      {
        cause: error,
      },
    );
  }
}

describe('the alerts', () => {
  it('fire on what they are for, and on nothing like it: promtool test rules', async () => {
    expect(await promtool('check', 'rules', RULES)).toContain('SUCCESS');
    expect(await promtool('test', 'rules', TESTS)).toContain('SUCCESS');
  });

  it('are each tested both ways', () => {
    const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { rules: { alert: string }[] }[] };
    const { tests } = parse(readFileSync(TESTS, 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const outcomes = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    const named = (isFiring: boolean): string[] =>
      outcomes.filter(({ exp_alerts }) => exp_alerts.length > 0 === isFiring).map(({ alertname }) => alertname);
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(named(true)).toEqual(alerts);
    expect(named(false)).toEqual(alerts);
  });
});
