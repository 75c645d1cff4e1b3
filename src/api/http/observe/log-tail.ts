import type { RecentLines } from '../../../runtime/index.ts';
import { TooManyReaders } from '../errors.ts';

const KiB = 1024;
/** What a reader may be behind; one that is slower loses lines and is told so. */
const MAX_BEHIND = 256 * KiB;

/** Each may hold `MAX_BEHIND`, and each line is cleaned for each. */
const MAX_FOLLOWERS = 16;

/** Where new lines wait for the reader. */
function createQueue() {
  const lines: string[] = [];
  let size = 0;
  let lost = 0;
  return {
    push: (line: string) => {
      if (size + line.length > MAX_BEHIND) {
        lost += 1;
        return;
      }
      lines.push(line);
      size += line.length;
    },
    /** Everything that waits, as one text. */
    take: (): string => {
      const gap = lost === 0 ? '' : `... ${lost} lines are left out: they came faster than they were read\n`;
      size = 0;
      lost = 0;
      return lines.splice(0).join('') + gap;
    },
  };
}

/**
 * The last `count` lines and then each new one, until `signal` aborts. Holds a bounded amount for a slow reader.
 * @throws TooManyReaders
 */
export function followLog(source: RecentLines, count: number, signal: AbortSignal): AsyncGenerator<string> {
  if (source.listeners() < MAX_FOLLOWERS) return follow(source, count, signal);
  throw TooManyReaders(`${MAX_FOLLOWERS} clients follow the log already; read it without follow=true, or end one`);
}

async function* follow(source: RecentLines, count: number, signal: AbortSignal): AsyncGenerator<string> {
  const queue = createQueue();
  for (const line of source.last(count)) queue.push(line);
  let news = Promise.withResolvers<void>();
  const wake = () => news.resolve();
  const deaf = source.listen((line) => {
    queue.push(line);
    wake();
  });
  signal.addEventListener('abort', wake, { once: true });
  try {
    while (!signal.aborted) {
      const text = queue.take();
      if (text !== '') yield text;
      await news.promise;
      news = Promise.withResolvers();
    }
  } finally {
    deaf();
    signal.removeEventListener('abort', wake);
  }
}
