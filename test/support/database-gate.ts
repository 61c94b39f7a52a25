import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a database server at a fixed address, behind which the server can fall silent, end, and come back elsewhere. */
export class DatabaseGate {
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private endsNext = false;

  private constructor(
    private target: URL,
    private readonly server: Server,
  ) {
    server.on('connection', (client) => {
      this.join(client);
    });
  }

  /** @param url of the database behind the gate */
  static async open(url: string): Promise<DatabaseGate> {
    const server = createServer();
    const gate = new DatabaseGate(new URL(url), server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return gate;
  }

  /** The database's URL through the gate. */
  get url(): string {
    const url = new URL(this.target);
    const address = this.server.address();
    url.hostname = '127.0.0.1';
    url.port = typeof address === 'object' && address !== null ? String(address.port) : '';
    return url.href;
  }

  /** Where the server is from now on; connections there are what they were. */
  leadTo(url: string): void {
    this.target = new URL(url);
  }

  /** Swallows every byte, like a network that has lost the server's host. */
  silence(): void {
    this.silent = true;
  }

  /** The server ends the next connection in the same breath in which it says that it is ready, as at a shutdown. */
  endNext(): void {
    this.endsNext = true;
  }

  /** Lets bytes through again; those that were swallowed are lost, and their connections end. */
  speak(): void {
    this.silent = false;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (bytes) => {
        if (this.silent) return;
        const isEnd = from === server && this.endsNext && bytes.subarray(-READY.length).equals(READY);
        if (isEnd) this.endsNext = false;
        to.write(isEnd ? Buffer.concat([bytes, SHUTDOWN]) : bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}

/** What Postgres says when a session can be used: ReadyForQuery, not in a transaction. */
const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');

/** What it says when it ends one at a shutdown: an ErrorResponse. */
const SHUTDOWN = errorResponse('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');

function errorResponse(fields: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + length.length);
  return Buffer.concat([Buffer.from('E'), length, Buffer.from(fields, 'latin1')]);
}
