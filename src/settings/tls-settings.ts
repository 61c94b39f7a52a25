import { createSecureContext } from 'node:tls';

/** The certificate chain and private key to serve HTTPS with, each the text of a PEM file, and the files. */
export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** Whether a certificate chain and a private key belong together, and the key needs no passphrase. */
export function isTlsPair(pair: Pick<TlsSettings, 'cert' | 'key'>): boolean {
  try {
    createSecureContext(pair);
    return true;
  } catch {
    return false;
  }
}
