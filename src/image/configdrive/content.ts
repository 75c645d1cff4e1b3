import { gunzipSync } from 'node:zlib';
import { DeploymentFailed, formatBytes, MiB, reasonOf } from '../../core/index.ts';
import { environmentProxy } from '../plan/index.ts';
import type { ImagePorts, ImageSettings } from '../ports.ts';
import { fetchDocument } from '../source/index.ts';

/** Largest decoded config drive (imaging 5.2). */
export const MAX_DRIVE_BYTES = 64 * MiB;
/** Base64 adds a third, line breaks a little. */
const MAX_TEXT_BYTES = 96 * MiB;

export type DriveKind = 'iso9660' | 'fat' | 'unknown';

export interface DriveContent {
  readonly bytes: Uint8Array;
  readonly kind: DriveKind;
}

const latin = (bytes: Uint8Array, at: number, length: number) =>
  Buffer.from(bytes.subarray(at, at + length)).toString('latin1');

/** By the marks that a kernel looks for. */
export function kindOf(bytes: Uint8Array): DriveKind {
  if (latin(bytes, 32_769, 5) === 'CD001') return 'iso9660';
  const isFat = latin(bytes, 54, 3) === 'FAT' || latin(bytes, 82, 5) === 'FAT32';
  return isFat && bytes[510] === 0x55 && bytes[511] === 0xaa ? 'fat' : 'unknown';
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Unpacks gzip with a limit, so that a small text cannot fill the memory. @throws DeploymentError */
export function unpacked(bytes: Uint8Array): DriveContent {
  const plain = isGzip(bytes) ? gunzipLimited(bytes) : bytes;
  if (plain.length > MAX_DRIVE_BYTES)
    throw DeploymentFailed(`the config drive is larger than ${formatBytes(MAX_DRIVE_BYTES)}`);
  if (plain.length === 0) throw DeploymentFailed('the config drive is empty');
  return { bytes: plain, kind: kindOf(plain) };
}

function gunzipLimited(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_DRIVE_BYTES });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    const why = tooLarge ? `it unpacks to more than ${formatBytes(MAX_DRIVE_BYTES)}` : reasonOf(error);
    throw DeploymentFailed(`the config drive cannot be unpacked: ${why}`, { cause: error });
  }
}

/** Strict: a lenient decoder would turn a raw image into garbage. Null when `text` is no base64. */
export function base64Bytes(text: string): Uint8Array | null {
  const plain = text.replace(/\s+/g, '');
  if (plain === '' || plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return null;
  return Buffer.from(plain, 'base64');
}

/** Looking at the first bytes is enough to tell text from an image. */
function fromDocument(body: Uint8Array): DriveContent {
  const isText = !body.subarray(0, 4096).some((byte) => byte === 0 || byte > 0x7e);
  const decoded = isText ? base64Bytes(Buffer.from(body).toString('latin1')) : null;
  return unpacked(decoded ?? body);
}

const isUrl = (source: string) => /^https?:\/\//i.test(source);

/**
 * The config drive from base64 text (gzip inside or not) or from an address (imaging 5.1).
 * @throws DeploymentError naming what is wrong; nothing was written
 */
export async function loadConfigDrive(
  ports: ImagePorts,
  source: string,
  settings: ImageSettings,
  signal: AbortSignal,
): Promise<DriveContent> {
  if (!isUrl(source)) {
    const bytes = base64Bytes(source);
    if (bytes === null) throw DeploymentFailed('the config drive is neither base64 text nor an http(s) address');
    return unpacked(bytes);
  }
  const url = URL.canParse(source) ? new URL(source) : null;
  if (url === null) throw DeploymentFailed('the address of the config drive cannot be parsed');
  const access = { id: 'config drive', settings, authorization: null, proxyFor: environmentProxy(settings.proxies) };
  return fromDocument(await fetchDocument(ports, access, { url, maxBytes: MAX_TEXT_BYTES }, signal));
}
