import { PathRefused } from '../errors.ts';

/** What a name in a folder is, links not followed. `D` is an open folder, `F` what is known of a file. */
export type Found<D, F> =
  | { readonly kind: 'dir'; readonly dir: D }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'file'; readonly file: F }
  | { readonly kind: 'other' };

/** Folders that can be entered by one name at a time; nothing else leads anywhere. */
export interface Folders<D, F> {
  readonly root: D;
  look(dir: D, name: string): Promise<Found<D, F> | null>;
  /** Gives back a folder from `look` or `make`. */
  leave(dir: D): Promise<void>;
}

/** Where a path ends: a name in a folder. Null name: at a folder itself. */
export interface Place<D, F> {
  readonly dir: D;
  readonly name: string | null;
  /** Null: there is nothing of that name. */
  readonly found: Exclude<Found<D, F>, { kind: 'dir' }> | null;
}

export interface WalkOptions<D> {
  /** A link at the very end is followed too. */
  readonly followLast: boolean;
  /** Makes a folder that the path names and that is not there; `last` when the path ends in it. Without it such a path leads nowhere. */
  readonly make?: (dir: D, name: string, last: boolean) => Promise<D>;
}

/** As the kernel. */
const MAX_LINKS = 40;
const MAX_DEPTH = 128;

interface Word {
  readonly name: string;
  /** From the path itself, not from a link. */
  readonly asked: boolean;
}

/** A path that ends in `/` or `/.` is that of a folder: the dot stays, so that a file before it is noticed. */
function wordsOf(path: string, asked: boolean): readonly Word[] {
  const names = path.split('/');
  const words = names.filter((name) => name !== '' && name !== '.');
  const isFolder = ['', '.'].includes(names.at(-1) ?? '');
  return [...words, ...(isFolder ? ['.'] : [])].map((name) => ({ name, asked }));
}

/** A name that cannot be written as text would be looked up, or created, as another one. */
function linkWords(target: string, path: string): readonly Word[] {
  if (target.includes('\uFFFD')) throw PathRefused(`${path} leads over a link whose name is not UTF-8`);
  return wordsOf(target, false);
}

/**
 * Follows a path name by name, as a process sees it whose root this tree is: links start at the root of the tree when
 * they are absolute, and `..` at the root stays there. Nothing ever resolves a path of more than one name, so nothing in
 * the tree leads out of it. Null: a folder on the way is absent. `use` may use the place; it is closed afterwards.
 * @throws PathRefused for a file where a folder is needed, for links in a circle, for a link to nothing where a folder had to be made
 */
export async function walk<D, F, T>(
  folders: Folders<D, F>,
  path: string,
  { followLast, make }: WalkOptions<D>,
  use: (place: Place<D, F> | null) => Promise<T>,
): Promise<T> {
  const stack: D[] = [];
  const queue = [...wordsOf(path, true)];
  let links = 0;
  const here = () => stack.at(-1) ?? folders.root;
  const up = async () => {
    const dir = stack.pop();
    if (dir !== undefined) await folders.leave(dir);
  };
  const enter = (dir: D) => {
    stack.push(dir);
    if (stack.length > MAX_DEPTH) throw PathRefused(`${path} leads through more than ${MAX_DEPTH} folders`);
  };
  try {
    for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
      if (word.name === '..') await up();
      if (word.name === '..' || word.name === '.') continue;
      const found = await folders.look(here(), word.name);
      const last = queue.length === 0;
      if (found?.kind === 'dir') enter(found.dir);
      else if (found?.kind === 'link' && (!last || followLast)) {
        links += 1;
        if (links > MAX_LINKS) throw PathRefused(`${path} leads through more than ${MAX_LINKS} links`);
        if (found.target.startsWith('/')) while (stack.length > 0) await up();
        queue.unshift(...linkWords(found.target, path));
      } else if (last) return await use({ dir: here(), name: word.name, found });
      else if (found !== null) throw PathRefused(`${path} leads through ${word.name}, which is not a folder`);
      else if (make === undefined) return await use(null);
      else if (!word.asked) throw PathRefused(`${path} leads over a link to nothing: there is no folder ${word.name}`);
      else enter(await make(here(), word.name, queue.length === 1));
    }
    return await use({ dir: here(), name: null, found: null });
  } finally {
    while (stack.length > 0) await up();
  }
}
