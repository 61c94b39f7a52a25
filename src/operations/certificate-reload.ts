import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { TlsSettings } from '../settings/tls-settings.js';

/** The oldest version of TLS that the service speaks. */
export const OLDEST_TLS = 'TLSv1.2' as const;

/** How often the two files are looked at, in milliseconds. Certificates are renewed days before they end. */
const LOOK_EVERY_MS = 5_000;

/**
 * Gives a listening server the certificate and key anew whenever their files change, as a renewal or a rotated
 * Kubernetes secret changes them. Files that are no pair (half written, say) are left alone until they are one.
 *
 * Looks at the files' content rather than watching them: a mounted secret changes by swapping links two folders up.
 */
export class CertificateReload {
  private readonly timer: NodeJS.Timeout;
  private current: string;
  private certificate: X509Certificate;

  /** @param lookEveryMs {@link LOOK_EVERY_MS} where it is left out */
  constructor(
    private readonly server: Pick<Server, 'setSecureContext'>,
    private readonly tls: TlsSettings,
    private readonly logger: Logger,
    lookEveryMs: number = LOOK_EVERY_MS,
  ) {
    this.current = tls.cert + tls.key;
    this.certificate = new X509Certificate(tls.cert);
    this.timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  /** When the certificate ends that is served at the moment: the first of its chain. */
  get endsAt(): Date {
    return new Date(this.certificate.validTo);
  }

  /** Looks at the files once; never fails. */
  async look(): Promise<void> {
    try {
      const [cert, key] = await Promise.all([readFile(this.tls.certFile, 'utf8'), readFile(this.tls.keyFile, 'utf8')]);
      if (cert + key === this.current) return;
      createSecureContext({ cert, key });
      this.server.setSecureContext({ cert, key, minVersion: OLDEST_TLS });
      this.current = cert + key;
      this.certificate = new X509Certificate(cert);
      this.logger.info('The certificate was reloaded.');
    } catch (error) {
      this.logger.warn({ err: error }, 'The changed certificate cannot be used; the previous one stays.');
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
