/** What `lstat` says about the place, and what lies in it. */
export interface Found {
  readonly kind: 'dir' | 'link' | 'other';
  readonly uid: number;
  /** Permission bits only. */
  readonly mode: number;
  /** Names in it that the caller does not know as its own. */
  readonly strange: readonly string[];
}

export type Verdict =
  | { readonly kind: 'make' | 'use' }
  /** Narrow the permissions; `empty`: others could write there, so nothing in it can be trusted. */
  | { readonly kind: 'repair'; readonly empty: boolean; readonly why: string }
  | { readonly kind: 'refuse'; readonly why: string };

const octal = (mode: number) => `0${mode.toString(8)}`;

/**
 * May secrets be kept there? Repaired is only what is certainly ours: a wrong setting must never change the permissions
 * of `/etc` or `/tmp`.
 */
export function judge(found: Found | null, ownUid: number): Verdict {
  if (found === null) return { kind: 'make' };
  const { kind, uid, mode, strange } = found;
  if (kind === 'link') return { kind: 'refuse', why: 'it is a symbolic link' };
  if (kind !== 'dir') return { kind: 'refuse', why: 'it is not a directory' };
  if (uid !== ownUid) return { kind: 'refuse', why: `it belongs to user ${uid}` };
  if ((mode & 0o077) === 0 && (mode & 0o700) === 0o700) return { kind: 'use' };
  if (strange.length > 0)
    return { kind: 'refuse', why: `its mode is ${octal(mode)} and it holds other things, ${strange[0]} for one` };
  return { kind: 'repair', empty: (mode & 0o022) !== 0, why: `its mode was ${octal(mode)}` };
}
