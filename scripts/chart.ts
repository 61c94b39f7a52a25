import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { CHART, generatedChartFiles } from '../test/support/helm-chart.js';

/**
 * `npm run chart:write` writes what of the Helm chart is made of something else: its README.md, of the comments of
 * `values.yaml`, and the names of settings in `values.schema.json`, of the service's settings. A test says when it is time.
 */
for (const [name, text] of Object.entries(await generatedChartFiles())) {
  const path = join(CHART, name);
  const formatted = await format(text, { ...(await resolveConfig(path)), filepath: path });
  if (formatted === (await readFile(path, 'utf8').catch(() => ''))) continue;
  await writeFile(path, formatted);
  process.stdout.write(`Wrote ${name}.\n`);
}
