import { demoWelcome } from './demo/demo-file.js';
import { prepareDemo } from './demo/demo.js';
import { createLogger } from './operations/logger.js';
import { startService } from './service.js';
import { readSettings, type Settings } from './settings/settings.js';
import { SettingsError } from './settings/settings-error.js';

/** Exit status of a service that cannot be started with these settings (sysexits.h: EX_CONFIG). */
const BAD_SETTINGS = 78;

async function serve(settings: Settings): Promise<void> {
  const logger = createLogger(settings.logLevel);
  const lost = (error: Error): void => {
    logger.fatal({ err: error }, 'The embedded database ended.');
    process.exit(1);
  };
  try {
    const service = await startService(settings, logger, lost);
    const stop = (signal: NodeJS.Signals): void => {
      // Whoever asks twice does not want to wait for the requests in flight.
      process.once(signal, () => process.exit(1));
      logger.info({ signal }, 'Stopping.');
      service.stop().then(
        () => {
          logger.info('Stopped.');
        },
        (error: unknown) => {
          logger.fatal({ err: error }, 'The service did not stop in good order.');
          process.exit(1);
        },
      );
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    logger.info({ url: service.url }, 'Listening.');
    const demo = settings.demo ? await prepareDemo(service, settings.dataDir) : undefined;
    if (demo !== undefined) process.stdout.write(demoWelcome(demo));
  } catch (error) {
    logger.fatal({ err: error }, 'The service could not start.');
    process.exitCode = 1;
  }
}

try {
  await serve(readSettings(process.env));
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = BAD_SETTINGS;
}
