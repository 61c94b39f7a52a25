import type { OpenAPIObject } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { createApp } from '../../src/app/create-app.js';
import { Database } from '../../src/database/database.js';
import { Hosts } from '../../src/database/hosts.js';
import { ReadinessProbe } from '../../src/database/readiness-probe.js';
import { createDocument } from '../../src/rest/openapi/document.js';
import { createLogger } from '../../src/operations/logger.js';
import { readSettings } from '../../src/settings/settings.js';

/**
 * The OpenAPI document as the service makes it with the default settings. It takes no database: the application is
 * put together and not started, and its connection pool is never opened.
 */
export async function openApiDocument(): Promise<OpenAPIObject> {
  const database = new Database(new DataSource({ type: 'postgres' }), {
    onError: () => undefined,
    answerTimeoutMs: 0,
    preparedStatements: true,
    hosts: new Hosts('postgresql://nowhere'),
    probe: new ReadinessProbe('postgresql://nowhere', 1),
  });
  const app = await createApp(readSettings({}), database, createLogger('fatal'));
  try {
    return createDocument(app);
  } finally {
    await app.close();
  }
}

/** A document as it is committed: two blanks a level, in the order in which the service makes it. */
export function documentText(document: OpenAPIObject): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
