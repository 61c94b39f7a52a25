import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

interface IssuerKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: JWK;
}

/** Claims of a token; one that is undefined is left out. */
export type Claims = Readonly<Record<string, unknown>>;

/** An OpenID Connect issuer on this machine: its own keys, which it publishes over HTTP. */
export class TestIssuer {
  /** How often its keys have been fetched. */
  fetches = 0;
  /** What it answers instead of its keys. */
  status = 200;
  private readonly keys: IssuerKey[] = [];
  /** Published beside the others. */
  private readonly weakKeys: JWK[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<TestIssuer> {
    const server = createServer();
    const issuer = new TestIssuer(server);
    server.on('request', (_request, response) => {
      issuer.fetches += 1;
      response.writeHead(issuer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: [...issuer.keys.map(({ publicKey }) => publicKey), ...issuer.weakKeys] }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await issuer.rotate();
    return issuer;
  }

  /** Its `iss`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get jwksUrl(): string {
    return `${this.url}/keys`;
  }

  /** Begins to sign with a new key, and publishes it beside the old ones. */
  async rotate(alg = 'RS256'): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const kid = `key-${this.keys.length + 1}`;
    this.keys.push({ kid, alg, privateKey, publicKey: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } });
  }

  /** Publishes the newest key only. */
  withdrawOldKeys(): void {
    this.keys.splice(0, this.keys.length - 1);
  }

  /** A token for the audience `execution-hooks` that is good for a minute, with claims that differ from that. */
  async token(claims: Claims, header: { readonly kid?: string; readonly typ?: string } = {}): Promise<string> {
    const key = this.keys.at(-1);
    if (key === undefined) throw new Error('The issuer has no key.');
    return this.sign(claims, key.privateKey, { alg: key.alg, kid: key.kid, ...header });
  }

  /** The same, signed with a key of somebody else's. */
  async forged(claims: Claims): Promise<string> {
    const { privateKey } = await generateKeyPair('RS256');
    return this.sign(claims, privateKey, { alg: 'RS256', kid: this.keys.at(-1)?.kid ?? '' });
  }

  /** The same, signed with the public key as if that were a shared secret. */
  async confused(claims: Claims): Promise<string> {
    const key = this.keys.at(-1);
    const secret = new TextEncoder().encode(JSON.stringify(key?.publicKey));
    return new SignJWT(this.claims(claims)).setProtectedHeader({ alg: 'HS256', kid: key?.kid ?? '' }).sign(secret);
  }

  /** The same, signed with a key of 1,024 bits, which is published from then on. */
  weak(claims: Claims): string {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const kid = `weak-${this.weakKeys.length + 1}`;
    this.weakKeys.push({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' });
    const signed = `${part({ alg: 'RS256', typ: 'JWT', kid })}.${part(this.claims(claims))}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  /** The same, without a signature. */
  unsigned(claims: Claims): string {
    return `${part({ alg: 'none', typ: 'JWT' })}.${part(this.claims(claims))}.`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private sign(claims: Claims, key: CryptoKey, header: { alg: string; kid: string; typ?: string }): Promise<string> {
    return new SignJWT(this.claims(claims)).setProtectedHeader({ typ: 'JWT', ...header }).sign(key);
  }

  private claims(claims: Claims): JWTPayload {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.url, aud: 'execution-hooks', iat: now, exp: now + 60, ...claims };
  }
}

/** A part of a JWT. */
function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
