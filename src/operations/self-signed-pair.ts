import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Where a pair is kept. */
export interface KeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 365;
/** A pair that ends sooner is replaced at the next start. */
const RENEW_BEFORE_DAYS = 30;

/** A new certificate for `localhost`, 127.0.0.1 and ::1, signed by itself, valid for a year. */
export async function selfSignedPair(): Promise<KeyPair> {
  // Its hundreds of files would be a tenth of every start, for what one start in a year needs.
  const { generate } = await import('selfsigned');
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { cert, key };
}

/**
 * The demo's self-signed pair below the data directory, made at the first start with `--tls` and kept, so that a
 * client that was told to trust it goes on trusting it.
 */
export async function keptSelfSignedPair(dataDir: string): Promise<KeyPairFiles> {
  const folder = join(dataDir, 'tls');
  const files = { certFile: join(folder, 'localhost.crt'), keyFile: join(folder, 'localhost.key') };
  if (await isUsable(files)) return files;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { cert, key } = await selfSignedPair();
  await writeFile(files.keyFile, key, { mode: 0o600 });
  await writeFile(files.certFile, cert);
  return files;
}

async function isUsable({ certFile, keyFile }: KeyPairFiles): Promise<boolean> {
  try {
    const certificate = new X509Certificate(await readFile(certFile));
    const isPair = certificate.checkPrivateKey(createPrivateKey(await readFile(keyFile)));
    return isPair && Date.parse(certificate.validTo) - Date.now() > RENEW_BEFORE_DAYS * DAY_MS;
  } catch {
    return false;
  }
}
