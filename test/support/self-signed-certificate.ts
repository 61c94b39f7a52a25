import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate for `localhost` and 127.0.0.1 and its private key, both PEM. */
export interface SelfSignedCertificate {
  readonly cert: string;
  readonly key: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;

/** One ASN.1 value in DER: tag, length, content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function objectIdentifier(hexadecimal: string): Buffer {
  return der(OBJECT_IDENTIFIER, Buffer.from(hexadecimal, 'hex'));
}

const ECDSA_WITH_SHA256 = der(SEQUENCE, objectIdentifier('2a8648ce3d040302'));
const COMMON_NAME = objectIdentifier('550403');
const SUBJECT_ALTERNATIVE_NAME = objectIdentifier('551d11');

/**
 * Makes a new certificate, valid from 2020 to 2049. Node can make keys but not certificates, an `openssl` command is
 * not on every machine that runs the tests, and a private key does not belong into a repository.
 */
export function selfSignedCertificate(): SelfSignedCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const serialNumber = randomBytes(16);
  serialNumber[0] = 0x40; // positive, and in its shortest form
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from('localhost')))));
  const validity = der(
    SEQUENCE,
    der(UTC_TIME, Buffer.from('200101000000Z')),
    der(UTC_TIME, Buffer.from('491231235959Z')),
  );
  const alternativeNames = der(
    SEQUENCE,
    der(0x82, Buffer.from('localhost')), // dNSName
    der(0x87, Buffer.from([127, 0, 0, 1])), // iPAddress
  );
  const extensions = der(SEQUENCE, der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, der(OCTET_STRING, alternativeNames)));
  const certificate = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))), // X.509 version 3
    der(INTEGER, serialNumber),
    ECDSA_WITH_SHA256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', certificate, privateKey));
  const base64 = der(SEQUENCE, certificate, ECDSA_WITH_SHA256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
