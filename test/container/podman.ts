import { chmod, cp, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Finished, mustRun, runCommand } from '../support/command.ts';

const CGROUP2_MAGIC = 0x63677270;
const IMAGE = 'localhost/holdfast-workload:test';

/** Podman with a store of its own in a directory, so that nothing on this machine is touched. No registry, no network but the host's loopback. */
export class Podman {
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(directory: string) {
    this.#directory = directory;
    const config = { CONTAINERS_CONF: join(directory, 'containers.conf'), CONTAINERS_STORAGE_CONF: join(directory, 'storage.conf') };
    this.#env = { ...process.env, ...config };
  }

  /** Podman ready to run containers, or the reason why this machine has none. */
  static async find(directory: string): Promise<Podman | string> {
    const podman = new Podman(directory);
    await podman.#configure();
    const info = await podman.#podman(['info']).catch((error: Error) => error.message);
    if (typeof info === 'string') return `podman can't be started: ${info}`;
    return info.code === 0 ? podman : `podman does not work here: ${info.stderr.trim()}`;
  }

  /** Makes the workload's image: this Node, the libraries it needs, the command as built into a directory, and a user. Nothing else, no shell. */
  async makeImage(command: string): Promise<void> {
    const root = join(this.#directory, 'image');
    const node = join(root, 'usr/bin/node');
    await install(process.execPath, node);
    await chmod(node, 0o755);
    for (const library of await librariesOf(process.execPath)) await install(library, join(root, library));
    await cp(command, join(root, 'holdfast'), { recursive: true });
    await writeFile(join(root, 'holdfast/package.json'), '{"type":"module"}');
    await mkdir(join(root, 'etc'));
    await writeFile(join(root, 'etc/passwd'), 'app:x:1000:1000::/:/nologin\n');
    await Promise.all(['run', 'tmp', 'proc', 'sys', 'dev', 'identity'].map((name) => mkdir(join(root, name))));
    const tar = join(this.#directory, 'image.tar');
    await mustRun('tar', ['-C', root, '-cf', tar, '--owner=0', '--group=0', '.']);
    await mustRun('podman', ['import', tar, IMAGE], { env: this.#env, timeoutMs: 120_000 });
  }

  /** Runs `holdfast …` in a container as locked down as an orchestrator would have it. */
  run(args: readonly string[], { env, identity }: { env: Record<string, string>; identity: string }): Promise<Finished> {
    const confined = ['--read-only', '--user=1000:1000', '--cap-drop=all', '--security-opt=no-new-privileges', '--network=host'];
    const mounts = ['--tmpfs=/run/app:rw,size=1m,mode=1777', `--volume=${identity}`];
    const settings = Object.entries(env).map(([name, value]) => `--env=${name}=${value}`);
    const container = [...confined, ...mounts, ...settings, IMAGE, '/usr/bin/node', '/holdfast/holdfast.js', ...args];
    return this.#podman(['run', '--rm', ...container]);
  }

  /** Removes every container and image of the store, and the store. */
  async remove(): Promise<void> {
    await this.#podman(['system', 'reset', '--force']);
    await rm(this.#directory, { recursive: true, force: true });
  }

  #podman(args: readonly string[]): Promise<Finished> {
    return runCommand('podman', args, { env: this.#env, timeoutMs: 120_000 });
  }

  /** Explicit limits, for a root without CAP_SYS_RESOURCE can't raise podman's; runc where cgroups are not v2, for crun refuses the hybrid. */
  async #configure(): Promise<void> {
    const limit = (await mustRun('sh', ['-c', 'ulimit -Hn'])).trim();
    const cgroup2 = (await statfs('/sys/fs/cgroup')).type === CGROUP2_MAGIC;
    const engine = ['cgroup_manager = "cgroupfs"', 'events_logger = "file"', ...(cgroup2 ? [] : ['runtime = "runc"'])];
    const containers = [`default_ulimits = ["nofile=${limit}:${limit}", "nproc=4096:4096"]`];
    await this.#writeConfig('containers.conf', ['[containers]', ...containers, '[engine]', ...engine]);
    const [store, run] = [join(this.#directory, 'store'), join(this.#directory, 'run')];
    await this.#writeConfig('storage.conf', ['[storage]', 'driver = "overlay"', `graphroot = "${store}"`, `runroot = "${run}"`]);
  }

  #writeConfig(name: string, lines: readonly string[]): Promise<void> {
    return writeFile(join(this.#directory, name), `${lines.join('\n')}\n`);
  }
}

async function install(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await cp(source, target, { dereference: true });
}

async function librariesOf(binary: string): Promise<string[]> {
  return [...(await mustRun('ldd', [binary])).matchAll(/(\/\S+\.so\S*)/g)].map(([, path = '']) => path);
}
