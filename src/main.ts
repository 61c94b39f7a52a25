import { parseArgs } from 'node:util';
import { demoWelcome } from './demo/demo-file.js';
import { createLogger } from './operations/logger.js';
import { type Service, startService } from './app/service.js';
import { readSettings, type Settings } from './settings/settings.js';
import { SettingsError } from './settings/settings-error.js';
import { keptSelfSignedPair } from './operations/self-signed-pair.js';

/** Exit statuses of a service that is not started (sysexits.h): EX_USAGE, EX_CONFIG. */
const BAD_USAGE = 64;
const BAD_SETTINGS = 78;

/** Ctrl-C reaches the service twice, from the terminal and from npm: what follows so soon (milliseconds) is the same wish. */
const SAME_SIGNAL_MS = 200;

/**
 * Serves until a signal asks to stop, or the embedded database is lost. Signals are heard from the first moment on: as
 * process 1 of a container there is no default that would end a service still waiting for its database.
 */
async function serve(settings: Settings): Promise<void> {
  const logger = createLogger(settings.logLevel);
  const starting = new AbortController();
  let service: Service | undefined;
  const stop = async (): Promise<void> => {
    starting.abort();
    try {
      await service?.stop();
      if (service !== undefined) logger.info('Stopped.');
    } catch (error) {
      logger.fatal({ err: error }, 'The service did not stop in good order.');
      process.exit(1);
    }
  };
  let askedAt: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (askedAt !== undefined) {
        // Whoever asks twice does not want to wait for the requests in flight.
        if (performance.now() - askedAt > SAME_SIGNAL_MS) process.exit(1);
        return;
      }
      askedAt = performance.now();
      logger.info({ signal }, 'Stopping.');
      void stop();
    });
  }
  const lost = (error: Error): void => {
    logger.fatal({ err: error }, 'The embedded database ended.');
    process.exit(1);
  };
  try {
    service = await startService(settings, logger, lost, starting.signal);
    // Asked to stop when there was nothing yet to stop.
    if (starting.signal.aborted) {
      await stop();
      return;
    }
    const { url, metricsUrl } = service;
    logger.info({ metricsUrl, url }, 'Listening.');
    if (settings.demo) await welcome(service, settings);
  } catch (error) {
    if (starting.signal.aborted) {
      logger.info('Stopped before the start was complete.');
      return;
    }
    logger.fatal({ err: error }, 'The service could not start.');
    await service?.stop();
    process.exitCode = 1;
  }
}

async function welcome(service: Service, settings: Settings): Promise<void> {
  const { prepareDemo } = await import('./demo/demo.js');
  const demo = await prepareDemo(service, settings.dataDir);
  if (demo !== undefined) process.stdout.write(demoWelcome(demo, settings.tls?.certFile));
}

const HELP = `Usage: npm start [-- --tls]

Starts the service. Settings come from the environment: docs/settings.md lists them.

  --tls   serves HTTPS with a self-signed certificate for localhost, kept in DATA_DIR/tls, unless
          TLS_CERT_FILE and TLS_KEY_FILE name a certificate
  --help  prints this text
`;

/** The settings, with the demo's own certificate where `--tls` asks for HTTPS and the environment has none. */
async function settingsFor(tls: boolean): Promise<Settings> {
  const settings = readSettings(process.env);
  if (!tls || settings.tls !== undefined) return settings;
  const { certFile, keyFile } = await keptSelfSignedPair(settings.dataDir);
  return readSettings({ ...process.env, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile });
}

try {
  const { values } = parseArgs({ options: { tls: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help === true) process.stdout.write(HELP);
  else await serve(await settingsFor(values.tls === true));
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!isUsage && !(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n${isUsage ? `\n${HELP}` : ''}`);
  process.exitCode = isUsage ? BAD_USAGE : BAD_SETTINGS;
}
