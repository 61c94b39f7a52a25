import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { until } from './patience.js';
import type { Replica } from './replica.js';
import { NotHere, type Trial } from './trial.js';

const POLL_MS = 100;
/** Debian has it outside the PATH of ordinary users. */
const PROGRAMS = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'];

/**
 * A real nginx in front of replicas. It is given those that are ready, as Kubernetes gives an ingress the endpoints of
 * a service, and follows them with a reload.
 */
export class Nginx {
  private serving: readonly Replica[] = [];

  private constructor(
    private readonly program: string,
    private readonly directory: string,
    private readonly port: number,
  ) {}

  /** Starts it in front of replicas that are ready; it ends with the trial. @throws NotHere when there is no nginx */
  static async start(trial: Trial, replicas: readonly Replica[]): Promise<Nginx> {
    const program = PROGRAMS.find((path) => existsSync(path));
    if (program === undefined) throw new NotHere('nginx is not installed (Debian: apt-get install nginx-light)');
    const directory = await trial.folder('nginx');
    const port = await freePort();
    await writeFile(join(directory, 'nginx.conf'), configuration(directory, port, replicas));
    const child = spawn(program, ['-p', directory, '-c', 'nginx.conf', '-g', 'daemon off;'], { stdio: 'ignore' });
    const nginx = new Nginx(program, directory, port);
    nginx.serving = replicas;
    const follow = new AbortController();
    const following = nginx.follow(replicas, follow.signal);
    trial.atEnd(async () => {
      follow.abort();
      await following;
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    });
    await until('nginx serves', 10_000, async () => (await fetch(`${nginx.url}/healthz`)).ok);
    return nginx;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Whether requests go to a replica. */
  servesFrom(replica: Replica): boolean {
    return this.serving.includes(replica);
  }

  private async follow(replicas: readonly Replica[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ready = await Promise.all(replicas.map((replica) => isReady(replica)));
      const serving = replicas.filter((_, index) => ready[index]);
      // While no replica is ready, nginx keeps those that it has: one of them may be the better choice.
      if (serving.length > 0 && serving.map(({ port }) => port).join() !== this.ports) {
        await writeFile(join(this.directory, 'nginx.conf'), configuration(this.directory, this.port, serving));
        await promisify(execFile)(this.program, ['-p', this.directory, '-c', 'nginx.conf', '-s', 'reload']);
        this.serving = serving;
      }
      await sleep(POLL_MS);
    }
  }

  private get ports(): string {
    return this.serving.map(({ port }) => port).join();
  }
}

async function isReady({ url }: Replica): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { headers: { connection: 'close' } })).status === 200;
  } catch {
    return false;
  }
}

/** As in deploy/nginx, without TLS, and with everything in one folder. */
function configuration(directory: string, port: number, replicas: readonly Replica[]): string {
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  upstream execution_hooks {
    ${replicas.map((replica) => `server 127.0.0.1:${replica.port};`).join('\n    ')}
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://execution_hooks;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      client_max_body_size 0;
      proxy_request_buffering off;
      proxy_buffering off;
    }
  }
}
`;
}
