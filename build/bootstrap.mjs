/**
 * `node build/bootstrap.mjs [build|arm64|lab|test]`: brings Debian packages and node_modules for one purpose, `lab`
 * when none is given.
 * Plain JavaScript without dependencies: it runs on the Node 20 of a fresh machine, before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { purposes } from './packages.mjs';

const root = join(import.meta.dirname, '..');
const APT_LOCK_SECONDS = 300;

class Stop extends Error {}

function inPath(command) {
  const dirs = `${process.env.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  return dirs.some((dir) => {
    try {
      accessSync(join(dir, command), constants.X_OK);
      return dir !== '';
    } catch {
      return false;
    }
  });
}

/** Names that dpkg knows as installed, or undefined where there is no dpkg. */
function installedPackages(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholders
  const format = '${Package} ${db:Status-Status}\n';
  const out = spawnSync('dpkg-query', ['-W', '-f', format, ...names], { encoding: 'utf8' });
  if (out.error !== undefined) return undefined;
  const lines = out.stdout.split('\n').map((line) => line.split(' '));
  return new Set(lines.filter(([, status]) => status === 'installed').map(([name]) => name));
}

/** The packages of `list` that this machine lacks; `installed` is undefined where there is no dpkg. */
export function missingPackages(list, installed, commandExists) {
  return Object.entries(list)
    .filter(([name, command]) => {
      if (installed?.has(name) === true) return false;
      return installed !== undefined || (command !== '' && !commandExists(command));
    })
    .map(([name]) => name);
}

function must(command, args, hint, env = process.env) {
  const out = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: root, env });
  if (out.error !== undefined) throw new Stop(`${command} cannot be started: ${out.error.message}`);
  if (out.status !== 0) throw new Stop(`${command} ${args[0]} failed with exit code ${out.status}\n${hint}`);
}

function ensurePackages(purpose) {
  const list = purposes[purpose];
  const missing = missingPackages(list, installedPackages(Object.keys(list)), inPath);
  if (missing.length === 0) return;
  const wanted = `missing packages for "${purpose}": ${missing.join(' ')}`;
  if (!inPath('apt-get'))
    throw new Stop(`${wanted}\nthis machine has no apt-get: bring these programs yourself, or use Debian 12`);
  if (process.getuid?.() !== 0)
    throw new Stop(
      `${wanted}\ninstalling needs root: run this again as root, or: apt-get install ${missing.join(' ')}`,
    );
  console.log(`installing ${missing.length} Debian packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', DEBCONF_NONINTERACTIVE_SEEN: 'true' };
  const lock = ['-o', `DPkg::Lock::Timeout=${APT_LOCK_SECONDS}`];
  const hint = 'check the network and /etc/apt/sources.list*, then run this again';
  must('apt-get', ['update', '-qq', ...lock], hint, env);
  must('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...lock, ...missing], hint, env);
}

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * Whether what npm wrote down about node_modules agrees with the lock. Contents, not dates: a fresh checkout has new
 * dates on everything.
 */
export function modulesAgree(lock, installed) {
  const here = installed.packages;
  const wanted = Object.entries(lock.packages).filter(([place]) => place !== '');
  const same = (a, b) => a.version === b.version && a.integrity === b.integrity;
  const complete = wanted.every(([place, entry]) =>
    here[place] === undefined ? entry.optional === true : same(entry, here[place]),
  );
  return complete && Object.keys(here).every((place) => lock.packages[place] !== undefined);
}

function ensureModules() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lock = json(join(root, 'package-lock.json'));
  if (existsSync(installed) && modulesAgree(lock, json(installed))) return;
  console.log('installing npm packages');
  must('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'check the network and the npm registry');
}

function ensureNode() {
  const name = `node-linux-${process.arch}`;
  const pinned = json(join(root, 'package.json')).optionalDependencies[name];
  if (pinned === undefined) throw new Stop(`no Node is pinned for ${process.platform} ${process.arch}`);
  const node = join(root, 'node_modules', '.bin', 'node');
  const out = spawnSync(node, ['--version'], { encoding: 'utf8' });
  const found = out.error?.message ?? (out.stdout.trim() || out.stderr.trim());
  if (found !== `v${pinned}`)
    throw new Stop(`${node} should be v${pinned}, found: ${found}\nremove node_modules and run again`);
}

function main([purpose, ...rest]) {
  if (!Object.hasOwn(purposes, purpose ?? '') || rest.length > 0)
    throw new Stop(`usage: node build/bootstrap.mjs <${Object.keys(purposes).join('|')}>`);
  ensurePackages(purpose);
  ensureModules();
  ensureNode();
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(resolve(started)).href) {
  try {
    main(process.argv.length > 2 ? process.argv.slice(2) : ['lab']);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(`bootstrap: ${error.message}`);
    process.exitCode = 1;
  }
}
