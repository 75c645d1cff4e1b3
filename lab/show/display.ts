import { formatDuration } from '../../src/core/index.ts';
import type { LabEvent } from '../timeline/index.ts';
import { applyEvent, emptyView, type Stage, type View } from './stages.ts';
import { elapsed, progressText, stageLine } from './text.ts';

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Display {
  event(event: LabEvent): void;
  stages(): readonly Stage[];
  /** Nothing is drawn any more; the last state stays on the screen. */
  end(): void;
}

const REDRAW_MS = 250;
const PLAIN_PROGRESS_MS = 10_000;
const UP_AND_CLEAR = '\u001b[1A\u001b[2K';

interface Clock {
  now(): number;
}

/** Redraws the open stage and its note in place; finished stages scroll away above. */
function liveDisplay(screen: Screen, clock: Clock): Display {
  const state: { view: View; drawn: number; printed: number } = { view: emptyView, drawn: 0, printed: 0 };
  const draw = () => {
    const { stages, note } = state.view;
    // A terminal that does not know its size says 0.
    const width = screen.columns || 80;
    const finished = stages.slice(state.printed).filter((stage) => stage.endedAt !== null);
    const open = stages.filter((stage) => stage.endedAt === null).map((stage) => stageLine(stage, clock.now(), width));
    const below = open.length > 0 && note !== null ? [`    ${note}`.slice(0, width - 1)] : [];
    const lines = [...finished.map((stage) => stageLine(stage, clock.now(), width)), ...open, ...below];
    screen.write(UP_AND_CLEAR.repeat(state.drawn) + lines.map((line) => `${line}\n`).join(''));
    state.printed += finished.length;
    state.drawn = open.length + below.length;
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    stages: () => state.view.stages,
    event: (event) => {
      state.view = applyEvent(state.view, event);
      if (event.type !== 'progress') draw();
    },
    end: () => {
      clearInterval(timer);
      draw();
    },
  };
}

/** One line per event, for logs and pipes. */
function plainDisplay(screen: Screen, clock: Clock): Display {
  const born = clock.now();
  const state: { view: View; saidAt: number } = { view: emptyView, saidAt: 0 };
  const say = (text: string) => screen.write(`[${formatDuration(clock.now() - born).padStart(7)}] ${text}\n`);
  const tell = (event: LabEvent) => {
    const stage = state.view.stages.at(-1);
    if (stage === undefined) return;
    if (event.type === 'stage') say(`${stage.title} ...`);
    if (event.type === 'note') say(`  ${event.text}`);
    if (event.type === 'end') say(`${stage.title}: ${stage.failed ?? `done in ${elapsed(stage, event.at)}`}`);
    if (event.type === 'progress' && stage.progress !== null && event.at - state.saidAt >= PLAIN_PROGRESS_MS) {
      state.saidAt = event.at;
      say(`  ${progressText(stage.progress)}`);
    }
  };
  return {
    stages: () => state.view.stages,
    event: (event) => {
      state.view = applyEvent(state.view, event);
      tell(event);
    },
    end: () => undefined,
  };
}

export const createDisplay = (screen: Screen, clock: Clock): Display =>
  screen.isTTY === true ? liveDisplay(screen, clock) : plainDisplay(screen, clock);
