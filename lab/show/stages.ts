import type { LabEvent } from '../timeline/index.ts';

export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'items';
  /** Per second over the last few seconds; null until known. */
  readonly rate: number | null;
}

export interface Stage {
  readonly id: string;
  readonly title: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly failed: string | null;
  readonly detail: string | null;
  readonly progress: Progress | null;
}

export interface View {
  readonly stages: readonly Stage[];
  readonly note: string | null;
  readonly samples: readonly { readonly at: number; readonly done: number }[];
}

export const emptyView: View = { stages: [], note: null, samples: [] };

const WINDOW_MS = 5_000;

function replaceLast(view: View, change: (stage: Stage) => Stage): readonly Stage[] {
  const last = view.stages.at(-1);
  return last === undefined ? view.stages : [...view.stages.slice(0, -1), change(last)];
}

function withProgress(view: View, event: Extract<LabEvent, { type: 'progress' }>): View {
  // A smaller number than before begins something new: its rate starts anew.
  const before = view.samples.at(-1);
  const kept = before !== undefined && before.done > event.done ? [] : view.samples;
  const samples = [...kept.filter((s) => event.at - s.at <= WINDOW_MS), { at: event.at, done: event.done }];
  const first = samples[0];
  const seconds = first === undefined ? 0 : (event.at - first.at) / 1000;
  const rate = first === undefined || seconds < 0.5 ? null : (event.done - first.done) / seconds;
  const progress = { done: event.done, total: event.total, unit: event.unit, rate };
  const stages = replaceLast(view, (stage) => (stage.endedAt === null ? { ...stage, progress } : stage));
  return { ...view, stages, samples };
}

/** What is to be shown after one more event. */
export function applyEvent(view: View, event: LabEvent): View {
  if (event.type === 'note') return { ...view, note: event.text };
  if (event.type === 'progress') return withProgress(view, event);
  if (event.type === 'end') {
    const end = { endedAt: event.at, failed: event.failed ?? null, detail: event.detail ?? null };
    return { ...view, stages: replaceLast(view, (stage) => ({ ...stage, ...end })), note: null, samples: [] };
  }
  const stage: Stage = {
    id: event.id,
    title: event.title,
    startedAt: event.at,
    endedAt: null,
    failed: null,
    detail: null,
    progress: null,
  };
  return { stages: [...view.stages, stage], note: null, samples: [] };
}
