/** What a lab run tells the outside while it happens: data for the display, the report and the tests. */
export type LabEvent =
  | { readonly type: 'stage'; readonly id: string; readonly title: string; readonly at: number }
  | {
      readonly type: 'end';
      readonly id: string;
      readonly at: number;
      readonly failed?: string;
      readonly detail?: string;
    }
  | { readonly type: 'note'; readonly text: string; readonly at: number }
  | {
      readonly type: 'progress';
      readonly done: number;
      readonly total: number | null;
      readonly unit: 'bytes' | 'items';
      readonly at: number;
    };

export interface Timeline {
  /** Opens a stage; an open one is closed first. */
  stage(id: string, title: string): void;
  /** Closes the open stage; nothing happens when none is open. */
  end(detail?: string): void;
  fail(reason: string): void;
  note(text: string): void;
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void;
}

/** Events go to `emit` in order; `at` is milliseconds of the wall clock. */
export function createTimeline(emit: (event: LabEvent) => void, now: () => number): Timeline {
  let open: string | null = null;
  const close = (extra: { readonly failed?: string; readonly detail?: string }) => {
    if (open === null) return;
    emit({ type: 'end', id: open, at: now(), ...extra });
    open = null;
  };
  return {
    stage: (id, title) => {
      if (open === id) return;
      close({});
      open = id;
      emit({ type: 'stage', id, title, at: now() });
    },
    end: (detail) => close(detail === undefined ? {} : { detail }),
    fail: (reason) => close({ failed: reason }),
    note: (text) => emit({ type: 'note', text, at: now() }),
    progress: (done, total, unit) => emit({ type: 'progress', done, total, unit, at: now() }),
  };
}
