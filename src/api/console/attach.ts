import type { Clock } from '../../core/index.ts';
import type { Hub, HubSnapshot } from '../../runtime/index.ts';
import { renderScreen } from './screen.ts';

/** Progress alone is not worth more lines than this on a slow serial line. */
const PROGRESS_EVERY_MS = 5_000;

export interface ConsolePorts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly write?: (text: string) => void;
}

/** Everything but progress: a change here is shown at once. */
const gist = ({ command, ...rest }: HubSnapshot): string => JSON.stringify({ ...rest, command: command?.id ?? null });

/**
 * Prints the lines of the status screen that have changed, without any cursor control, so that it reads well on a VT,
 * a serial line and in a file. The returned function ends that.
 */
export function attachConsole(hub: Hub, { clock, write = standardOutput() }: ConsolePorts): () => void {
  let shown: readonly string[] = [];
  let shownGist = '';
  let printedAt = Number.NEGATIVE_INFINITY;
  const show = (snapshot: HubSnapshot) => {
    const isNews = gist(snapshot) !== shownGist;
    if (!isNews && clock.monotonic() - printedAt < PROGRESS_EVERY_MS) return;
    const lines = renderScreen(snapshot);
    const fresh = lines.filter((line) => !shown.includes(line));
    shown = lines;
    shownGist = gist(snapshot);
    printedAt = clock.monotonic();
    if (fresh.length > 0) write(`${fresh.join('\n')}\n`);
  };
  show(hub.snapshot());
  return hub.subscribe(show);
}

/** A line that it cannot take, a full device or a pipe that nobody reads, is lost, the agent is not. */
function standardOutput(): (text: string) => void {
  process.stdout.on('error', () => undefined);
  return (text) => void process.stdout.write(text);
}
