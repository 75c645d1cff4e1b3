import { type Clock, type Log, reasonOf } from '../../core/index.ts';
import type { Diagnosis, Exchange, TalkWatch } from '../../ironic/index.ts';
import type { Hub } from '../hub.ts';
import { type Trouble, type Verdict, verdictOf } from './verdict.ts';

/** One failure is nothing yet. */
const SUSPICIOUS = 2;
/** The same reason is looked at again after this, another reason after the shorter time. */
const LOOK_AGAIN_MS = 180_000;
const LEAST_GAP_MS = 20_000;
/** A verdict that stays goes into the log this often. */
const SAY_AGAIN_MS = 300_000;

export interface DoctorOptions {
  readonly ports: { readonly clock: Clock; readonly log: Log };
  readonly hub: Pick<Hub, 'learn'>;
  /** Looks at the way to the servers of the exchange. */
  readonly examine: (exchange: Exchange, signal: AbortSignal) => Promise<readonly Diagnosis[]>;
}

/**
 * Watches the talk with the conductor. When it fails again and again, the agent tests its own path and says in one line
 * what is wrong and what to do: on the screen, in the log and in the status document.
 */
export interface Doctor extends TalkWatch {
  /** Ends an examination under way; nothing is reported after that. */
  close(): void;
}

interface Look {
  readonly at: number;
  readonly why: string;
}

class PathDoctor implements Doctor {
  readonly #options: DoctorOptions;
  readonly #abort = new AbortController();
  #failures = 0;
  #trouble: Trouble | null = null;
  #looking = false;
  #lastLook: Look | null = null;
  #said: { readonly text: string; readonly at: number } | null = null;

  constructor(options: DoctorOptions) {
    this.#options = options;
  }

  failed(exchange: Exchange, why: string): void {
    this.#failures += 1;
    this.#trouble = { exchange, why };
    if (this.#isDue(why)) void this.#look({ exchange, why });
  }

  succeeded(): void {
    this.#failures = 0;
    this.#trouble = null;
    this.#lastLook = null;
    if (this.#said === null) return;
    this.#options.ports.log.info('diagnosis.cleared', { was: this.#said.text });
    this.#said = null;
    this.#options.hub.learn({ diagnosis: null });
  }

  close(): void {
    this.#abort.abort(new Error('the agent ends'));
  }

  #isDue(why: string): boolean {
    if (this.#failures < SUSPICIOUS || this.#looking || this.#abort.signal.aborted) return false;
    if (this.#lastLook === null) return true;
    const age = this.#options.ports.clock.monotonic() - this.#lastLook.at;
    return age >= (this.#lastLook.why === why ? LOOK_AGAIN_MS : LEAST_GAP_MS);
  }

  async #look({ exchange, why }: Trouble): Promise<void> {
    const { ports, examine } = this.#options;
    this.#looking = true;
    this.#lastLook = { at: ports.clock.monotonic(), why };
    try {
      const seen = await examine(exchange, this.#abort.signal);
      // What failed meanwhile is the fresher reason; a success meanwhile ends the matter.
      if (this.#trouble !== null) this.#say(verdictOf(this.#trouble, seen), seen);
    } catch (error) {
      if (!this.#abort.signal.aborted) ports.log.warn('diagnosis.failed', { why: reasonOf(error) });
    } finally {
      this.#looking = false;
    }
  }

  #say({ text, finding }: Verdict, seen: readonly Diagnosis[]): void {
    const { ports, hub } = this.#options;
    const now = ports.clock.monotonic();
    const isNews = this.#said?.text !== text;
    if (!isNews && now - (this.#said?.at ?? 0) < SAY_AGAIN_MS) return;
    const checks = seen.flatMap(({ url, checks: all }) =>
      all.map((check) => `${url} ${check.name} ${check.ok ? 'ok' : 'FAILED'}: ${check.text}`),
    );
    ports.log.warn('diagnosis', { verdict: text, finding: finding.kind, checks });
    this.#said = { text, at: now };
    if (isNews) hub.learn({ diagnosis: { verdict: text, finding: finding.kind, since: ports.clock.now() } });
  }
}

export function createDoctor(options: DoctorOptions): Doctor {
  return new PathDoctor(options);
}
