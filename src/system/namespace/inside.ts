import type { Files } from '../files.ts';

const MAX_LINKS = 40;

/**
 * Where `path` leads inside `root` for one who cannot leave it: links are followed as after a change of root, absolute
 * ones start at `root`, and `..` ends there. For file systems that came in an image, whose links would lead a plain path
 * into the ramdisk. Right only while nobody changes the links. The last part need not exist.
 * @returns the path with `root` in front and without any link; null when there are too many links
 */
export async function insideRoot(files: Pick<Files, 'link'>, root: string, path: string): Promise<string | null> {
  const ahead = path.split('/');
  const at: string[] = [];
  for (let links = 0; links <= MAX_LINKS; ) {
    const part = ahead.shift();
    if (part === undefined) return [root, ...at].join('/');
    if (part === '' || part === '.') continue;
    if (part === '..') {
      at.pop();
      continue;
    }
    const target = await files.link([root, ...at, part].join('/'));
    if (target === null) {
      at.push(part);
      continue;
    }
    links += 1;
    if (target.startsWith('/')) at.length = 0;
    ahead.unshift(...target.split('/'));
  }
  return null;
}
